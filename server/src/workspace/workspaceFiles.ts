/** The pictures and prompt files of the workspace folders, without excluded and git-ignored ones. */
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImageFile } from '../language/knowledge/context';
import { leadsElsewhere } from '../util/linksElsewhere';
import { readStart } from '../../../system/src/plainFile';
import type { Log } from '../util/log';
import { excludeRules, parseIgnoreFile, type IgnoreRules } from './ignoreRules';
import { walkFolder, type WalkFilter } from './walkFolder';

const indexLimits = { mostFiles: 20_000, mostEntries: 200_000 } as const;
const promptEnding = /\.paligemma$/i;
/** Never searched: what lies there belongs to programs. */
const alwaysIgnored = new Set(['.git', '.hg', '.svn', 'node_modules']);
/** Bytes of an ignore file that are looked at: the longest that people share have a few thousand. */
const MOST_IGNORE_BYTES = 256 << 10;
/** A scan is not repeated more often than this many times its own duration. */
const REST_FACTOR = 50;

export interface WorkspaceFilesOptions {
  readonly log: Log;
  readonly now: () => number;
  readonly onDidChange: () => void;
  /** Keys of `files.exclude` that are on. Never rejects. */
  readonly excludedGlobs: () => Promise<readonly string[]>;
}

export class WorkspaceFiles {
  private folders: readonly string[] = [];
  private scan: Promise<void> | undefined;
  private scannedAt = -Infinity;
  private tookMs = 0;
  private isAskedAgain = false;
  private hasToldLimit = false;
  /** True once the folders were looked through. */
  isScanned = false;
  /** The same array for as long as nothing changed. */
  images: readonly ImageFile[] = [];
  /** Absolute paths. */
  promptFiles: readonly string[] = [];

  constructor(private readonly options: WorkspaceFilesOptions) {}

  /** Absolute folders; starts the first scan. */
  setFolders(folders: readonly string[]): void {
    this.folders = folders;
    this.hasToldLimit = false;
    void this.rescan();
  }

  /** True where a path lies in a folder of the workspace. */
  contains(place: string): boolean {
    return this.folders.some(folder =>
      place === folder || place.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)
    );
  }

  /** Scans again where the last scan began longer than `olderThanMs` ago. */
  refresh(olderThanMs: number): void {
    if (this.options.now() - this.scannedAt >= Math.max(olderThanMs, REST_FACTOR * this.tookMs)) void this.rescan();
  }

  /** Resolves after a scan that began after this call. */
  rescan(): Promise<void> {
    if (this.scan !== undefined) {
      this.isAskedAgain = true;
      return this.scan;
    }
    return this.scan = this.scanUntilQuiet().finally(() => {
      this.scan = undefined;
    });
  }

  /** The scan that is under way, if one is. */
  get settled(): Promise<void> {
    return this.scan ?? Promise.resolve();
  }

  private async scanUntilQuiet(): Promise<void> {
    do {
      this.isAskedAgain = false;
      await this.scanOnce();
    } while (this.isAskedAgain);
  }

  private async scanOnce(): Promise<void> {
    const { now, log, excludedGlobs } = this.options;
    this.scannedAt = now();
    const exclude = excludeRules(await excludedGlobs());
    const files: string[] = [];
    let isTruncated = false;
    for (const folder of this.folders) {
      const left = indexLimits.mostFiles - files.length;
      const found = await walkFolder(folder, new FolderFilter(exclude), { ...indexLimits, mostFiles: left });
      files.push(...found.files);
      isTruncated ||= found.isTruncated;
    }
    this.tookMs = now() - this.scannedAt;
    if (isTruncated && !this.hasToldLimit) {
      this.hasToldLimit = true;
      log(
        'warn',
        'server.workspace',
        `The workspace holds more than ${indexLimits.mostFiles} pictures, or more than ${indexLimits.mostEntries} files: completion offers the first ${files.length}. Exclude folders by .gitignore or files.exclude.`,
      );
    }
    this.isScanned = true;
    this.use(files);
  }

  private use(files: readonly string[]): void {
    const images = files.filter(file => !promptEnding.test(file)).map(file => pathToFileURL(file).href);
    const isSame = images.length === this.images.length
      && images.every((uri, index) => uri === this.images[index]?.uri);
    if (!isSame) this.images = images.map(uri => ({ uri }));
    this.promptFiles = files.filter(file => promptEnding.test(file));
    this.options.onDidChange();
  }
}

/** A line that is cut off would mean something else. */
function wholeLines(start: Buffer): string {
  const text = start.toString('utf8');
  return start.length < MOST_IGNORE_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}

/** One folder of the workspace with the ignore files in it. */
class FolderFilter implements WalkFilter {
  private readonly byFolder = new Map<string, IgnoreRules>();

  constructor(private readonly exclude: IgnoreRules) {}

  async open(segments: readonly string[], place: string): Promise<void> {
    const file = path.join(place, '.gitignore');
    if (await leadsElsewhere(file)) return;
    const start = await readStart(file, MOST_IGNORE_BYTES);
    if (start !== undefined) this.byFolder.set(segments.join('/'), parseIgnoreFile(wholeLines(start)));
  }

  enters(segments: readonly string[]): boolean {
    return !alwaysIgnored.has(segments.at(-1) ?? '') && !this.ignores(segments, true);
  }

  takes(segments: readonly string[]): boolean {
    const name = segments.at(-1) ?? '';
    return (isImagePath(name) || promptEnding.test(name)) && !this.ignores(segments, false);
  }

  /** The innermost ignore file that speaks of it decides. */
  private ignores(segments: readonly string[], isFolder: boolean): boolean {
    if (this.exclude.ignores(segments, isFolder) === true) return true;
    if (this.byFolder.size === 0) return false;
    for (let depth = segments.length - 1; depth >= 0; depth--) {
      const verdict = this.byFolder.get(segments.slice(0, depth).join('/'))?.ignores(segments.slice(depth), isFolder);
      if (verdict !== undefined) return verdict;
    }
    return false;
  }
}
