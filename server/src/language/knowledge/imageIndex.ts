/** The pictures of the workspace as a prompt file would write them. */
import type { ImageFile } from './context';
import { editDistance } from '../text/fuzzy';
import { absolutePath, baseName, relativeFrom } from '../text/paths';

export interface IndexedPath {
  readonly uri: string;
  /** Relative to the document's folder; absolute for a document without one. */
  readonly path: string;
  readonly lower: string;
}

/** Kept for as long as a list of files lives: matching thousands of paths must not build them anew at every key. */
const indexes = new WeakMap<readonly ImageFile[], Map<string, readonly IndexedPath[]>>();

export function indexedPaths(documentUri: string, files: readonly ImageFile[]): readonly IndexedPath[] {
  const folder = documentUri.slice(0, documentUri.lastIndexOf('/') + 1);
  let byFolder = indexes.get(files);
  if (byFolder === undefined) indexes.set(files, byFolder = new Map<string, readonly IndexedPath[]>());
  let paths = byFolder.get(folder);
  if (paths === undefined) {
    const hasFolder = /^[a-z][a-z0-9+.-]+:\/\//i.test(documentUri);
    const pathOf = hasFolder ? relativeFrom(documentUri) : absolutePath;
    // A name with a line break has no place in a line.
    paths = files.filter(({ uri }) => !/%0[ad]/i.test(uri)).map(({ uri }) => {
      const path = pathOf(uri);
      return { uri, path, lower: path.toLowerCase() };
    });
    byFolder.set(folder, paths);
  }
  return paths;
}

/**
 * Up to three paths of pictures with the name of a missing one in another folder, or with a similar name; best first.
 */
export function similarImages(documentUri: string, missing: string, files: readonly ImageFile[]): string[] {
  const name = baseName(missing).toLowerCase().slice(0, 80);
  const stem = withoutExtension(name);
  const ranked: { path: string; distance: number }[] = [];
  for (const { path, lower } of indexedPaths(documentUri, files)) {
    const other = lower.slice(lower.lastIndexOf('/') + 1);
    // The same picture in another format is the likeliest slip of all after another folder.
    const distance = other === name ? 0 : withoutExtension(other) === stem
      ? 0.5
      : Math.abs(other.length - name.length) > 2
      ? 3
      : editDistance(other.slice(0, 80), name);
    if (distance < 3) ranked.push({ path, distance });
  }
  return ranked.sort((a, b) => a.distance - b.distance || a.path.length - b.path.length).slice(0, 3).map(({ path }) =>
    path
  );
}

function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}
