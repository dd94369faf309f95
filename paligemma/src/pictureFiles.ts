/** The sentences for picture files that cannot be read: the same ones from whichever process finds out. */
import * as l10n from '@vscode/l10n';
import { hasWrongPages } from './documentPages';
import { Failure } from './failures';

/** Largest picture file. The whole file is held in memory while it is decoded. */
export const MOST_PICTURE_BYTES = 1024 ** 3;

/** What a file system says of a path; the parts of Node's `Stats` that are needed. */
export interface FileFacts {
  readonly size: number;
  isDirectory(): boolean;
  isFile(): boolean;
}

/**
 * To be asked before opening: reading from a pipe would wait for ever.
 * @throws Failure `imageUnsupported` for a folder, a device or a pipe; `imageEmpty`; `imageTooLarge`.
 */
export function checkPictureFile(imagePath: string, file: FileFacts): void {
  if (file.isDirectory()) {
    throw new Failure(
      'imageUnsupported',
      l10n.t(
        '“{0}” is a folder. Choose a picture in it, or name many, for example {1}/*.png.',
        imagePath,
        imagePath.replace(/[/\\]$/, ''),
      ),
    );
  }
  if (!file.isFile()) {
    throw new Failure(
      'imageUnsupported',
      l10n.t('“{0}” is a device or a pipe, not a file. Save the picture to a file and name that.', imagePath),
    );
  }
  if (file.size === 0) {
    throw new Failure(
      'imageEmpty',
      l10n.t('“{0}” has no content (0 bytes). Save or copy the picture again.', imagePath),
    );
  }
  if (file.size > MOST_PICTURE_BYTES) {
    throw new Failure(
      'imageTooLarge',
      l10n.t(
        '“{0}” has {1} MiB; up to {2} MiB are read. Save a smaller copy.',
        imagePath,
        Math.round(file.size / 2 ** 20),
        MOST_PICTURE_BYTES / 2 ** 20,
      ),
    );
  }
}

/** @param code Of the failure to open or read it, such as `ENOENT`. */
export function unreadPicture(imagePath: string, code: string, cause: unknown): Failure {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure(
        'imageMissing',
        hasWrongPages(imagePath)
          ? l10n.t('“{0}” names no page. Pages count from 1: write #page=3, or #page=2-5 for several.', imagePath)
          : l10n.t('There is no picture at “{0}”. Check its name and folder.', imagePath),
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          'You are not allowed to read “{0}”. Change its permissions, or copy it to a folder of your own.',
          imagePath,
        ),
        { cause },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” could not be opened: no more files may be open at once ({1}). Close other programs, or raise the limit, for example by "ulimit -n 1024".',
          imagePath,
          code,
        ),
        { cause },
      );
    default:
      return new Failure(
        'imageUnreadable',
        l10n.t(
          '“{0}” could not be read from the disk ({1}). Check the path and the disk, then try again.',
          imagePath,
          code,
        ),
        { cause },
      );
  }
}

/** For a picture that is no longer the one whose parts were read before. */
export function changedPicture(imagePath: string): Failure {
  return new Failure(
    'imageUnreadable',
    l10n.t('“{0}” was changed while its parts were read. Run it again.', imagePath),
  );
}
