/** Results that are known already, by what decides them; in memory over disk, both bounded. */
import { isAmount, isRecord } from '../../../paligemma/src/checks';
import { isRunResult, type RunResult } from '../../../paligemma/src/runResult';
import { createHash } from 'node:crypto';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { AttentionMode, Box, LocDivisor, WeightType } from '../../../paligemma/src/facts';
import { parseShallow } from '../../../paligemma/src/shallowJson';
import { readPlainFile } from '../../../system/src/plainFile';
import { errorCode, writeAtomically } from '../util/files';
import type { Log } from '../util/log';
import { trimFolder, type FolderLimits } from '../util/trimFolder';

/** Raised whenever what is stored changes its meaning: older files then no longer match any key. */
const FORMAT_VERSION = 2;
/** Characters of JSON that memory holds. */
const MEMORY_CHARACTERS = 8 << 20;
/** Beyond one of these the results that were not asked for the longest are deleted. */
const DISK_LIMITS: FolderLimits = { files: 200_000, bytes: 2 ** 30 };
/** Bytes of one result: masks of a large picture are the most of it. */
const LONGEST_RESULT = 256 << 20;
/** So many results are stored between two looks at the limits: a look reads the whole folder. */
const TRIM_EVERY = 1000;
/**
 * A file's time says when it was asked for the last time, to within a day: writing it at every reading would wear the
 * disk.
 */
const TOUCH_AFTER_MS = 24 * 3600 * 1000;
/** Digits of a key that are the picture's: what is known of one picture lies side by side. */
const IMAGE_DIGITS = 24;

/** Everything that decides an answer. The device does not: it is part of the result instead. */
export interface ResultIdentity {
  readonly imageSha256: string;
  /** Changes with the files of the model, see `modelIdentity`. */
  readonly modelIdentity: string;
  readonly adapterIdentity: string | undefined;
  readonly prompt: string;
  readonly maxNewTokens: number;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly locDivisor: LocDivisor;
  /** Of one part of the picture: which, in pixels. */
  readonly part?: Box;
  /** Of a picture that is read in parts: in which. Absent for one that is read as a whole. */
  readonly tiles?: string;
  /** Of a document whose own text was not wanted. */
  readonly ignoresTextLayer?: true;
}

/** 64 hexadecimal digits: those of {@link imagePrefix}, then a hash of everything. */
export function resultKey(identity: ResultIdentity): string {
  const {
    imageSha256,
    modelIdentity,
    adapterIdentity,
    prompt,
    maxNewTokens,
    weights,
    attention,
    locDivisor,
    part,
    tiles,
    ignoresTextLayer,
  } = identity;
  const parts = [
    FORMAT_VERSION,
    imageSha256,
    modelIdentity,
    adapterIdentity ?? null,
    prompt,
    maxNewTokens,
    weights,
    attention,
    locDivisor,
    ...(part === undefined ? [] : [part.x1, part.y1, part.x2, part.y2]),
    ...(tiles === undefined ? [] : [tiles]),
    // Pictures keep the keys that they had before there were documents.
    ...(ignoresTextLayer === true ? ['no text layer'] : []),
  ];
  const whole = sha256Of(JSON.stringify(parts));
  // The answer of a part is no answer about the picture: it does not lie where those are looked for.
  const prefix = imagePrefix(part === undefined ? imageSha256 : sha256Of(`part of ${imageSha256}`));
  return prefix + whole.slice(prefix.length);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** True for what {@link resultKey} may have made: anything else is no name of a file here. */
export function isResultKey(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** What all keys of one picture begin with. */
export function imagePrefix(imageSha256: string): string {
  return imageSha256.slice(0, IMAGE_DIGITS);
}

/** Name of the folder, below the store's, that holds the keys with this beginning. */
export function shelfOf(keyOrPrefix: string): string {
  return keyOrPrefix.slice(0, 2);
}

/** A result with when it was put into the store, milliseconds since 1970; what older versions put there lacks it. */
export interface DatedResult extends RunResult {
  readonly storedAtMs?: number;
}

export class ResultStore {
  /** Least recently used first. */
  private readonly memory = new Map<string, string>();
  private memoryCharacters = 0;
  private hasWarned = false;
  private putsSinceTrim = TRIM_EVERY - 1;
  private trimming: Promise<void> = Promise.resolve();

  /** `folderPath`: `<cache>/results`; made when the first result is stored. */
  constructor(
    private readonly folderPath: string,
    private readonly log: Log,
    private readonly limits: FolderLimits = DISK_LIMITS,
  ) {}

  /** A file that cannot be read as a result is a miss, and removed. Never throws. */
  async get(key: string): Promise<RunResult | undefined> {
    const known = this.memory.get(key);
    if (known !== undefined) {
      this.remember(key, known);
      return parseResult(known);
    }
    const read = await this.readFile(key);
    if (read !== undefined) this.remember(key, read.text);
    return read?.result;
  }

  /**
   * As {@link get}, and takes no place in memory: for what looks through everything that is known of a picture, which
   * must not push out the answers of runs. Never throws.
   */
  async peek(key: string): Promise<DatedResult | undefined> {
    const text = this.memory.get(key) ?? (await this.readFile(key))?.text;
    return text === undefined ? undefined : parseDated(text);
  }

  private async readFile(
    key: string,
  ): Promise<{ readonly text: string; readonly result: RunResult } | undefined> {
    const filePath = this.filePath(key);
    let text: string;
    try {
      text = (await readPlainFile(filePath, LONGEST_RESULT)).toString('utf8');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        this.log('warn', 'server.store', `${filePath} could not be read: ${String(error)}`);
      }
      return undefined;
    }
    const result = parseResult(text);
    if (result === undefined) {
      this.log('warn', 'server.store', `${filePath} is damaged; it is removed.`);
      await rm(filePath, { force: true, recursive: true }).catch(() => undefined);
      return undefined;
    }
    await touch(filePath);
    return { text, result };
  }

  /** Never throws: where the disk refuses, the result stays in memory and the log says so once. */
  async put(key: string, { fromStore: _, ...result }: RunResult): Promise<void> {
    const text = JSON.stringify({ formatVersion: FORMAT_VERSION, storedAtMs: Date.now(), result });
    this.remember(key, text);
    try {
      await writeAtomically(this.filePath(key), text);
      this.trimNowAndThen();
    } catch (error) {
      if (!this.hasWarned) {
        this.log('warn', 'server.store', `Results cannot be kept in ${this.folderPath}: ${String(error)}`);
      }
      this.hasWarned = true;
    }
  }

  /** Resolves when no clean-up is under way. Never throws. */
  async idle(): Promise<void> {
    await this.trimming;
  }

  /**
   * Keys of everything on disk, this or another process put it there. Empty where nothing was stored yet. Never throws.
   */
  async keys(): Promise<ReadonlySet<string>> {
    const folders = await readdir(this.folderPath).catch(() => []);
    const names = await Promise.all(folders.map(folder => readdir(path.join(this.folderPath, folder)).catch(() => [])));
    return new Set(names.flat().flatMap(name => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])));
  }

  private trimNowAndThen(): void {
    if (++this.putsSinceTrim < TRIM_EVERY) return;
    this.putsSinceTrim = 0;
    this.trimming = this.trimming.then(async () => {
      const removed = await trimFolder(this.folderPath, this.limits);
      if (removed > 0) {
        this.log('info', 'server.store', `${removed} results that were not used for the longest were deleted.`);
      }
    }).catch((error: unknown) =>
      this.log('warn', 'server.store', `Old results could not be deleted: ${String(error)}`)
    );
  }

  private filePath(key: string): string {
    return path.join(this.folderPath, shelfOf(key), `${key}.json`);
  }

  private remember(key: string, text: string): void {
    this.memoryCharacters += text.length - (this.memory.get(key)?.length ?? 0);
    this.memory.delete(key);
    this.memory.set(key, text);
    for (const [oldest, { length }] of this.memory) {
      if (this.memoryCharacters <= MEMORY_CHARACTERS) return;
      this.memory.delete(oldest);
      this.memoryCharacters -= length;
    }
  }
}

async function touch(filePath: string): Promise<void> {
  const now = new Date();
  const info = await stat(filePath).catch(() => undefined);
  // A clock that was set back leaves files of the future behind: they are brought back too.
  if (info !== undefined && Math.abs(now.getTime() - info.mtimeMs) > TOUCH_AFTER_MS) {
    await utimes(filePath, now, now).catch(() => undefined);
  }
}

function parseResult(text: string): RunResult | undefined {
  return readStored(text)?.result;
}

function parseDated(text: string): DatedResult | undefined {
  const { result, storedAtMs } = readStored(text) ?? {};
  return result === undefined ? undefined : { ...result, ...(isAmount(storedAtMs) ? { storedAtMs } : {}) };
}

function readStored(text: string): { readonly result: RunResult; readonly storedAtMs: unknown } | undefined {
  try {
    const value = parseShallow(text);
    if (!isRecord(value) || value['formatVersion'] !== FORMAT_VERSION || !isRecord(value['result'])) return undefined;
    const result: unknown = { ...value['result'], fromStore: true };
    return isRunResult(result) ? { result, storedAtMs: value['storedAtMs'] } : undefined;
  } catch {
    return undefined;
  }
}
