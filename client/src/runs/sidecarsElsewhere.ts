/** Text files beside pictures of file systems that are not on disk: the editor writes them. */
import { sidecarPaths } from '../../../batch/src/answerNames';
import { sidecarText } from '../../../paligemma/src/answers/sidecar';
import { imagePath } from '../images/documentPages';
import type { RunOutcome } from '../../../paligemma/src/runResult';
import { FileSystemError, l10n, workspace } from 'vscode';
import type { Uri } from 'vscode';

/**
 * One sentence: why no files can be written beside these pictures. Undefined where they can, as far as the editor
 * knows.
 */
export function whyNotWritable(images: readonly Uri[]): string | undefined {
  const readOnly = images.map(({ scheme }) => scheme).find(scheme =>
    workspace.fs.isWritableFileSystem(scheme) === false
  );
  return readOnly === undefined
    ? undefined
    : l10n.t(
      'The file system of these pictures (“{0}”) cannot be written to, so the answers are shown only.',
      readOnly,
    );
}

export interface WrittenSidecars {
  readonly written: number;
  /** Files that were there already and stay as they are. */
  readonly kept: number;
}

/** @throws the error of the file system that refuses. */
export async function writeSidecars(images: readonly Uri[], outcomes: readonly RunOutcome[]): Promise<WrittenSidecars> {
  const paths = sidecarPaths(images.map(imagePath));
  let [written, kept] = [0, 0];
  for (const [index, image] of images.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || !('result' in outcome)) continue;
    const place = image.with({ path: paths[index] ?? '', fragment: '' });
    if (await exists(place)) {
      kept++;
      continue;
    }
    await workspace.fs.writeFile(place, new TextEncoder().encode(sidecarText(outcome.result)));
    written++;
  }
  return { written, kept };
}

async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}
