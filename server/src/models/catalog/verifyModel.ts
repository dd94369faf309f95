/** Reads every byte of a model and compares it with the hashes that are known of it. */
import { readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { parseShallow } from '../../../../paligemma/src/shallowJson';
import { readPlainFile } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import type { CachedConversion, CatalogModel } from './catalog';
import { hashFor, readInto } from '../download/digests';
import { readRecord } from '../folders/downloadRecord';
import type { Digest } from '../folders/hubFile';
import { GRAPHS_FOLDER } from '../folders/onnxGraphs';

/** `unknown`: nothing is recorded to compare with, as for a folder that the user made. */
export type FileStatus = 'ok' | 'damaged' | 'missing' | 'unknown';

export interface VerifiedFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly status: FileStatus;
}

/** Bytes: as many as the host reads. */
const LONGEST_MANIFEST = 16 << 20;

interface Expected {
  readonly path: string;
  readonly bytes?: number | undefined;
  readonly digest: Digest | undefined;
}

/** @throws CancelledError. A file that cannot be read counts as damaged. */
export async function verifyModel(
  { model, conversions }: { readonly model: CatalogModel; readonly conversions: readonly CachedConversion[] },
  onProgress: (doneBytes: number, totalBytes: number) => void,
  token: CancellationToken,
): Promise<readonly VerifiedFile[]> {
  const expected =
    (await Promise.all([filesOf(model), ...conversions.map(conversion => filesOfManifest(conversion.path))])).flat();
  const sizes = await Promise.all(expected.map(async file => (await stat(file.path).catch(() => undefined))?.size));
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let done = 0;
  const verified: VerifiedFile[] = [];
  for (const [index, file] of expected.entries()) {
    throwIfCancelled(token);
    const bytes = sizes[index];
    const status = bytes === undefined
      ? 'missing'
      : await statusOf(file, bytes, read => onProgress(done += read, total), token);
    verified.push({ path: file.path, bytes: bytes ?? 0, status });
  }
  return verified;
}

async function statusOf(
  { path: file, bytes: wanted, digest }: Expected,
  bytes: number,
  onBytes: (bytes: number) => void,
  token: CancellationToken,
): Promise<FileStatus> {
  if (wanted !== undefined && wanted !== bytes) return 'damaged';
  if (digest === undefined) return 'unknown';
  try {
    const hash = hashFor(digest.algorithm, bytes);
    await readInto([hash], file, token, onBytes);
    return hash.digest('hex') === digest.hex ? 'ok' : 'damaged';
  } catch (error) {
    throwIfCancelled(token);
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return 'damaged';
  }
}

async function filesOf({ path: folder, origin, conversion }: CatalogModel): Promise<readonly Expected[]> {
  if (conversion !== undefined) return filesOfManifest(folder);
  const record = await readRecord(folder);
  if (record !== undefined) {
    return record.files.map(({ name, bytes, sha256 }) => ({
      path: path.join(folder, name),
      bytes,
      digest: { algorithm: 'sha256', hex: sha256 },
    }));
  }
  const graphs = (await readdir(path.join(folder, GRAPHS_FOLDER)).catch(() => [])).map(name =>
    path.join(GRAPHS_FOLDER, name)
  );
  const names = [...(await readdir(folder).catch(() => [])), ...graphs].filter(name =>
    /\.(json|safetensors|npz|onnx|onnx_data\w*)$/.test(name)
  ).sort();
  return Promise.all(
    names.map(async name => ({
      path: path.join(folder, name),
      digest: origin === 'huggingFaceCache' ? await digestOfLink(path.join(folder, name)) : undefined,
    })),
  );
}

/**
 * In Hugging Face's cache a file is a link to a blob that is called by its hash. Source: huggingface_hub, "Manage the
 * cache".
 */
async function digestOfLink(file: string): Promise<Digest | undefined> {
  const name = path.basename(await readlink(file).catch(() => ''));
  if (/^[0-9a-f]{64}$/.test(name)) return { algorithm: 'sha256', hex: name };
  return /^[0-9a-f]{40}$/.test(name) ? { algorithm: 'gitSha1', hex: name } : undefined;
}

/** A manifest that cannot be read promises nothing, and is itself damaged. */
async function filesOfManifest(folder: string): Promise<readonly Expected[]> {
  const manifestPath = path.join(folder, 'manifest.json');
  try {
    const { files } = parseShallow((await readPlainFile(manifestPath, LONGEST_MANIFEST)).toString('utf8')) as {
      readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
    };
    return files.map(({ name, bytes, sha256 }) => ({
      path: path.join(folder, path.basename(name)),
      bytes,
      digest: { algorithm: 'sha256', hex: sha256 },
    }));
  } catch {
    return [{ path: manifestPath, bytes: -1, digest: undefined }];
  }
}
