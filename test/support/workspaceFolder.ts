/** A workspace with sample pictures and what goes wrong, fresh for every test file. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { textNamedPng } from './badPictures';
import { temporaryFolder } from './commandLine';
import type { TemporaryFolder } from './commandLine';
import { samplePath } from './samples';

const heldout = path.resolve('test/fixtures/demo-heldout');

export interface TestWorkspace {
  /** Absolute. */
  readonly path: string;
  /** For `PALIGEMMA_CACHE`: a folder beside it that does not exist yet. */
  readonly cache: string;
  /** Names of the held-out pictures in it. */
  readonly moreImages: readonly string[];
  remove(): void;
}

/**
 * @param images Sample pictures that are copied into it, beside `broken.png` (a text file) and `notes.txt`.
 * @param more So many held-out pictures of the demo model are copied too.
 */
export function testWorkspace(images: readonly string[], more = 0): TestWorkspace {
  const folder: TemporaryFolder = temporaryFolder();
  mkdirSync(folder.at('pictures'));
  for (const image of images) copyFileSync(samplePath(image), folder.at('pictures', image));
  const moreImages = readdirSync(heldout).filter(name => name.endsWith('.png')).sort().slice(0, more).map(name => ({
    name,
    as: `held-out-${name}`,
  }));
  for (const { name, as } of moreImages) copyFileSync(path.join(heldout, name), folder.at('pictures', as));
  textNamedPng(folder.at('pictures', 'broken.png'));
  writeFileSync(folder.at('pictures', 'notes.txt'), 'Only pictures can be captioned.\n');
  return {
    path: folder.at('pictures'),
    moreImages: moreImages.map(({ as }) => as),
    cache: folder.at('cache'),
    remove: () => folder.remove(),
  };
}
