/** The sentences for picture files that cannot be read: the same ones from whichever process finds out. */
import { HostError } from './failures';

/** What a file system says of a path; the parts of Node's `Stats` that are needed. */
export interface FileFacts {
  readonly size: number;
  isDirectory(): boolean;
  isFile(): boolean;
}

/**
 * To be asked before opening: reading from a pipe would wait for ever.
 * @throws HostError `imageUnsupported` for a folder, a device or a pipe; `imageEmpty`.
 */
export function checkPictureFile(imagePath: string, file: FileFacts): void {
  if (file.isDirectory()) {
    throw new HostError(
      'imageUnsupported',
      `“${imagePath}” is a folder. Choose a picture in it, or name many, for example ${
        imagePath.replace(/[/\\]$/, '')
      }/*.png.`,
    );
  }
  if (!file.isFile()) {
    throw new HostError(
      'imageUnsupported',
      `“${imagePath}” is a device or a pipe, not a file. Save the picture to a file and name that.`,
    );
  }
  if (file.size === 0) {
    throw new HostError('imageEmpty', `“${imagePath}” has no content (0 bytes). Save or copy the picture again.`);
  }
}

/** @param code Of the failure to open or read it, such as `ENOENT`. */
export function unreadPicture(imagePath: string, code: string, cause: unknown): HostError {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new HostError('imageMissing', `There is no picture at “${imagePath}”. Check its name and folder.`, {
        cause,
      });
    case 'EACCES':
    case 'EPERM':
      return new HostError(
        'imageUnreadable',
        `“${imagePath}” may not be read by this user. Change its permissions, or copy it to a folder of your own.`,
        { cause },
      );
    default:
      return new HostError(
        'imageUnreadable',
        `“${imagePath}” could not be read from the disk (${code}). Check the path and the disk, then try again.`,
        { cause },
      );
  }
}
