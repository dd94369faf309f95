/** What a download leaves behind about itself, so that it can be named, verified and removed later. */
import path from 'node:path';
import { isRecord } from '../../../../paligemma/src/checks';
import { readPlainJson } from '../../../../system/src/plainFile';

/** Lies in the folder of the checkpoint. */
export const RECORD_FILE = 'paligemma-download.json';
/** Bytes: a line for each file of a checkpoint, of which there are a few dozen. */
const LONGEST_RECORD = 4 << 20;

export interface DownloadRecord {
  readonly formatVersion: 1;
  /** Repository. */
  readonly id: string;
  /** As asked for; `main` unless the user named one. */
  readonly revision: string;
  readonly commit: string;
  /** Origin of the server. */
  readonly endpoint: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** True once only the converted model was kept. */
  readonly isSourceDeleted?: boolean;
}

/** undefined where there is none, or none that can be understood. */
export async function readRecord(folder: string): Promise<DownloadRecord | undefined> {
  const value = await readPlainJson(path.join(folder, RECORD_FILE), LONGEST_RECORD);
  if (!isRecord(value)) return undefined;
  const { formatVersion, id, revision, commit, files } = value;
  const hasNames = formatVersion === 1 && [id, revision, commit].every(name => typeof name === 'string');
  return hasNames && Array.isArray(files) && files.every(isFile) ? (value as unknown as DownloadRecord) : undefined;
}

/** A name that leads out of the folder makes the whole record worthless. */
function isFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('sha256' in value)) return false;
  return typeof value.name === 'string' && path.basename(value.name) === value.name && typeof value.sha256 === 'string';
}

/**
 * Folder name of a repository in `<cache>/models`; the main version goes without its name. Repository names never hold
 * `--`.
 */
export function folderName(id: string, revision: string): string {
  return `${id.replace('/', '--')}${revision === 'main' ? '' : `@${encodeURIComponent(revision)}`}`;
}

/** The name that `--model` takes: the inverse of {@link folderName}. Other folder names stay as they are. */
export function nameOfFolder(folder: string): string {
  const match = /^([A-Za-z0-9][\w.-]*?)--([\w.-]+?)(@[\w.%~!*'()-]+)?$/.exec(folder);
  if (match === null) return folder;
  const [, owner = '', name = '', version = ''] = match;
  return `${owner}/${name}${decoded(version)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
