/** Finds the converted form of a model, or makes it. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AttentionMode, WeightType } from '../contract/paligemma';
import type { ModelSpec } from '../contract/protocol';
import { HostError } from '../contract/errors';
import { convertCheckpoint } from './convert';
import { FORMAT_VERSION, MANIFEST_FILE, readManifest, type Manifest } from './manifest';
import { writeFailure } from './writeFailure';

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
 * was done before. The key covers the checkpoint's files by name, size and time, so a changed checkpoint is converted anew.
 * @throws HostError of the model and cache kinds; AbortError.
 */
export async function convertedModel(spec: ModelSpec, cachePath: string, hooks: ConvertHooks): Promise<ConvertedModel> {
  const source = await realpath(spec.path).catch((error: unknown) => {
    throw new HostError('modelMissing', `There is no model folder ${spec.path}. Give the folder of a PaliGemma 2 checkpoint, or a name that "paligemma models list" shows.`, { cause: error });
  });
  const own = await openConverted(source);
  if (own !== undefined) return own;
  const fingerprint = await fingerprintOf(source, spec);
  const folder = path.join(cachePath, 'converted', cacheName(path.basename(source), spec, fingerprint));
  const known = await cachedModel(folder, hooks.onNote);
  if (known !== undefined) return known;
  await mkdir(path.dirname(folder), { recursive: true }).catch((error: unknown) => { throw writeFailure(folder, error); });
  await removeLeftovers(path.dirname(folder));
  const manifest = await convertCheckpoint({
    sourcePath: source, outPath: folder, name: path.basename(source), fingerprint,
    weights: spec.weights, attention: spec.attention,
    ...(spec.adapterPath === undefined ? {} : { adapterPath: spec.adapterPath }),
    onProgress: hooks.onProgress,
  }, hooks.signal);
  return { folder, manifest };
}

/** A folder with a manifest of ours, whoever made it. */
async function openConverted(folder: string): Promise<ConvertedModel | undefined> {
  const hasManifest = await stat(path.join(folder, MANIFEST_FILE)).then(() => true, () => false);
  if (!hasManifest) return undefined;
  const manifest = await readManifest(folder);
  if (manifest === undefined) throw new HostError('convertedModelCorrupt', `${folder} was converted by another version of this program. Convert the checkpoint again.`);
  return { folder, manifest };
}

/** What the cache holds is ours to repair: a damaged or outdated folder is removed and made again. */
async function cachedModel(folder: string, onNote: (note: string) => void): Promise<ConvertedModel | undefined> {
  try {
    const manifest = await readManifest(folder);
    if (manifest !== undefined) return { folder, manifest };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    onNote(`${error.message} It is converted anew now.`);
  }
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => { throw writeFailure(folder, error); });
  return undefined;
}

/** Conversions of processes that no longer live. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = /\.partial-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function cacheName(name: string, { weights, attention }: { readonly weights: WeightType; readonly attention: AttentionMode }, fingerprint: string): string {
  const readable = name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60);
  return [readable, weights, ...(attention === 'sliding' ? ['sliding'] : []), fingerprint.slice(0, 12)].join('-');
}

/** Names, sizes and times of every file that a conversion reads. */
async function fingerprintOf(source: string, spec: ModelSpec): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT_VERSION, source, spec.weights, spec.attention]));
  for (const folder of [source, ...(spec.adapterPath === undefined ? [] : [spec.adapterPath])]) {
    const names = (await readdir(folder).catch((): string[] => [])).filter(name => /\.(json|safetensors|npz)$/.test(name)).sort();
    for (const name of names) {
      // A link that leads nowhere has none; whoever needs the file says so.
      const info = await stat(path.join(folder, name)).catch(() => undefined);
      hash.update(JSON.stringify([name, info?.size, info?.mtimeMs]));
    }
  }
  return hash.digest('hex');
}
