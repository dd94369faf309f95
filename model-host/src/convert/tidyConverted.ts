/** Removes from the cache what no model uses any more: conversions that were cut off, outdated or abandoned. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../../paligemma/src/checks';
import { readPlainJson } from '../../../system/src/plainFile';
import { CHECKED_FOLDER, MAX_RECORD_BYTES, recordPath } from './checkedFiles';
import { fingerprintOf } from './fingerprint';
import { FORMAT_VERSION, MANIFEST_FILE, MAX_MANIFEST_BYTES, type Manifest } from '../manifest/manifest';

/**
 * A conversion whose checkpoint is gone may belong to a disk that is not plugged in: it stays for so long after its
 * last use.
 */
const ABANDONED_MS = 30 * 24 * 3600 * 1000;
/** Nothing is written to a conversion under way for so long: its process number was given to another program. */
const STUCK_MS = 24 * 3600 * 1000;

/**
 * Several processes may do so at once. Never throws: what cannot be removed stays for the next time.
 * @returns names of what was removed below `<cache>/converted`.
 */
export async function tidyConverted(cachePath: string): Promise<string[]> {
  const parent = path.join(cachePath, 'converted');
  const removed: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = path.join(parent, name);
    const isUseless = await (name.includes('.partial-') ? isCutOff(folder) : isOutdated(folder, cachePath)).catch(() =>
      false
    );
    if (isUseless && await rm(folder, { recursive: true, force: true }).then(() => true, () => false)) {
      removed.push(name);
    }
  }
  await removeRecords(cachePath);
  return removed;
}

async function isCutOff(folder: string): Promise<boolean> {
  const owner = /\.partial-(\d+)-/.exec(path.basename(folder))?.[1];
  if (owner === undefined || !isAlive(Number(owner))) return true;
  const times = await Promise.all(
    (await readdir(folder)).map(async name => (await stat(path.join(folder, name))).mtimeMs),
  );
  return isLongAgo(Math.max((await stat(folder)).mtimeMs, ...times), STUCK_MS);
}

/**
 * True where the checkpoint has other files now, or where nobody has loaded the conversion for long and its checkpoint
 * is gone.
 */
async function isOutdated(folder: string, cachePath: string): Promise<boolean> {
  const manifest = await readPlainJson(path.join(folder, MANIFEST_FILE), MAX_MANIFEST_BYTES) as
    | Partial<Manifest>
    | null
    | undefined;
  // Another version of this program may be in use beside this one: what is its own is judged by time alone.
  if (
    manifest?.formatVersion === FORMAT_VERSION && manifest.source !== undefined && manifest.weights !== undefined
    && manifest.attention !== undefined
  ) {
    const { source: { path: source, adapterPath, fingerprint }, weights, attention } = manifest;
    const places = [source, ...(adapterPath === undefined ? [] : [adapterPath])];
    const areThere = (await Promise.all(places.map(place => stat(place).then(info => info.isDirectory(), () => false))))
      .every(Boolean);
    if (areThere) {
      return await fingerprintOf(source, { weights, attention, ...(adapterPath === undefined ? {} : { adapterPath }) })
        !== fingerprint;
    }
  }
  const times = await Promise.all(
    [folder, recordPath(folder, cachePath)].map(place => stat(place).then(info => info.mtimeMs, () => 0)),
  );
  return isLongAgo(Math.max(...times), ABANDONED_MS);
}

/** Records of folders that are gone. */
async function removeRecords(cachePath: string): Promise<void> {
  const parent = path.join(cachePath, CHECKED_FOLDER);
  for (const name of (await readdir(parent).catch(() => [])).filter(candidate => candidate.endsWith('.json'))) {
    const file = path.join(parent, name);
    const record = await readPlainJson(file, MAX_RECORD_BYTES);
    const folder = isRecord(record) ? record['folder'] : undefined;
    const isThere = typeof folder === 'string' && await stat(folder).then(() => true, () => false);
    if (!isThere) await rm(file, { force: true }).catch(() => undefined);
  }
}

function isLongAgo(timeMs: number, limitMs: number): boolean {
  return Date.now() - timeMs > limitMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
