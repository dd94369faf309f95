/** The file of a data set that a command is about. */
import { Uri, workspace } from 'vscode';
import { window } from './window';

/** Of the editor in front, whatever shows the file there. */
export function frontUri(): Uri | undefined {
  const input: unknown = window.tabGroups.activeTabGroup.activeTab?.input;
  return typeof input === 'object' && input !== null && 'uri' in input && input.uri instanceof Uri
    ? input.uri
    : undefined;
}

/** That of the editor in front, where it is a file of lines. */
export function frontDataSet(): Uri | undefined {
  const uri = frontUri();
  return uri !== undefined && /\.jsonl$/i.test(uri.path) ? uri : undefined;
}

/** What is read from the disk is what the person sees. @returns False where it could not be saved. */
export async function isSaved(file: Uri): Promise<boolean> {
  const open = workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.toString() === file.toString());
  return open === undefined || await open.save();
}
