import * as l10n from '@vscode/l10n';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../paligemma/src/failures';

/** @throws Failure `badArgument` for anything but a file on this machine. */
export function imagePathOf(imageUri: string): string {
  try {
    return fileURLToPath(imageUri);
  } catch (error) {
    throw new Failure(
      'badArgument',
      l10n.t(
        '{0} is not a file on this machine. Save the picture to a file (a file: URI) and run it there.',
        imageUri.slice(0, 200),
      ),
      { cause: error },
    );
  }
}
