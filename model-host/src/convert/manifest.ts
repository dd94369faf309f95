/** The description of a converted model: what the run needs to know, and what its files must look like. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { PaliGemmaConfig } from '../checkpoint/config';
import { HostError } from '../contract/errors';
import type { AttentionMode, WeightType } from '../contract/paligemma';

/** Raised whenever graphs or files change their meaning; folders of another version are converted anew. */
export const FORMAT_VERSION = 3;
export const MANIFEST_FILE = 'manifest.json';
export const TOKENIZER_FILE = 'tokenizer.bin';

export interface Manifest {
  readonly formatVersion: number;
  /** Name of the checkpoint, its folder's name unless that says nothing. */
  readonly name: string;
  readonly source: { readonly path: string; readonly fingerprint: string };
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly config: PaliGemmaConfig;
  readonly vocabularySize: number;
  /** Graphs of the vision tower in the order in which they run. */
  readonly visionFiles: readonly string[];
  /** Decoder graphs in the order in which they run. */
  readonly groups: readonly ManifestGroup[];
  /** File name of the mask decoder, where the checkpoint brought one. */
  readonly maskDecoder?: string;
  readonly files: readonly ManifestFile[];
  /** Sum over `files`. */
  readonly bytes: number;
}

export interface ManifestGroup {
  readonly file: string;
  readonly firstLayer: number;
  readonly endLayer: number;
  /** For a prefill in pieces, where a single layer is too much work for one native run: the graph of its keys and values, and the positions of one piece. */
  readonly pieces?: { readonly keysFile: string; readonly positions: number };
}

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the contents, hexadecimal. */
  readonly sha256: string;
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
    if (path.basename(file.name) !== file.name) throw corrupt(folder, `it names a file outside of the folder, ${JSON.stringify(file.name)}`);
    const size = await stat(path.join(folder, file.name)).then(entry => entry.size, () => -1);
    if (size !== file.bytes) throw corrupt(folder, size < 0 ? `${file.name} is missing` : `${file.name} has ${size} bytes instead of ${file.bytes}`);
  }
  return manifest;
}

function parseManifest(text: string, folder: string): Manifest | undefined {
  let value: Partial<Manifest>;
  try {
    value = JSON.parse(text) as Partial<Manifest>;
  } catch (error) {
    throw corrupt(folder, 'its manifest.json is not valid JSON', error);
  }
  if (value.formatVersion === undefined || value.formatVersion !== FORMAT_VERSION) return undefined;
  const isWhole = Array.isArray(value.files) && Array.isArray(value.groups) && Array.isArray(value.visionFiles) && typeof value.config === 'object' && typeof value.name === 'string';
  if (!isWhole) throw corrupt(folder, 'its manifest.json is incomplete');
  return value as Manifest;
}

function corrupt(folder: string, complaint: string, cause?: unknown): HostError {
  return new HostError('convertedModelCorrupt', `The converted model in ${folder} is damaged: ${complaint}. Delete the folder and run again; it will be converted anew.`, { cause });
}
