/**
 * A home, a cache and a work folder of their own, with canary files beside them: what was touched that should not be is
 * seen.
 */
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Sandbox {
  /** Absolute; removed by {@link Sandbox.remove}. */
  readonly path: string;
  readonly home: string;
  readonly cache: string;
  /** Hostile files are put here. */
  readonly work: string;
  /** Environment of a child process that lives in the sandbox. */
  readonly env: Readonly<Record<string, string>>;
  at(...names: string[]): string;
  /**
   * Begins to watch everything but the cache and the work folder, whose files a test writes itself: what is there now
   * must be there, unchanged, later.
   */
  watch(): void;
  /** Sentences about every file outside of them that appeared, vanished or changed since {@link Sandbox.watch}. */
  changes(): string[];
  remove(): void;
}

export function sandbox(name: string): Sandbox {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), `paligemma-hostile-${name}-`)));
  const at = (...names: string[]) => path.join(root, ...names);
  const [home, cache, work] = [at('home'), at('cache'), at('work')];
  for (const folder of [home, cache, work, at('elsewhere')]) mkdirSync(folder);
  for (const canary of [at('canary.txt'), at('home', 'canary.txt'), at('elsewhere', 'canary.txt')]) {
    writeFileSync(canary, 'Nobody may change this.\n');
  }
  let before = new Map<string, string>();
  return {
    path: root,
    home,
    cache,
    work,
    at,
    // Nothing of the person's own settings is read, and no server but one of this machine could be reached.
    env: {
      HOME: home,
      USERPROFILE: home,
      XDG_CACHE_HOME: at('home', '.cache'),
      PALIGEMMA_CACHE: cache,
      HF_HOME: at('home', 'hf'),
      HF_ENDPOINT: 'http://127.0.0.1:9',
      TMPDIR: home,
      TMP: home,
      TEMP: home,
    },
    watch: () => {
      before = listing(root, [cache, work]);
    },
    changes: () => compare(before, listing(root, [cache, work])),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Path → what lies there, of everything below `folder` but what is in `left`. Links are not followed. */
function listing(folder: string, left: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (place: string) => {
    for (const name of readdirSync(place).sort()) {
      const each = path.join(place, name);
      if (left.includes(each)) continue;
      const info = lstatSync(each);
      found.set(
        path.relative(folder, each),
        info.isDirectory()
          ? 'folder'
          : info.isSymbolicLink()
          ? `link ${readlinkSync(each)}`
          : info.isFile() && info.size < 1 << 24
          ? hash(each)
          : `${info.mode} ${info.size} ${info.mtimeMs}`,
      );
      if (info.isDirectory()) walk(each);
    }
  };
  walk(folder);
  return found;
}

function hash(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [
    ...[...after].flatMap((
      [name, what],
    ) => (before.has(name) ? before.get(name) === what ? [] : [`${name} was changed`] : [`${name} appeared`])),
    ...[...before.keys()].flatMap(name => (after.has(name) ? [] : [`${name} vanished`])),
  ];
}
