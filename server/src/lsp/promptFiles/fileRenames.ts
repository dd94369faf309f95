/** Paths in prompt files follow files and folders that the editor renames. */
import { pathToFileURL } from 'node:url';
import type { FileRename } from '../../language/features/imagePathEdits';
import { imagePathEdits } from '../../language/features/imagePathEdits';
import type { Documents } from './documents';
import { canonicalUri } from '../../language/text/paths';
import { readPromptFile } from '../../workspace/promptFileLabels';
import type { WorkspaceFiles } from '../../workspace/workspaceFiles';
import type { DocumentEdits } from '../workspaceEdits';

/** Closed prompt files that are looked through. */
const MOST_FILES = 500;

/** Edits of every open prompt file, and of the closed ones of the workspace. */
export async function editsForRenames(
  renames: readonly FileRename[],
  documents: Documents,
  files: WorkspaceFiles,
): Promise<DocumentEdits[]> {
  await files.settled;
  const all: DocumentEdits[] = [];
  const open = new Set<string>();
  for (const document of documents.all()) {
    open.add(canonicalUri(document.uri));
    all.push({ document, edits: imagePathEdits(document, renames), isOpen: true });
  }
  for (const place of files.promptFiles.slice(0, MOST_FILES)) {
    if (open.has(canonicalUri(pathToFileURL(place).href))) continue;
    const document = await readPromptFile(place);
    if (document !== undefined) all.push({ document, edits: imagePathEdits(document, renames), isOpen: false });
  }
  return all.filter(({ edits }) => edits.length > 0);
}
