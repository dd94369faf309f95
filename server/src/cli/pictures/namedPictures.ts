/** From what a command line names to pictures: paths, patterns, folders, lists, pipes and addresses. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { commonFolder } from '../../../../batch/src/answerNames';
import { Failure } from '../../../../paligemma/src/failures';
import { splitPages } from '../../../../paligemma/src/documentPages';
import { isElsewhere, machineOf, machineOfPath } from '../../../../paligemma/src/otherMachines';
import { isImagePath } from '../../../../paligemma/src/pictureTypes';
import { isGlob } from '../../language/syntax/imageList';
import { isRemote } from '../../language/text/paths';
import { imagePathOf } from '../../runs/imagePath';
import { throwIfCancelled } from '../../util/cancellation';
import { leadsElsewhere } from '../../util/linksElsewhere';
import { statOf } from '../../workspace/filePaths';
import { findImages } from '../../workspace/imageMatches';
import { walkFolder } from '../../workspace/walkFolder';
import { UsageError } from '../terminal/options';
import { isPipe, isStandardInput, placeOf, readTextInput } from './inputs';
import { PipedPictures } from './pipedPictures';

export interface PictureWords {
  /** Words of the command line. */
  readonly words: readonly string[];
  /** A list of names: a file, or `-`. */
  readonly listWord?: string | undefined;
  /** Takes folders with all that is below them. */
  readonly isRecursive?: boolean;
  /** Refuses pictures that come through a pipe: there is no name for them that a file could tell. */
  readonly needsNames?: boolean;
}

/** A picture that was named; `failure` where it is known already that it cannot be run. */
export interface NamedPicture {
  /** As it was given, or like it. */
  readonly image: string;
  /** Absolute. */
  readonly imagePath: string;
  readonly failure?: Failure;
}

export interface NamedPictures {
  /** In the order of the words; those of a folder in the order of their names, numbers by value. */
  readonly pictures: readonly NamedPicture[];
  /** Whether the disk or a list says how many there are, so that one today may be two tomorrow. */
  readonly isOpen: boolean;
  /** The folder from which places of pictures are told: the deepest one that holds all that was named. */
  readonly base: string;
}

/** Of one folder. */
const folderLimits = { mostFiles: 100_000, mostEntries: 2_000_000 } as const;
/** What editors hide by themselves. Source: the default of VS Code's setting `files.exclude`. */
const neverEntered = new Set(['.git', '.svn', '.hg', 'CVS']);
const byName = new Intl.Collator('en', { numeric: true });
const MOST_SHOWN = 200;

/** @throws UsageError; Failure where the list cannot be read; CancelledError. */
export async function namedPictures(
  { words, listWord, isRecursive = false, needsNames = false }: PictureWords,
  token: CancellationToken,
): Promise<NamedPictures> {
  const readers = [...words, ...(listWord === undefined ? [] : [listWord])].filter(isStandardInput);
  if (readers.length > 1) throw new UsageError('Standard input can be read once, and is named twice.');
  if (words.some(isStandardInput) && process.stdin.isTTY) {
    throw new UsageError('No picture comes from a keyboard: write "paligemma caption - < photo.jpg", for example.');
  }
  const finder = new Finder({ isRecursive, needsNames }, token);
  for (const word of words) await finder.take(word, isGlob(word));
  if (listWord !== undefined) {
    finder.isOpen = true;
    // Names of a list are no patterns: whatever wrote it has expanded them.
    const { text, folder } = await readTextInput(listWord, 'list', token);
    for (const name of namesIn(text)) await finder.takeListed(name, folder);
  }
  if (finder.pictures.length === 0) throw new UsageError('No picture was named.');
  return finder;
}

/** One a line, or ended by NUL, as `find -print0` and `git ls-files -z` write them. */
export function namesIn(list: string): string[] {
  return list.split(list.includes('\0') ? '\0' : /\r\n?|\n/).filter(name => name !== '');
}

class Finder implements NamedPictures {
  readonly pictures: NamedPicture[] = [];
  isOpen = false;
  private readonly pipes = new PipedPictures();
  /** Of what was named: a picture's own, the fixed beginning of a pattern, or the folder itself. */
  private readonly folders = new Set<string>();

  constructor(
    private readonly wish: Required<Pick<PictureWords, 'isRecursive' | 'needsNames'>>,
    private readonly token: CancellationToken,
  ) {}

  get base(): string {
    return commonFolder([...this.folders]);
  }

  async take(word: string, isPattern: boolean): Promise<void> {
    throwIfCancelled(this.token);
    if (word === '') throw new UsageError('The name of a picture is empty.');
    try {
      await this.find(word, isPattern);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.pictures.push({ image: word, imagePath: path.resolve(word), failure: error });
    }
  }

  /** A name that stands in a list, which is no word of the person. */
  async takeListed(name: string, listFolder: string): Promise<void> {
    const isOnOther = isElsewhere(machineOf(name), [machineOfPath(listFolder)]);
    if (!isOnOther && !await leadsElsewhere(placeOf(splitPages(name).file).path)) return this.take(name, false);
    const failure = new Failure(
      'badArgument',
      l10n.t(
        '“{0}” stands in the list and is on another machine: to open it would tell that machine who is logged in here. Name it on the command line itself.',
        name.slice(0, MOST_SHOWN),
      ),
    );
    this.pictures.push({ image: name, imagePath: path.resolve(name), failure });
  }

  private async find(word: string, isPattern: boolean): Promise<void> {
    if (isStandardInput(word)) return this.push(word, await this.piped(word, undefined));
    if (isAddress(word) && !existsSync(word)) {
      throw new Failure(
        'badArgument',
        l10n.t(
          '“{0}” is an address, and pictures are not fetched. Download it and name the file.',
          word.slice(0, MOST_SHOWN),
        ),
      );
    }
    // What is on the disk is the document; its pages are no part of its name.
    const { file, pages } = splitPages(word);
    const place = placeOf(file);
    const info = await statOf(place.path);
    if (info === undefined) return isPattern ? this.matches(file, pages) : this.named(word, place.path + pages);
    if (info.isDirectory()) return this.folder(word, place);
    this.named(word, isPipe(place.path, info) ? await this.piped(word, place.path) : place.path + pages);
  }

  private named(image: string, imagePath: string): void {
    this.folders.add(path.dirname(imagePath));
    this.push(image, imagePath);
  }

  private piped(word: string, place: string | undefined): Promise<string> {
    if (!this.wish.needsNames) return this.pipes.take(word, place, this.token);
    throw new Failure(
      'badArgument',
      l10n.t('What comes through “{0}” has no name that a file could tell. Save the picture, and name its file.', word),
    );
  }

  private push(image: string, imagePath: string): void {
    this.pictures.push({ image, imagePath });
  }

  /** A pattern that no shell has expanded: it was quoted, or the shell is one that never does. */
  private async matches(pattern: string, pages: string): Promise<void> {
    this.isOpen = true;
    const home = /^~[/\\]/.test(pattern) ? placeOf('~').path : undefined;
    const whole = home === undefined ? pattern : home + pattern.slice(1);
    // A person may name another machine: then the pattern is looked up as if it stood in a document there.
    const place = machineOfPath(whole) === undefined ? '-' : whole;
    const { uris, isTruncated } = await findImages(pathToFileURL(path.resolve(place)).href, whole);
    if (uris.length === 0) {
      throw new Failure(
        'imageMissing',
        l10n.t('There is no picture “{0}”, and none that matches it as a pattern. Check the folder.', pattern),
      );
    }
    this.folders.add(fixedFolder(home === undefined ? pattern : home + pattern.slice(1)));
    const isAbsolute = home !== undefined || path.isAbsolute(pattern);
    for (const file of uris.map(imagePathOf)) {
      this.push((isAbsolute ? file : path.relative(process.cwd(), file)) + pages, file + pages);
    }
    if (isTruncated === true) throw tooMany(pattern, uris.length);
  }

  private async folder(word: string, { path: folder, isPath }: { path: string; isPath: boolean }): Promise<void> {
    if (!this.wish.isRecursive) {
      throw new Failure(
        'imageUnsupported',
        l10n.t(
          '“{0}” is a folder. Add --recursive for all pictures in it, or name some, for example {1}.',
          word,
          path.join(word, '*.png'),
        ),
      );
    }
    this.isOpen = true;
    this.folders.add(folder);
    const { files, isTruncated } = await walkFolder(folder, {
      enters: names => {
        throwIfCancelled(this.token);
        return !neverEntered.has(names.at(-1) ?? '');
      },
      takes: names => isImagePath(names.at(-1) ?? ''),
    }, folderLimits);
    if (files.length === 0) {
      throw new Failure('imageMissing', l10n.t('There is no picture in the folder “{0}” or below it.', word));
    }
    for (const file of [...files].sort((a, b) => byName.compare(a, b))) {
      this.push(isPath ? path.join(word, path.relative(folder, file)) : file, file);
    }
    if (isTruncated) throw tooMany(word, files.length);
  }
}

function tooMany(word: string, count: number): Failure {
  return new Failure(
    'badArgument',
    l10n.t('“{0}” stands for more than {1} pictures; the first ones are run. Name a smaller part.', word, count),
  );
}

/** The folder in which all lies that a pattern can match. */
function fixedFolder(pattern: string): string {
  const parts = path.resolve(pattern).split(path.sep);
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first < 0 ? -1 : first).join(path.sep) || path.sep;
}

/** What is no drive or name with a colon in it. */
function isAddress(word: string): boolean {
  return isRemote(word) && /^(?:[^:]+:\/\/|data:)/i.test(word);
}
