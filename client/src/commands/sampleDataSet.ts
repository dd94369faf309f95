/** The data set of the first steps: a copy that is the person's to change. */
import { FileSystemError, Uri, workspace } from 'vscode';
import type { DataSetEditors } from '../dataSet/dataSetEditors';
import { isTrustedOrAsk } from '../common/trust';
import { samplesUri } from './samples';

const FILE_NAME = 'shapes.jsonl';

export interface SampleDataSetParts {
  readonly extensionUri: Uri;
  /** A folder that the extension may write to. */
  readonly storageUri: Uri;
  readonly dataSets: Pick<DataSetEditors, 'show'>;
}

/** Shows it line by line. What the person changed in it stays, however often it is opened. */
export async function openSampleDataSet({ extensionUri, storageUri, dataSets }: SampleDataSetParts): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const folder = Uri.joinPath(storageUri, 'sample-data-set');
  const file = Uri.joinPath(folder, FILE_NAME);
  await putOnce(samplesUri(extensionUri), Uri.joinPath(folder, 'pictures'));
  await putOnce(Uri.joinPath(extensionUri, 'media', 'samples-workspace', FILE_NAME), file);
  await dataSets.show([file]);
}

/** Leaves alone what is there already. */
async function putOnce(from: Uri, to: Uri): Promise<void> {
  try {
    await workspace.fs.copy(from, to, { overwrite: false });
  } catch (error) {
    if (!(error instanceof FileSystemError && error.code === 'FileExists')) throw error;
  }
}
