/** Identity of a picture: the hash of its bytes. Also the first look at whether it can be read at all. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { HostError } from '../../../paligemma/src/failures';
import { throwIfCancelled } from '../util/cancellation';
import { errorCode } from '../util/files';

/**
 * @returns SHA-256 of the file's bytes, hexadecimal.
 * @throws HostError `imageMissing`, `imageUnsupported` (a folder), `imageUnreadable`, `imageEmpty`; CancelledError
 *   between two blocks.
 */
export async function hashImage(imagePath: string, token: CancellationToken): Promise<string> {
  throwIfCancelled(token);
  try {
    const info = await stat(imagePath);
    if (info.isDirectory()) {
      throw new HostError(
        'imageUnsupported',
        `${imagePath} is a folder. Name the pictures in it, for example ${imagePath.replace(/[/\\]$/, '')}/*.png.`,
      );
    }
    // Reading from a pipe would wait for ever, and the host could not read it a second time.
    if (!info.isFile()) {
      throw new HostError('imageUnreadable', `${imagePath} is not a file. Save the picture to a file and name that.`);
    }
    if (info.size === 0) {
      throw new HostError('imageEmpty', `The file ${imagePath} is empty. Save or download the picture again.`);
    }
    const hash = createHash('sha256');
    for await (const block of createReadStream(imagePath, { highWaterMark: 1 << 20 })) {
      throwIfCancelled(token);
      hash.update(block as Buffer);
    }
    return hash.digest('hex');
  } catch (error) {
    throw imageError(imagePath, error);
  }
}

function imageError(imagePath: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new HostError('imageMissing', `There is no picture at ${imagePath}. Check the path.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new HostError('imageUnreadable', `${imagePath} may not be read. Check the permissions of the file.`, {
      cause: error,
    });
  }
  return new HostError('imageUnreadable', `${imagePath} could not be read (${code}). Check the path and the disk.`, {
    cause: error,
  });
}
