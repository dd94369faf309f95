/** Finds the converted form of a model, or makes it. */
import * as l10n from '@vscode/l10n';
import { realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AttentionMode, WeightType } from '../../../paligemma/src/facts';
import { makeFolder } from '../../../system/src/makeFolder';
import type { ModelSpec } from '../contract/protocol';
import { Failure } from '../../../paligemma/src/failures';
import { checkFiles, rememberChecked } from './checkedFiles';
import { convertCheckpoint } from './convert';
import { fingerprintOf } from './fingerprint';
import { MANIFEST_FILE, readManifest, type Manifest } from '../manifest/manifest';
import { tidyConverted } from './tidyConverted';
import { writeFailure } from '../util/writeFailure';

export interface ConvertedModel {
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface ConvertHooks {
  readonly signal: AbortSignal;
  /** Bytes of weights read, of all; not called when nothing has to be converted. */
  readonly onProgress: (done: number, total: number) => void;
  readonly onNote: (note: string) => void;
}

/**
 * Opens a converted folder as it is; converts a checkpoint into `<cache>/converted/<name>-<weights>-<key>` unless that
 * was done before. The key covers the checkpoint's files by name, size and time, so a changed checkpoint is converted
 * anew. What is opened is what was converted: see {@link checkFiles}.
 * @throws Failure of the model and cache kinds; AbortError.
 */
export async function convertedModel(spec: ModelSpec, cachePath: string, hooks: ConvertHooks): Promise<ConvertedModel> {
  const source = await realpath(spec.path).catch((error: unknown) => {
    throw new Failure(
      'modelMissing',
      l10n.t(
        'There is no model folder {0}. Give the folder of a PaliGemma 2 checkpoint, or a name that “paligemma models list” shows.',
        spec.path,
      ),
      { cause: error },
    );
  });
  const own = await openConverted(source, cachePath, hooks.signal);
  if (own !== undefined) return own;
  const fingerprint = await fingerprintOf(source, spec);
  const folder = path.join(cachePath, 'converted', cacheName(path.basename(source), spec, fingerprint));
  const known = await cachedModel(folder, cachePath, hooks);
  if (known !== undefined) return known;
  await makeFolder(path.dirname(folder), 0o700).catch((error: unknown) => {
    throw writeFailure(folder, error);
  });
  await tidyConverted(cachePath);
  const manifest = await convertCheckpoint({
    sourcePath: source,
    outPath: folder,
    name: path.basename(source),
    fingerprint,
    weights: spec.weights,
    attention: spec.attention,
    ...(spec.adapterPath === undefined ? {} : { adapterPath: spec.adapterPath }),
    ...(spec.tokenizerPaths === undefined ? {} : { tokenizerPaths: spec.tokenizerPaths }),
    onProgress: hooks.onProgress,
  }, hooks.signal);
  // Its hashes were taken of what lies on the disk.
  await rememberChecked(folder, manifest, cachePath);
  return { folder, manifest };
}

/** A folder with a manifest of ours, whoever made it. */
async function openConverted(
  folder: string,
  cachePath: string,
  signal: AbortSignal,
): Promise<ConvertedModel | undefined> {
  const hasManifest = await stat(path.join(folder, MANIFEST_FILE)).then(() => true, () => false);
  if (!hasManifest) return undefined;
  const manifest = await readManifest(folder);
  if (manifest === undefined) {
    throw new Failure(
      'convertedModelCorrupt',
      l10n.t('{0} was converted by another version of this program. Convert the checkpoint again.', folder),
    );
  }
  await checkFiles(folder, manifest, cachePath, signal);
  return { folder, manifest };
}

/** What the cache holds is ours to repair: a damaged or outdated folder is removed and made again. */
async function cachedModel(
  folder: string,
  cachePath: string,
  { onNote, signal }: ConvertHooks,
): Promise<ConvertedModel | undefined> {
  try {
    const manifest = await readManifest(folder);
    if (manifest !== undefined) {
      await checkFiles(folder, manifest, cachePath, signal);
      return { folder, manifest };
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    onNote(`${error.message} ${l10n.t('It is being converted again.')}`);
  }
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw writeFailure(folder, error);
  });
  return undefined;
}

function cacheName(
  name: string,
  { weights, attention }: { readonly weights: WeightType; readonly attention: AttentionMode },
  fingerprint: string,
): string {
  const readable = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
  return [readable, weights, ...(attention === 'sliding' ? ['sliding'] : []), fingerprint.slice(0, 12)].join('-');
}
