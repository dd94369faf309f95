/**
 * Whether other users of this machine can put something into the cache folder: a converted model, an agreement with a
 * server, an answer. Systems with owners and permission bits only; Windows keeps the cache in the profile of the person.
 */
import * as l10n from '@vscode/l10n';
import { randomBytes } from 'node:crypto';
import { chmod, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { openNewFile, readPlainText } from '../../../../system/src/plainFile';
import { stepAt, stepsTo, type Step } from './folderSteps';

/** Whom the folders may belong to. */
export interface Trust {
  /** This process. */
  readonly uid: number;
  /** Users that are this person as well, by file system. */
  readonly alsoOn: ReadonlyMap<number, ReadonlySet<number>>;
  /** Stands for the owners that this process cannot know, from inside of a sandbox; undefined where it knows all. */
  readonly unknownUid: number | undefined;
  /** File systems that keep no permissions: their bits say nothing. */
  readonly withoutModes: ReadonlySet<number>;
}

export interface Danger {
  readonly place: string;
  /** Whose it is, or that others may write to it. */
  readonly why: 'owner' | 'writable';
  readonly uid: number;
}

const ROOT = 0;
/** A table of `/proc` has some lines. */
const MOST_PROC_BYTES = 1 << 20;
const STICKY = 0o1000;
/** Where a folder of the cache has these, others reach what is below it. */
const OTHERS_ENTER = 0o011;

/**
 * For a folder that is read: one that is not there, or that is this person's and empty, is no danger.
 * @param folder Absolute. @throws Failure `cacheUnsafe` where another user may have put something there.
 */
export async function checkCache(folder: string): Promise<void> {
  const danger = await recentDangerOf(folder);
  if (danger !== undefined) throw unsafe(folder, danger);
}

/** The same for readers that show what they find, or nothing. */
export async function isSafeCache(folder: string): Promise<boolean> {
  return await recentDangerOf(folder) === undefined;
}

interface Look {
  readonly atMs: number;
  readonly danger: Promise<Danger | undefined>;
}

/** Readers ask at each picture and each list of models; whoever may do harm had the time before, too. */
const LOOK_AGAIN_MS = 1000;
const looks = new Map<string, Look>();

function recentDangerOf(folder: string): Promise<Danger | undefined> {
  const known = looks.get(folder);
  const now = performance.now();
  if (known !== undefined && now - known.atMs < LOOK_AGAIN_MS) return known.danger;
  const danger = dangerOf(folder, 'read');
  looks.set(folder, { atMs: now, danger });
  return danger;
}

/**
 * For a folder that is about to be filled: one of this person that is empty, or open to their own group alone, is made
 * theirs only. @throws Failure `cacheUnsafe` where another user may put something there, now or before.
 */
export async function secureCache(folder: string): Promise<void> {
  looks.delete(folder);
  const leaf = (await stepsTo(folder))?.at(-1);
  if (leaf !== undefined && leaf.uid === process.geteuid?.() && (leaf.mode & 0o022) !== 0) {
    const isHarmless = !isWritable(leaf, leaf.uid) || (await readdir(leaf.place).catch(() => ['?'])).length === 0;
    if (isHarmless) await chmod(leaf.place, leaf.mode & 0o700).catch(() => undefined);
  }
  const danger = await dangerOf(folder, 'filled');
  if (danger !== undefined) throw unsafe(folder, danger);
}

async function dangerOf(folder: string, use: 'read' | 'filled'): Promise<Danger | undefined> {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const steps = await stepsTo(folder);
  const leaf = steps?.at(-1);
  if (steps === undefined || leaf === undefined) return undefined;
  const entries = await entriesOf(leaf);
  if (use === 'read' && entries.length === 0 && leaf.uid === uid) return undefined;
  const plain: Trust = { uid, alsoOn: new Map(), unknownUid: undefined, withoutModes: new Set() };
  const first = dangerAmong(steps, entries, plain);
  // Only then is it asked what this machine has of its own: nearly always there is nothing to ask for.
  return first === undefined ? undefined : dangerAmong(steps, entries, await trustOf(uid, steps, leaf));
}

/** The first danger on the way to a folder, in itself, or in what lies in it. */
export function dangerAmong(steps: readonly Step[], entries: readonly Step[], trust: Trust): Danger | undefined {
  const leaf = steps.at(-1);
  for (const [index, step] of steps.entries()) {
    const danger = step.isLink
      ? linkDanger(step, steps[index - 1], trust)
      : folderDanger(step, step === leaf ? 'leaf' : 'above', trust);
    if (danger !== undefined) return danger;
  }
  const othersEnter = leaf !== undefined && (leaf.mode & OTHERS_ENTER) !== 0;
  for (const entry of entries) {
    if (!isTrusted(entry, 'leaf', trust)) return { place: entry.place, why: 'owner', uid: entry.uid };
    if (othersEnter && !entry.isLink && isOpen(entry, trust)) {
      return { place: entry.place, why: 'writable', uid: entry.uid };
    }
  }
  return undefined;
}

/** A link can be replaced by whoever may write to its folder, or by its owner where the sticky bit keeps off the others. */
function linkDanger(step: Step, folder: Step | undefined, trust: Trust): Danger | undefined {
  const isOwnersOnly = folder !== undefined && isOpen(folder, trust);
  return isOwnersOnly && !isTrusted(step, 'above', trust)
    ? { place: step.place, why: 'owner', uid: step.uid }
    : undefined;
}

function folderDanger(step: Step, where: 'above' | 'leaf', trust: Trust): Danger | undefined {
  const { place, uid, mode } = step;
  if (!isTrusted(step, where, trust)) return { place, why: 'owner', uid };
  // What lies in a sticky folder can be renamed by its owner only; what is new there, by anybody.
  const isKept = where === 'above' && (mode & STICKY) !== 0;
  return isOpen(step, trust) && !isKept ? { place, why: 'writable', uid } : undefined;
}

function isTrusted({ uid, dev }: Step, where: 'above' | 'leaf', trust: Trust): boolean {
  return uid === ROOT || uid === trust.uid || trust.alsoOn.get(dev)?.has(uid) === true
    || (where === 'above' && uid === trust.unknownUid);
}

function isOpen(step: Step, { uid, withoutModes }: Trust): boolean {
  return !withoutModes.has(step.dev) && isWritable(step, uid);
}

/**
 * Whether others may write. The group of root is root, and a group of the same number as its user is that user's own: many
 * systems give each user one and let it write.
 */
function isWritable({ mode, gid }: Step, uid: number): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== ROOT && gid !== uid);
}

/** What lies in the cache, and in each of its folders but those of single answers and pictures. */
async function entriesOf({ place }: Step): Promise<readonly Step[]> {
  const names = await readdir(place).catch(() => []);
  const own = await Promise.all(names.map(name => stepAt(path.join(place, name))));
  const below = await Promise.all(
    ['servers', 'models', 'converted', 'checked', 'tokenizers'].map(async name => {
      const folder = path.join(place, name);
      const inside = await readdir(folder).catch(() => []);
      return Promise.all(inside.map(each => stepAt(path.join(folder, each))));
    }),
  );
  return [...own, ...below.flat()].filter(step => step !== undefined);
}

/** What of this machine makes owners and bits mean something else than they say. */
async function trustOf(uid: number, steps: readonly Step[], leaf: Step): Promise<Trust> {
  const probe = await probeOf(leaf);
  const alsoOn = new Map<number, Set<number>>();
  const also = (dev: number, owner: number) => alsoOn.set(dev, (alsoOn.get(dev) ?? new Set()).add(owner));
  // File systems of a net, and others without owners, write somebody else's name under what this process makes.
  if (probe !== undefined) also(leaf.dev, probe.uid);
  // What was mounted for root, as into a container, belongs to whoever it was mounted from.
  if (uid === ROOT) { for (const { dev, uid: owner } of mountedIn(steps)) also(dev, owner); }
  return {
    uid,
    alsoOn,
    unknownUid: await unknownOwner(),
    withoutModes: new Set(probe !== undefined && !probe.keepsModes ? [leaf.dev] : []),
  };
}

/** The folders that begin another file system than the one above them. */
function mountedIn(steps: readonly Step[]): readonly Step[] {
  const folders = steps.filter(({ isLink }) => !isLink);
  return folders.filter((step, index) => index > 0 && folders[index - 1]?.dev !== step.dev);
}

/** How a file comes out that this process makes in the folder; undefined where it cannot make one. */
async function probeOf({ place }: Step): Promise<{ readonly uid: number; readonly keepsModes: boolean } | undefined> {
  const file = path.join(place, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const opened = await openNewFile(file, 0o600);
    try {
      const { uid, mode } = await opened.stat();
      return { uid, keepsModes: (mode & 0o077) === 0 };
    } finally {
      await opened.close();
    }
  } catch {
    return undefined;
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/**
 * The number that stands for all owners outside of a user namespace, where this process is in one that does not know
 * them. Source: Linux, user_namespaces(7).
 */
async function unknownOwner(): Promise<number | undefined> {
  const read = async (file: string) => await readPlainText(file, MOST_PROC_BYTES) ?? '';
  const ranges = (await read('/proc/self/uid_map')).trim().split('\n').map(line =>
    line.trim().split(/\s+/).map(Number)
  );
  const overflow = Number(await read('/proc/sys/kernel/overflowuid'));
  if (overflow === 0 || ranges.some(([first = NaN, , count = NaN]) => Number.isNaN(first + count))) return undefined;
  return ranges.some(([first = 0, , count = 0]) => overflow >= first && overflow < first + count)
    ? undefined
    : overflow;
}

function unsafe(folder: string, { place, why, uid }: Danger): Failure {
  return new Failure(
    'cacheUnsafe',
    why === 'owner'
      ? l10n.t(
        'The cache folder {0} is not used: {1} belongs to another user (number {2}), who could put models and answers there. Set PALIGEMMA_CACHE to a folder of your own, or make this one yours, with all that is in it.',
        folder,
        place,
        uid,
      )
      : l10n.t(
        'The cache folder {0} is not used: other users may write to {1}, and could put models and answers there. Set PALIGEMMA_CACHE to a folder of your own, or look what is in this one and take that right from them (chmod go-w {1}).',
        folder,
        place,
      ),
  );
}
