/** The pictures that a path or glob of a prompt file stands for, looked up on disk at once. */
import { readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ImageMatch } from '../language/knowledge/context';
import { globBase, isGlob } from '../language/syntax/imageList';
import { resolvePath } from '../language/text/paths';
import { globMatcher, type GlobMatcher } from './glob';

/** Kinds that the host reads, by their usual endings. */
const imageEnding = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp|tiff?|avif|heic|heif|svg)$/i;
const MOST_IMAGES = 10_000;
const MOST_ENTRIES = 200_000;

/**
 * Pictures in the order of their paths; a glob takes those with a usual ending only, and no hidden ones. Never throws.
 */
export function findImages(documentUri: string, pathOrGlob: string): ImageMatch {
  const exact = filePathOf(documentUri, pathOrGlob);
  const info = exact === undefined ? undefined : statOf(exact);
  if (exact !== undefined && info?.isFile() === true) return { uris: [pathToFileURL(exact).href], isGlob: false };
  if (!isGlob(pathOrGlob)) {
    return { uris: [], isGlob: false, ...(info?.isDirectory() === true ? { problem: 'folder' } : {}) };
  }
  const slashed = pathOrGlob.replaceAll('\\', '/');
  const base = globBase(slashed);
  const folder = filePathOf(documentUri, base === '' && slashed.startsWith('/') ? '/' : `${base === '' ? '.' : base}/`);
  if (folder === undefined) return { uris: [], isGlob: true };
  const walk = new Walk(globMatcher(slashed.slice(base === '' ? 0 : base.length + 1).replace(/^\//, '')));
  walk.enter(folder, []);
  const uris = walk.found.slice(0, MOST_IMAGES).map(file => pathToFileURL(file).href);
  return { uris, isGlob: true, ...(walk.isTruncated ? { isTruncated: true } : {}) };
}

class Walk {
  readonly found: string[] = [];
  isTruncated = false;
  private entries = 0;

  constructor(private readonly matcher: GlobMatcher) {}

  enter(folder: string, above: readonly string[]): void {
    for (const entry of entriesOf(folder)) {
      if (this.found.length > MOST_IMAGES || ++this.entries > MOST_ENTRIES) {
        this.isTruncated = true;
        return;
      }
      const segments = [...above, entry.name];
      const place = path.join(folder, entry.name);
      // Links to folders are not followed: they may lead in a circle.
      if (entry.isDirectory()) {
        if (this.matcher.mayContain(segments)) this.enter(place, segments);
      } else if (imageEnding.test(entry.name) && this.matcher.matches(segments) && statOf(place)?.isFile() === true) {
        this.found.push(place);
      }
    }
  }
}

/** Undefined also for names that no file system takes. */
function statOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function filePathOf(documentUri: string, text: string): string | undefined {
  const uri = resolvePath(documentUri, text);
  if (uri === undefined) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
