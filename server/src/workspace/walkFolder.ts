/** The files below a folder, bounded, in pieces, without following links to folders: those may lead in a circle. */
import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { leadsElsewhere } from '../util/linksElsewhere';
import { Slices, sortInSlices } from '../util/slices';

/** Paths come as the names below the folder that the walk began in. */
export interface WalkFilter {
  /** Called before the entries of a folder are asked about, the first one included. */
  open?(segments: readonly string[], place: string): Promise<void>;
  enters(segments: readonly string[]): boolean;
  takes(segments: readonly string[]): boolean;
}

export interface WalkLimits {
  readonly mostFiles: number;
  readonly mostEntries: number;
}

export interface WalkResult {
  /** Absolute, in the order of their names, folder by folder. */
  readonly files: readonly string[];
  /** There is more: `files` are the first ones. */
  readonly isTruncated: boolean;
}

/** Folders that cannot be read are left out. Never throws. */
export async function walkFolder(root: string, filter: WalkFilter, limits: WalkLimits): Promise<WalkResult> {
  const walk = new Walk(filter, limits);
  await walk.folder(root, []);
  return { files: walk.files.slice(0, limits.mostFiles), isTruncated: walk.isTruncated };
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

class Walk {
  readonly files: string[] = [];
  isTruncated = false;
  private entries = 0;
  private readonly slices = new Slices();

  constructor(private readonly filter: WalkFilter, private readonly limits: WalkLimits) {}

  async folder(place: string, segments: readonly string[]): Promise<void> {
    await this.filter.open?.(segments, place);
    const wanted = await sortInSlices(
      await this.read(place, segments),
      (a, b) => (a.name < b.name ? -1 : 1),
      this.slices,
    );
    for (const { name, isFolder } of wanted) {
      if (this.files.length > this.limits.mostFiles) {
        this.isTruncated = true;
        return;
      }
      const below = path.join(place, name);
      if (isFolder) await this.folder(below, [...segments, name]);
      else this.files.push(below);
      if (this.slices.isOver) await this.slices.turn();
    }
    if (this.files.length > this.limits.mostFiles) this.isTruncated = true;
  }

  private async read(place: string, segments: readonly string[]): Promise<Entry[]> {
    const wanted: Entry[] = [];
    try {
      for await (const entry of await opendir(place, { bufferSize: 512 })) {
        if (++this.entries > this.limits.mostEntries) {
          this.isTruncated = true;
          break;
        }
        const below = [...segments, entry.name];
        if (
          entry.isDirectory()
            ? this.filter.enters(below)
            : this.filter.takes(below) && await isFile(entry, path.join(place, entry.name))
        ) {
          wanted.push({ name: entry.name, isFolder: entry.isDirectory() });
        }
        if (this.slices.isOver) await this.slices.turn();
      }
    } catch {
      // Gone, or not for us to read: what was seen of it so far counts.
    }
    return wanted;
  }
}

/** A link counts as what it leads to, where that is a file of the machine that the walk is on. */
async function isFile(entry: Dirent, place: string): Promise<boolean> {
  if (entry.isFile()) return true;
  if (await leadsElsewhere(place)) return false;
  const info = await stat(place).catch(() => undefined);
  return info?.isFile() === true;
}
