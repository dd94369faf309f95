/** A download under way: its files, what of them is sure, and who works on it. */
import * as l10n from '@vscode/l10n';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseShallow } from '../../../../paligemma/src/shallowJson';
import { Failure } from '../../../../paligemma/src/failures';
import { openNewFile, readPlainText } from '../../../../system/src/plainFile';
import { errorCode, writeAtomically } from '../../util/files';
import type { HubFile } from './hubFile';

/** Suffix of the folder in which a download grows. */
export const PARTIAL_SUFFIX = '.partial';
const STATE_FILE = '.state.json';
const LOCK_FILE = '.lock';
const PART_SUFFIX = '.part';
/** Bytes of what is known of a few dozen files, and of the number of a process. */
const LONGEST_STATE = 4 << 20;
const LONGEST_LOCK = 100;

interface FileState {
  /** Hash that the server promised when the part was begun. */
  readonly digest?: string | undefined;
  readonly etag?: string | undefined;
  /** SHA-256 of the whole file, once it is verified. */
  readonly sha256?: string | undefined;
}

export class PartialFolder {
  private saving: Promise<void> = Promise.resolve();

  private constructor(readonly path: string, private readonly states: Map<string, FileState>) {}

  /**
   * The folder, which exists, taken by this process alone.
   * @throws Failure `busy` where another process works on it; errors of the file system.
   */
  static async take(folder: string): Promise<PartialFolder> {
    await takeLock(path.join(folder, LOCK_FILE));
    const text = await readPlainText(path.join(folder, STATE_FILE), LONGEST_STATE) ?? '{}';
    return new PartialFolder(folder, new Map(Object.entries(readStates(text))));
  }

  async release(): Promise<void> {
    await this.saving.catch(() => undefined);
    await rm(path.join(this.path, LOCK_FILE), { force: true });
  }

  pathOf({ name }: HubFile): string {
    return path.join(this.path, name);
  }

  partOf(file: HubFile): string {
    return this.pathOf(file) + PART_SUFFIX;
  }

  /**
   * SHA-256 of a file that is whole and verified; undefined otherwise. Throws away what the server no longer promises.
   */
  async verified(file: HubFile): Promise<string | undefined> {
    const state = this.states.get(file.name);
    if (state === undefined || state.digest !== file.digest?.hex) {
      await this.discard(file);
      return undefined;
    }
    const isWhole = state.sha256 !== undefined && (await sizeOf(this.pathOf(file))) === file.bytes;
    return isWhole ? state.sha256 : undefined;
  }

  /** Bytes of a part that can be gone on from, and the tag that it came with. */
  async part(file: HubFile): Promise<{ readonly bytes: number; readonly etag: string | undefined }> {
    const bytes = await sizeOf(this.partOf(file));
    if (bytes > file.bytes) await rm(this.partOf(file), { force: true });
    return bytes > file.bytes ? { bytes: 0, etag: undefined } : { bytes, etag: this.states.get(file.name)?.etag };
  }

  begun(file: HubFile, etag: string | undefined): Promise<void> {
    return this.set(file, { digest: file.digest?.hex, etag });
  }

  async finished(file: HubFile, sha256: string): Promise<void> {
    await rename(this.partOf(file), this.pathOf(file));
    await this.set(file, { digest: file.digest?.hex, sha256 });
  }

  async discard(file: HubFile): Promise<void> {
    await rm(this.partOf(file), { force: true });
    await rm(this.pathOf(file), { force: true });
    if (this.states.delete(file.name)) await this.save();
  }

  /** Takes away everything but `files`, so that the folder can become the checkpoint. */
  async tidy(files: readonly HubFile[]): Promise<void> {
    await this.saving;
    const names = new Set(files.map(({ name }) => name));
    for (const name of await readdir(this.path)) {
      if (!names.has(name)) await rm(path.join(this.path, name), { recursive: true, force: true });
    }
  }

  private async set({ name }: HubFile, state: FileState): Promise<void> {
    this.states.set(name, state);
    await this.save();
  }

  /** One after the other, so that an older state never replaces a newer one. */
  private save(): Promise<void> {
    const next = this.saving.catch(() => undefined).then(() =>
      writeAtomically(path.join(this.path, STATE_FILE), JSON.stringify(Object.fromEntries(this.states)))
    );
    this.saving = next;
    return next;
  }
}

/** Bytes of an interrupted download; 0 where there is none. */
export async function partialBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.filter(name => !name.startsWith('.')).map(name => sizeOf(path.join(folder, name))),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** True while a living process works on the folder. */
export async function isTaken(folder: string): Promise<boolean> {
  return isAlive(Number(await readLock(path.join(folder, LOCK_FILE))));
}

async function takeLock(file: string): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    try {
      const lock = await openNewFile(file);
      await lock.writeFile(String(process.pid));
      return await lock.close();
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      // An owner that was just made and has not written its number yet is alive, too.
      const text = await readLock(file);
      if (
        text === ''
          ? Math.abs(Date.now() - (await stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs) < 10_000
          : isAlive(Number(text))
      ) break;
      await rm(file, { force: true });
    }
  }
  throw new Failure(
    'busy',
    l10n.t('Another process is downloading to {0}. Wait until it is done, or end it.', path.dirname(file)),
  );
}

async function readLock(file: string): Promise<string> {
  return await readPlainText(file, LONGEST_LOCK) ?? '';
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function readStates(text: string): Record<string, FileState> {
  try {
    const value = parseShallow(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, FileState>)
      : {};
  } catch {
    // Without a state nothing is sure, and all begins anew.
    return {};
  }
}

async function sizeOf(file: string): Promise<number> {
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() === true ? info.size : 0;
}
