/** Looks into a folder just far enough to recognise what lies in it. */
import { isRecord } from '../../../paligemma/src/checks';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  ADAPTER_CONFIG_FILE,
  CONFIG_FILE,
  LFS_POINTER,
  LFS_POINTER_BYTES,
  type FolderFacts,
  type JsonObject,
} from '../../../paligemma/src/folderContents';
import { readPlainFile, readStart } from '../../../system/src/plainFile';

/** Published ones have a few kilobytes. */
const MAX_JSON_BYTES = 16 * 2 ** 20;

/** Never throws: what cannot be read is as good as not there, and whoever needs it says why. */
export async function readFolderFacts(folder: string): Promise<FolderFacts> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = new Set(entries.filter(entry => !entry.isDirectory()).map(({ name }) => name));
  const weights = [...files].filter(name => name.endsWith('.safetensors') || name === 'tokenizer.json').sort();
  const pointers = await Promise.all(weights.map(name => isLfsPointer(path.join(folder, name))));
  return {
    files,
    folders: new Set(entries.filter(entry => entry.isDirectory()).map(({ name }) => name)),
    lfsPointers: weights.filter((_, at) => pointers[at]),
    config: files.has(CONFIG_FILE) ? await readObject(path.join(folder, CONFIG_FILE)) : undefined,
    adapterConfig: files.has(ADAPTER_CONFIG_FILE)
      ? await readObject(path.join(folder, ADAPTER_CONFIG_FILE))
      : undefined,
  };
}

async function isLfsPointer(file: string): Promise<boolean> {
  // A pointer is all that the file holds.
  const start = await readStart(file, LFS_POINTER_BYTES + 1);
  return start !== undefined && start.length <= LFS_POINTER_BYTES && start.toString('latin1').startsWith(LFS_POINTER);
}

async function readObject(file: string): Promise<JsonObject | undefined> {
  try {
    const value: unknown = JSON.parse((await readPlainFile(file, MAX_JSON_BYTES)).toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
