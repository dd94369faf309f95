/**
 * Everything that was ever answered about a picture, by the hash of its content. Reads the result store; starts no
 * model.
 */
import * as l10n from '@vscode/l10n';
import { proseFault } from '../../../paligemma/src/answers/prose';
import { readAnswer } from '../../../paligemma/src/kinds/kinds';
import { answererText } from '../../../paligemma/src/serverNames';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { KnownAnswer } from '../contract/answers';
import { imagePrefix, shelfOf, type DatedResult } from './resultStore';
import { Listeners } from '../util/listeners';
import type { Timers } from '../util/timers';

export interface KnownResultsOptions {
  /** `<cache>/results`, with `KEY.json` in the folder that {@link shelfOf} names. */
  readonly folderPath: string;
  /** `ResultStore.peek`. */
  readonly read: (key: string) => Promise<DatedResult | undefined>;
  /** False: what lies in the folder may be somebody else's, and is left alone. Default: true. */
  readonly mayRead?: () => Promise<boolean>;
  readonly timers: Timers;
}

/** What was found of one picture. */
interface Shelf {
  /** When its folder last changed, as it was seen before it was read. */
  mtimeMs: number;
  lookedAt: number;
  /** By key; undefined for files that are no results. */
  answers: ReadonlyMap<string, KnownAnswer | undefined>;
  looking: Promise<void> | undefined;
}

/** Other processes write results too; this often they are looked for. */
const LOOK_AGAIN_MS = 1000;
/** Clocks of file systems are coarse: a folder that changed this recently may change again without showing it. */
const COARSE_MS = 3000;
const MAX_TEXT = 4000;
/** Pictures whose answers are held; the one asked for the longest ago goes first. */
const MOST_IMAGES = 2000;

export class KnownResults {
  readonly onDidChange: (listener: () => void) => { dispose(): void };
  private readonly listeners = new Listeners<void>();
  /** By {@link imagePrefix}, least recently asked first. */
  private readonly shelves = new Map<string, Shelf>();

  constructor(private readonly options: KnownResultsOptions) {
    this.onDidChange = listener => this.listeners.add(listener);
  }

  /**
   * Newest first. Waits at most `patienceMs` for the disk and then answers what is known by then; the rest arrives with
   * {@link onDidChange}. Never throws.
   */
  async of(sha256: string, patienceMs = 40): Promise<readonly KnownAnswer[]> {
    const shelf = this.shelfFor(imagePrefix(sha256));
    await this.look(imagePrefix(sha256), shelf, patienceMs);
    return withoutRepeats(
      [...shelf.answers.values()].filter(answer => answer !== undefined).sort((a, b) => b.storedAtMs - a.storedAtMs),
    );
  }

  /** A run was done: the next question looks at the disk again, whenever the last one was. */
  invalidate(): void {
    for (const shelf of this.shelves.values()) shelf.lookedAt = -Infinity;
  }

  private shelfFor(prefix: string): Shelf {
    const shelf = this.shelves.get(prefix)
      ?? { mtimeMs: -Infinity, lookedAt: -Infinity, answers: new Map(), looking: undefined };
    this.shelves.delete(prefix);
    this.shelves.set(prefix, shelf);
    for (const oldest of this.shelves.keys()) {
      if (this.shelves.size <= MOST_IMAGES) break;
      this.shelves.delete(oldest);
    }
    return shelf;
  }

  private async look(prefix: string, shelf: Shelf, patienceMs: number): Promise<void> {
    const { timers } = this.options;
    if (shelf.looking === undefined && timers.now() - shelf.lookedAt >= LOOK_AGAIN_MS) {
      shelf.lookedAt = timers.now();
      shelf.looking = this.refresh(prefix, shelf).catch(() => undefined).finally(() => (shelf.looking = undefined));
    }
    if (shelf.looking === undefined) return;
    await new Promise<void>(resolve => {
      const limit = timers.afterAwake(patienceMs, resolve);
      void shelf.looking?.then(() => {
        limit.dispose();
        resolve();
      });
    });
  }

  private async refresh(prefix: string, shelf: Shelf): Promise<void> {
    const { folderPath, mayRead } = this.options;
    if (mayRead !== undefined && !await mayRead()) return;
    const folder = path.join(folderPath, shelfOf(prefix));
    const info = await stat(folder).catch(() => undefined);
    if (shelf.mtimeMs === (info?.mtimeMs ?? -Infinity) && Date.now() - shelf.mtimeMs > COARSE_MS) return;
    const names = info === undefined ? [] : await readdir(folder).catch(() => []);
    const keys = names.filter(name => name.startsWith(prefix) && name.endsWith('.json')).map(name =>
      name.slice(0, -'.json'.length)
    );
    const before = shelf.answers;
    shelf.answers = new Map(
      await Promise.all(
        keys.map(async key =>
          [
            key,
            before.has(key) ? before.get(key) : await this.readAnswer(key, path.join(folder, `${key}.json`)),
          ] as const
        ),
      ),
    );
    shelf.mtimeMs = info?.mtimeMs ?? -Infinity;
    if (before.size !== shelf.answers.size || keys.some(key => !before.has(key))) this.listeners.fire();
  }

  private async readAnswer(key: string, file: string): Promise<KnownAnswer | undefined> {
    const [result, info] = await Promise.all([this.options.read(key), stat(file).catch(() => undefined)]);
    if (result === undefined) return undefined;
    const { image: { widthPx, heightPx }, prompt, text, regions } = result;
    const read = readAnswer(result, undefined, l10n.t);
    const answer: KnownAnswer = {
      key,
      prompt,
      text: text.slice(0, MAX_TEXT),
      model: answererText(result),
      labels: regions.map(({ label }) => label),
      ...(read.isPlain ? {} : { line: read.line().slice(0, MAX_TEXT) }),
      widthPx,
      heightPx,
      // Reading brings the time of a file to now.
      storedAtMs: result.storedAtMs ?? info?.mtimeMs ?? 0,
    };
    placesOf.set(answer, regions.map(({ box: { x1, y1, x2, y2 } }) => [x1, y1, x2, y2]).join(' '));
    return answer;
  }
}

/** Where the regions of an answer lie: two that find the same otherwise are two answers. */
const placesOf = new WeakMap<KnownAnswer, string>();

/** A picture that `tiles auto` left whole has its answer under two keys: the newer one is told. */
function withoutRepeats(newestFirst: readonly KnownAnswer[]): readonly KnownAnswer[] {
  const told = new Set<string>();
  return newestFirst.filter(answer => {
    const { prompt, model, text, labels } = answer;
    const said = JSON.stringify([prompt, model, text, labels, placesOf.get(answer)]);
    const isNew = !told.has(said);
    told.add(said);
    return isNew;
  });
}

/** The answer that serves best as a caption, and is prose: a sentence in `language`, else in another one, else a description. */
export function captionAmong(answers: readonly KnownAnswer[], language: string): KnownAnswer | undefined {
  const wishes = [`caption ${language}`, /^caption\b/, /^cap\b/, `describe ${language}`, /^describe\b/];
  for (const wish of wishes) {
    const found = answers.find(({ prompt, text }) =>
      (typeof wish === 'string' ? prompt === wish : wish.test(prompt)) && proseFault(text) === undefined
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
