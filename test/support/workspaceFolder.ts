/** A workspace with sample pictures and what goes wrong, fresh for every test file. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { textNamedPng } from './badPictures';
import { temporaryFolder } from './commandLine';
import type { TemporaryFolder } from './commandLine';
import { samplePath } from './samples';

export interface TestWorkspace {
  /** Absolute; also the tests' `PALIGEMMA_CACHE` lies beside it. */
  readonly path: string;
  readonly cache: string;
  remove(): void;
}

/** @param images Sample pictures that are copied into it, beside `broken.png` (a text file) and `notes.txt`. */
export function testWorkspace(images: readonly string[]): TestWorkspace {
  const folder: TemporaryFolder = temporaryFolder();
  const path = folder.at('pictures');
  mkdirSync(path);
  for (const image of images) copyFileSync(samplePath(image), folder.at('pictures', image));
  textNamedPng(folder.at('pictures', 'broken.png'));
  writeFileSync(folder.at('pictures', 'notes.txt'), 'Only pictures can be captioned.\n');
  return { path, cache: folder.at('cache'), remove: () => folder.remove() };
}
