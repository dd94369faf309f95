import * as l10n from '@vscode/l10n';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { documentTarget, pageOf } from '../../../paligemma/src/documentPages';
import { Failure } from '../../../paligemma/src/failures';
import { pathOfUri } from '../workspace/filePaths';

/**
 * The path of a picture; of a page of a document with its fragment.
 * @throws Failure `badArgument` for anything but a file on this machine.
 */
export function imagePathOf(imageUri: string): string {
  try {
    const file = fileURLToPath(imageUri);
    const page = documentTarget(imageUri)?.pages?.from;
    return page === undefined ? file : pageOf(file, page);
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

/** {@link imagePathOf} of a file on this machine; undefined for anything else. */
export function localImagePath(imageUri: string | undefined): string | undefined {
  return imageUri === undefined || pathOfUri(imageUri) === undefined ? undefined : imagePathOf(imageUri);
}

/** The address of a picture, as {@link imagePathOf} reads it. */
export function imageUriOf(imagePath: string): string {
  const { file, pages } = documentTarget(imagePath) ?? { file: imagePath };
  const uri = pathToFileURL(file).href;
  return pages === undefined ? uri : pageOf(uri, pages.from);
}
