/** Everything that was ever answered about a picture, by the hash of its content. Reads the result store; starts no model. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { StoredResult } from '../runs/resultStore';
import { Listeners } from '../util/listeners';
import type { Timers } from '../util/timers';

/** One answer, without its masks. */
export interface KnownAnswer {
  /** Of the result store. */
  readonly key: string;
  readonly prompt: string;
  /** What of the answer is not part of a region. */
  readonly text: string;
  readonly model: string;
  /** One for each region. */
  readonly labels: readonly string[];
  readonly widthPx: number;
  readonly heightPx: number;
  /** Milliseconds since 1970. */
  readonly storedAtMs: number;
}

export interface KnownResultsOptions {
  /** `<cache>/results`, with a folder for the first two digits of a key and `KEY.json` in it. */
  readonly folderPath: string;
  /** `ResultStore.get`. */
  readonly read: (key: string) => Promise<StoredResult | undefined>;
  readonly timers: Timers;
}

interface Shelf {
  /** When the folder last changed, as it was seen before it was read. */
  readonly mtimeMs: number;
  /** Hash of the picture for each key; undefined for files that are no results. */
  readonly images: ReadonlyMap<string, string | undefined>;
}

const keyFile = /^([0-9a-f]{64})\.json$/;
/** Other processes write results too; this often they are looked for. */
const LOOK_AGAIN_MS = 1000;
/** Clocks of file systems are coarse: a folder that changed this recently may change again without showing it. */
const COARSE_MS = 3000;
const MAX_TEXT = 4000;

export class KnownResults {
  readonly onDidChange: (listener: () => void) => { dispose(): void };
  private readonly listeners = new Listeners<void>();
  private readonly shelves = new Map<string, Shelf>();
  private readonly answers = new Map<string, Map<string, KnownAnswer>>();
  private looking: Promise<void> | undefined;
  private lookedAt = -Infinity;

  constructor(private readonly options: KnownResultsOptions) {
    this.onDidChange = listener => this.listeners.add(listener);
  }

  /**
   * Newest first. Waits at most `patienceMs` for the disk and then answers what is known by then; the rest arrives with
   * {@link onDidChange}. Never throws.
   */
  async of(sha256: string, patienceMs = 40): Promise<readonly KnownAnswer[]> {
    await this.look(patienceMs);
    return [...this.answers.get(sha256)?.values() ?? []].sort((a, b) => b.storedAtMs - a.storedAtMs);
  }

  /** A run was done: the next question looks at the disk again, whenever the last one was. */
  invalidate(): void {
    this.lookedAt = -Infinity;
  }

  private async look(patienceMs: number): Promise<void> {
    const { timers } = this.options;
    if (this.looking === undefined && timers.now() - this.lookedAt >= LOOK_AGAIN_MS) {
      this.lookedAt = timers.now();
      this.looking = this.refresh().catch(() => undefined).finally(() => (this.looking = undefined));
    }
    if (this.looking === undefined) return;
    await new Promise<void>(resolve => {
      const limit = timers.afterAwake(patienceMs, resolve);
      void this.looking?.then(() => {
        limit.dispose();
        resolve();
      });
    });
  }

  private async refresh(): Promise<void> {
    const folders = await readdir(this.options.folderPath).catch(() => []);
    let hasChanged = false;
    for (const name of folders) {
      if (!/^[0-9a-f]{2}$/.test(name)) continue;
      const info = await stat(path.join(this.options.folderPath, name)).catch(() => undefined);
      const shelf = this.shelves.get(name);
      if (info === undefined || (shelf?.mtimeMs === info.mtimeMs && Date.now() - info.mtimeMs > COARSE_MS)) continue;
      hasChanged = await this.readShelf(name, info.mtimeMs) || hasChanged;
    }
    if (hasChanged) this.listeners.fire();
  }

  private async readShelf(name: string, mtimeMs: number): Promise<boolean> {
    const folder = path.join(this.options.folderPath, name);
    const before = this.shelves.get(name)?.images ?? new Map<string, string | undefined>();
    const images = new Map<string, string | undefined>();
    let hasChanged = false;
    for (const file of await readdir(folder).catch(() => [])) {
      const key = keyFile.exec(file)?.[1];
      if (key === undefined) continue;
      if (before.has(key)) images.set(key, before.get(key));
      else {
        images.set(key, await this.readAnswer(key, path.join(folder, file)));
        hasChanged = true;
      }
    }
    for (const [key, sha256] of before) {
      if (images.has(key) || sha256 === undefined) continue;
      this.answers.get(sha256)?.delete(key);
      hasChanged = true;
    }
    this.shelves.set(name, { mtimeMs, images });
    return hasChanged;
  }

  private async readAnswer(key: string, file: string): Promise<string | undefined> {
    const [result, info] = await Promise.all([this.options.read(key), stat(file).catch(() => undefined)]);
    if (result === undefined) return undefined;
    const { image: { sha256, widthPx, heightPx }, prompt, text, model, regions } = result;
    const ofImage = this.answers.get(sha256) ?? new Map<string, KnownAnswer>();
    this.answers.set(sha256, ofImage);
    ofImage.set(key, { key, prompt, text: text.slice(0, MAX_TEXT), model, labels: regions.map(({ label }) => label), widthPx, heightPx, storedAtMs: info?.mtimeMs ?? 0 });
    return sha256;
  }
}

/** The answer that serves best as a caption: a sentence in `language`, else in another one, else a description. */
export function captionAmong(answers: readonly KnownAnswer[], language: string): KnownAnswer | undefined {
  const sentences = answers.filter(({ text }) => text.trim() !== '');
  const wishes = [`caption ${language}`, /^caption\b/, /^cap\b/, `describe ${language}`, /^describe\b/];
  for (const wish of wishes) {
    const found = sentences.find(({ prompt }) => typeof wish === 'string' ? prompt === wish : wish.test(prompt));
    if (found !== undefined) return found;
  }
  return undefined;
}
