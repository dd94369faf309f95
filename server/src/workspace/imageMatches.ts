/** What paths and globs of `@image` stand for: answered at once from what is known, looked up on disk meanwhile. */
import { documentTarget, namedPages } from '../../../paligemma/src/documentPages';
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { ImageMatch } from '../language/knowledge/context';
import { globBase, isGlob } from '../language/syntax/imageList';
import { isRemote, resolvePath } from '../language/text/paths';
import { globMatcher, type GlobMatcher } from '../util/glob';
import { leadsElsewhere } from '../util/linksElsewhere';
import { spelledOnDisk } from '../util/spelling';
import { pathOfUri, statOf } from './filePaths';
import { KIND_BYTES, readHeader } from './imageHeader';
import { walkFolder } from './walkFolder';

/** Pictures that one glob stands for at most, and entries of folders that are looked at for it. */
const globLimits = { mostFiles: 10_000, mostEntries: 200_000 } as const;
const MOST_AT_ONCE = 8;
/** A look-up that nobody asked about for so long is forgotten. */
const UNUSED_MS = 60_000;
/** A glob is not walked more often than this many times its own duration: unasked, or because something changed. */
const REST_FACTOR = { unasked: 20, changed: 2 } as const;

export interface ImageMatchesOptions {
  /** Something that was asked about is known now, or is another than before. */
  readonly onDidChange: () => void;
  readonly now: () => number;
}

interface Entry {
  readonly documentUri: string;
  readonly text: string;
  match: ImageMatch | undefined;
  /** The look-up that is under way. */
  pending: Promise<void> | undefined;
  askedAt: number;
  lookedAt: number;
  tookMs: number;
}

export class ImageMatches {
  /** By folder of the document and text. */
  private readonly entries = new Map<string, Entry>();
  private active = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly options: ImageMatchesOptions) {}

  /** Undefined: not known yet, or a path that no file system has. Starts the look-up. */
  get(documentUri: string, text: string): ImageMatch | undefined {
    const entry = this.entry(documentUri, text);
    if (entry === undefined) return undefined;
    if (entry.match === undefined && entry.pending === undefined) void this.look(entry);
    return entry.match;
  }

  /** Resolves once everything of `texts` was looked up. */
  async settle(documentUri: string, texts: Iterable<string>): Promise<void> {
    const pending: Promise<void>[] = [];
    for (const text of texts) {
      const entry = this.entry(documentUri, text);
      if (entry !== undefined && (entry.match === undefined || entry.pending !== undefined)) {
        pending.push(entry.pending ?? this.look(entry));
      }
    }
    await Promise.all(pending);
  }

  /**
   * Looks again at what was looked at longer than `olderThanMs` ago, and forgets what is no longer asked for. `why`: 0
   * ms and `changed` where files changed.
   */
  async refresh(olderThanMs: number, why: keyof typeof REST_FACTOR = 'unasked'): Promise<void> {
    const now = this.options.now();
    const due: Promise<void>[] = [];
    for (const [key, entry] of this.entries) {
      if (entry.pending !== undefined) continue;
      if (now - entry.askedAt > UNUSED_MS) this.entries.delete(key);
      else if (
        now - entry.lookedAt
          >= Math.max(olderThanMs, entry.match?.isGlob === true ? REST_FACTOR[why] * entry.tookMs : 0)
      ) due.push(this.look(entry));
    }
    await Promise.all(due);
  }

  private entry(documentUri: string, text: string): Entry | undefined {
    if (text === '' || isRemote(text)) return undefined;
    const key = `${documentUri.slice(0, documentUri.lastIndexOf('/') + 1)}\n${text}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      if (resolvePath(documentUri, text) === undefined) return undefined;
      this.entries.set(
        key,
        entry = { documentUri, text, match: undefined, pending: undefined, askedAt: 0, lookedAt: 0, tookMs: 0 },
      );
    }
    entry.askedAt = this.options.now();
    return entry;
  }

  private look(entry: Entry): Promise<void> {
    return entry.pending = this.lookUp(entry).finally(() => {
      entry.pending = undefined;
    });
  }

  private async lookUp(entry: Entry): Promise<void> {
    if (this.active >= MOST_AT_ONCE) await new Promise<void>(resolve => this.queue.push(resolve));
    this.active++;
    const startedAt = this.options.now();
    try {
      const match = await findImages(entry.documentUri, entry.text);
      entry.lookedAt = this.options.now();
      entry.tookMs = entry.lookedAt - startedAt;
      if (isEqual(entry.match, match)) return;
      entry.match = match;
    } finally {
      this.active--;
      this.queue.shift()?.();
    }
    this.options.onDidChange();
  }
}

/**
 * Pictures in the order of their paths; a glob takes those with a usual ending only, and no hidden ones. Behind a
 * document, or a glob for some, its pages may be named. Never rejects.
 */
export async function findImages(documentUri: string, pathOrGlob: string): Promise<ImageMatch> {
  const target = documentTarget(pathOrGlob);
  if (target?.pages === undefined) return findFiles(documentUri, pathOrGlob);
  const { uris, isTruncated = false, ...match } = await findFiles(documentUri, target.file);
  const pages = uris.map(uri => namedPages({ ...target, file: uri }, undefined));
  return {
    uris: pages.flatMap(each => each.pages),
    ...match,
    ...(isTruncated || pages.some(({ isCut }) => isCut) ? { isTruncated: true } : {}),
  };
}

async function findFiles(documentUri: string, pathOrGlob: string): Promise<ImageMatch> {
  const exact = await nearest(pathOfUri(resolvePath(documentUri, pathOrGlob)));
  const info = exact === undefined ? undefined : await statOf(exact);
  if (exact !== undefined && info?.isFile() === true) {
    const problem = await problemOf(exact, info.size);
    return { uris: [pathToFileURL(exact).href], isGlob: false, ...(problem === undefined ? {} : { problem }) };
  }
  if (!isGlob(pathOrGlob)) {
    return { uris: [], isGlob: false, ...(info?.isDirectory() === true ? { problem: 'folder' } : {}) };
  }
  const { base, matcher } = globIn(documentUri, pathOrGlob);
  const folder = await nearest(base);
  if (folder === undefined) return { uris: [], isGlob: true };
  const { files, isTruncated } = await walkFolder(folder, {
    enters: segments => matcher.mayContain(segments),
    takes: segments => isImagePath(segments.at(-1) ?? '') && matcher.matches(segments),
  }, globLimits);
  return { uris: files.map(file => pathToFileURL(file).href), isGlob: true, ...(isTruncated ? { isTruncated } : {}) };
}

/** The folder that a glob begins in, and what it asks of the names below. */
function globIn(
  documentUri: string,
  pathOrGlob: string,
): { readonly base: string | undefined; readonly matcher: GlobMatcher } {
  const slashed = pathOrGlob.replaceAll('\\', '/');
  const start = globBase(slashed);
  const base = pathOfUri(
    resolvePath(documentUri, start === '' && slashed.startsWith('/') ? '/' : `${start === '' ? '.' : start}/`),
  );
  return { base, matcher: globMatcher(slashed.slice(start === '' ? 0 : start.length + 1).replace(/^\//, '')) };
}

/**
 * The path itself, or that of what only looks like it, where there is nothing else; undefined where a link leads to
 * another machine.
 */
async function nearest(place: string | undefined): Promise<string | undefined> {
  if (place === undefined || await leadsElsewhere(place)) return undefined;
  if (await statOf(place) !== undefined) return place;
  const spelled = await spelledOnDisk(place);
  return spelled === undefined || await leadsElsewhere(spelled) ? place : spelled;
}

async function problemOf(place: string, bytes: number): Promise<ImageMatch['problem']> {
  try {
    await access(place, constants.R_OK);
    if (bytes === 0) return 'unreadable';
    return (await readHeader(place, KIND_BYTES)).isPicture ? undefined : 'unsupported';
  } catch {
    return 'unreadable';
  }
}

function isEqual(a: ImageMatch | undefined, b: ImageMatch): boolean {
  return a?.isGlob === b.isGlob && a.problem === b.problem && a.isTruncated === b.isTruncated
    && a.uris.length === b.uris.length && a.uris.every((uri, index) => uri === b.uris[index]);
}
