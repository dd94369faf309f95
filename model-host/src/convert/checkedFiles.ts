/** Compares the files of a converted model with the hashes of its manifest, once for each state of the files. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../system/src/makeFolder';
import { plainFileBlocks, readPlainText } from '../../../system/src/plainFile';
import { writeAtomically } from '../util/writeAtomically';
import { corruptModel, type Manifest } from '../manifest/manifest';

/** Below the cache folder: a record for each converted folder that was found sound. */
export const CHECKED_FOLDER = 'checked';
/** A few hundred files at most, a line for each. */
export const MAX_RECORD_BYTES = 16 * 2 ** 20;
/** A record's time says when its model was loaded for the last time, to within a day. */
const TOUCH_AFTER_MS = 24 * 3600 * 1000;

export interface CheckedRecord {
  /** Absolute, of the converted model. */
  readonly folder: string;
  /** Of the manifest that the files were compared with. */
  readonly digest: string;
  /**
   * Size and both times of each file, by name. Whatever writes to a file changes the second time, which no program can
   * set.
   */
  readonly states: Readonly<Record<string, readonly [bytes: number, mtimeMs: number, ctimeMs: number]>>;
}

/**
 * Reads every byte of the folder when it is loaded for the first time and whenever a file was touched since; otherwise
 * a look at sizes and times is enough. What a disk loses silently is found by `paligemma models verify`.
 * @throws Failure convertedModelCorrupt; DOMException AbortError.
 */
export async function checkFiles(
  folder: string,
  manifest: Manifest,
  cachePath: string,
  signal: AbortSignal,
): Promise<void> {
  const record = recordPath(folder, cachePath);
  if (await readPlainText(record, MAX_RECORD_BYTES) === await recordOf(folder, manifest)) return touch(record);
  for (const { name, sha256 } of manifest.files) {
    if (await hashOf(path.join(folder, name), signal) !== sha256) {
      throw corruptModel(folder, l10n.t('The content of {0} was changed.', name));
    }
  }
  await rememberChecked(folder, manifest, cachePath);
}

/**
 * Notes that the files are those of the manifest, for who has just written and read them. Where that cannot be kept,
 * the next load reads everything again. Never throws.
 */
export async function rememberChecked(folder: string, manifest: Manifest, cachePath: string): Promise<void> {
  const record = recordPath(folder, cachePath);
  await makeFolder(path.dirname(record), 0o700)
    .then(async () => writeAtomically(record, Buffer.from(await recordOf(folder, manifest)))).catch(() => undefined);
}

async function recordOf(folder: string, manifest: Manifest): Promise<string> {
  return JSON.stringify(
    { folder, digest: manifest.digest, states: await fileStates(folder, manifest) } satisfies CheckedRecord,
  );
}

export function recordPath(folder: string, cachePath: string): string {
  return path.join(cachePath, CHECKED_FOLDER, `${createHash('sha256').update(folder).digest('hex').slice(0, 40)}.json`);
}

async function fileStates(folder: string, { files }: Manifest): Promise<CheckedRecord['states']> {
  return Object.fromEntries(
    await Promise.all(files.map(async ({ name }) => {
      const { size, mtimeMs, ctimeMs } = await stat(path.join(folder, name));
      return [name, [size, mtimeMs, ctimeMs]] as const;
    })),
  );
}

async function hashOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of plainFileBlocks(file)) {
    signal.throwIfAborted();
    hash.update(block);
  }
  return hash.digest('hex');
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  const info = await stat(file).catch(() => undefined);
  if (info !== undefined && Math.abs(now.getTime() - info.mtimeMs) > TOUCH_AFTER_MS) {
    await utimes(file, now, now).catch(() => undefined);
  }
}
