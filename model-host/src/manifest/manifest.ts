/** The description of a converted model: what the run needs to know, and what its files must look like. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PaliGemmaConfig } from '../checkpoint/config';
import { parseShallow } from '../../../paligemma/src/shallowJson';
import { FileRefused, readPlainFile } from '../../../system/src/plainFile';
import { Failure } from '../../../paligemma/src/failures';
import type { AttentionMode, WeightType } from '../../../paligemma/src/facts';
import type { WeightForm } from '../../../paligemma/src/weightForms';
import { manifestFault } from './manifestChecks';

/** Written ones have a few kilobytes. */
export const MAX_MANIFEST_BYTES = 16 * 2 ** 20;

/** Raised whenever graphs or files change their meaning; folders of another version are converted anew. */
export const FORMAT_VERSION = 7;
export const MANIFEST_FILE = 'manifest.json';
export { TOKENIZER_FILE } from './manifestChecks';

export interface Manifest {
  readonly formatVersion: number;
  /** Name of the checkpoint, its folder's name unless that says nothing. */
  readonly name: string;
  readonly source: {
    readonly path: string;
    readonly adapterPath?: string;
    readonly fingerprint: string;
    /** How its weights were stored; absent for plain numbers in the form of transformers. */
    readonly form?: WeightForm;
  };
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly config: PaliGemmaConfig;
  readonly vocabularySize: number;
  /** Graphs of the vision tower in the order in which they run. */
  readonly visionFiles: readonly string[];
  /** Whether the tower's matrices are used as they are stored: then opening it packs nothing. */
  readonly isTowerMapped: boolean;
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
  /**
   * For a prefill in pieces, where a single layer is too much work for one native run: the graph of its keys and
   * values, and the positions of one piece.
   */
  readonly pieces?: { readonly keysFile: string; readonly positions: number };
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
 * @throws Failure convertedModelCorrupt when the manifest cannot be trusted or a file is missing or too short.
 */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = (await readPlainFile(path.join(folder, MANIFEST_FILE), MAX_MANIFEST_BYTES)).toString('utf8');
  } catch (error) {
    if (error instanceof FileRefused) throw corruptModel(folder, error.message, error);
    return undefined;
  }
  const manifest = parseManifest(text, folder);
  if (manifest === undefined) return undefined;
  for (const file of manifest.files) {
    const size = await stat(path.join(folder, file.name)).then(entry => entry.isFile() ? entry.size : -1, () => -1);
    if (size !== file.bytes) {
      throw corruptModel(
        folder,
        size < 0
          ? l10n.t('{0} is missing.', file.name)
          : l10n.t('{0} has {1} bytes instead of {2}.', file.name, size, file.bytes),
      );
    }
  }
  return manifest;
}

function parseManifest(text: string, folder: string): Manifest | undefined {
  let value: unknown;
  try {
    value = parseShallow(text);
  } catch (error) {
    throw corruptModel(folder, l10n.t('Its manifest.json is not valid JSON.'), error);
  }
  if (typeof value === 'object' && value !== null && (value as Partial<Manifest>).formatVersion !== FORMAT_VERSION) {
    return undefined;
  }
  const fault = manifestFault(value);
  if (fault !== undefined) throw corruptModel(folder, fault);
  if (digestOf(value as Manifest) !== (value as Manifest).digest) {
    throw corruptModel(folder, l10n.t('Its manifest.json was changed.'));
  }
  return value as Manifest;
}

/** @param complaint A sentence. */
export function corruptModel(folder: string, complaint: string, cause?: unknown): Failure {
  return new Failure(
    'convertedModelCorrupt',
    l10n.t(
      'The converted model in {0} is damaged. {1} Delete the folder and try again; it will be converted again.',
      folder,
      complaint,
    ),
    { cause },
  );
}
