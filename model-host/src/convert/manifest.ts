/** The description of a converted model: what the run needs to know, and what its files must look like. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PaliGemmaConfig } from '../checkpoint/config';
import { HostError } from '../contract/errors';
import type { AttentionMode, WeightType } from '../contract/paligemma';

/** Raised whenever graphs or files change their meaning; folders of another version are converted anew. */
export const FORMAT_VERSION = 3;
export const MANIFEST_FILE = 'manifest.json';
export const TOKENIZER_FILE = 'tokenizer.bin';
export const VISION_FILE = 'vision.onnx';

export interface Manifest {
  readonly formatVersion: number;
  /** Name of the checkpoint, its folder's name unless that says nothing. */
  readonly name: string;
  readonly source: { readonly path: string; readonly adapterPath?: string; readonly fingerprint: string };
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly config: PaliGemmaConfig;
  readonly vocabularySize: number;
  /** Decoder graphs in the order in which they run. */
  readonly groups: readonly ManifestGroup[];
  /** File name of the mask decoder, where the checkpoint brought one. */
  readonly maskDecoder?: string;
  readonly files: readonly ManifestFile[];
  /** Sum over `files`. */
  readonly bytes: number;
  /** See {@link digestOf}: shows that nothing in the manifest itself was changed. */
  readonly digest: string;
}

export interface ManifestGroup {
  readonly file: string;
  readonly firstLayer: number;
  readonly endLayer: number;
}

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the contents, hexadecimal. */
  readonly sha256: string;
}

/** SHA-256 over everything else in the manifest, hexadecimal. */
export function digestOf({ digest: _, ...rest }: Partial<Manifest>): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/**
 * Reads the manifest of a converted folder and checks that its files are there in full length.
 * @returns undefined where the folder has no manifest of this version.
 * @throws HostError convertedModelCorrupt when the manifest cannot be trusted or a file is missing or too short.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(folder, MANIFEST_FILE), 'utf8');
  } catch {
    return undefined;
  }
  const manifest = parseManifest(text, folder);
  if (manifest === undefined) return undefined;
  for (const file of manifest.files) {
    if (path.basename(file.name) !== file.name) throw corruptModel(folder, `it names a file outside of the folder, ${JSON.stringify(file.name)}`);
    const size = await stat(path.join(folder, file.name)).then(entry => entry.size, () => -1);
    if (size !== file.bytes) throw corruptModel(folder, size < 0 ? `${file.name} is missing` : `${file.name} has ${size} bytes instead of ${file.bytes}`);
  }
  return manifest;
}

function parseManifest(text: string, folder: string): Manifest | undefined {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null;
  } catch (error) {
    throw corruptModel(folder, 'its manifest.json is not valid JSON', error);
  }
  if (value?.formatVersion !== FORMAT_VERSION) return undefined;
  const isWhole = Array.isArray(value.files) && Array.isArray(value.groups) && typeof value.config === 'object' && typeof value.name === 'string';
  if (!isWhole) throw corruptModel(folder, 'its manifest.json is incomplete');
  if (digestOf(value) !== value.digest) throw corruptModel(folder, 'its manifest.json was changed');
  return value as Manifest;
}

export function corruptModel(folder: string, complaint: string, cause?: unknown): HostError {
  return new HostError('convertedModelCorrupt', `The converted model in ${folder} is damaged: ${complaint}. Delete the folder and run again; it will be converted anew.`, { cause });
}
