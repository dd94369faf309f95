/** How names are written on the disk: small and capital letters are one name on some systems, and two on others. */
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { spelling } from '../../util/spelling';

/** Of larger folders the names are not compared. */
const MOST_NAMES = 200_000;
const MOST_FOLDERS = 16;
/** Names are read again after that time. */
const FRESH_MS = 5_000;

interface Names {
  /** As written, by what they look like; undefined where two of them look alike. */
  readonly written: ReadonlyMap<string, string | undefined>;
  readonly exact: ReadonlySet<string>;
  readonly readAt: number;
}

export class DiskNames {
  private readonly folders = new Map<string, Promise<Names>>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * The names of a path below a folder as the disk has them.
   * @param folder Absolute. @returns Undefined where there is no such path, or more than one. Never rejects.
   */
  async written(folder: string, names: readonly string[]): Promise<readonly string[] | undefined> {
    const found: string[] = [];
    for (const name of names) {
      if (name === '.' || name === '..') {
        found.push(name);
        continue;
      }
      const { written, exact } = await this.namesIn(path.join(folder, ...found));
      const onDisk = exact.has(name) ? name : written.get(folded(name));
      if (onDisk === undefined) return undefined;
      found.push(onDisk);
    }
    return found;
  }

  private async namesIn(folder: string): Promise<Names> {
    const known = await this.folders.get(folder);
    if (known !== undefined && this.now() - known.readAt <= FRESH_MS) return known;
    this.folders.delete(folder);
    const names = readNames(folder, this.now());
    this.folders.set(folder, names);
    const [oldest] = this.folders.keys();
    if (this.folders.size > MOST_FOLDERS && oldest !== undefined) this.folders.delete(oldest);
    return names;
  }
}

async function readNames(folder: string, readAt: number): Promise<Names> {
  const written = new Map<string, string | undefined>();
  const exact = new Set<string>();
  try {
    for await (const { name } of await opendir(folder)) {
      if (exact.size >= MOST_NAMES) return { written: new Map(), exact: new Set(), readAt };
      exact.add(name);
      written.set(folded(name), written.has(folded(name)) ? undefined : name);
    }
  } catch {
    // A folder that cannot be read has no names.
  }
  return { written, exact, readAt };
}

function folded(name: string): string {
  return spelling(name).toLowerCase();
}
