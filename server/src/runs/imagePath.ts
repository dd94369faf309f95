import { fileURLToPath } from 'node:url';
import { HostError } from '../../../paligemma/src/failures';

/** @throws HostError `badArgument` for anything but a file on this machine. */
export function imagePathOf(imageUri: string): string {
  try {
    return fileURLToPath(imageUri);
  } catch (error) {
    throw new HostError(
      'badArgument',
      `${
        imageUri.slice(0, 200)
      } is not a file on this machine. Save the picture to a file (a file: URI) and run it there.`,
      { cause: error },
    );
  }
}
