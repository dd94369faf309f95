/** A workspace with folders of pictures, fresh for every test file. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { textNamedPng } from './badPictures';
import { temporaryFolder } from './commandLine';
import { samplePath } from './samples';

const heldout = path.resolve('test/fixtures/demo-heldout');

export interface PictureFolders {
  /** Absolute. */
  readonly path: string;
  /** For `PALIGEMMA_CACHE`: a folder beside it that does not exist yet. */
  readonly cache: string;
  remove(): void;
}

/**
 * `some`: sample pictures beside `broken.png`, a text file; `many`: sample pictures, so many held-out ones, and one in
 * the folder `hidden`.
 */
export function pictureFolders(
  { some, many, moreInMany }: {
    readonly some: readonly string[];
    readonly many: readonly string[];
    readonly moreInMany: number;
  },
): PictureFolders {
  const folder = temporaryFolder();
  for (const name of ['some', 'many', 'many/hidden']) mkdirSync(folder.at('pictures', name), { recursive: true });
  for (const image of some) copyFileSync(samplePath(image), folder.at('pictures', 'some', image));
  textNamedPng(folder.at('pictures', 'some', 'broken.png'));
  for (const image of many) copyFileSync(samplePath(image), folder.at('pictures', 'many', image));
  for (const name of readdirSync(heldout).filter(file => file.endsWith('.png')).sort().slice(0, moreInMany)) {
    copyFileSync(path.join(heldout, name), folder.at('pictures', 'many', `held-out-${name}`));
  }
  copyFileSync(samplePath('01.png'), folder.at('pictures', 'many', 'hidden', '01.png'));
  return { path: folder.at('pictures'), cache: folder.at('cache'), remove: () => folder.remove() };
}
