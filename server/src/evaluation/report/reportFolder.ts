/** Writes the page of an evaluation. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { replaceNamedFile } from '../../../../batch/src/disk';
import { Failure } from '../../../../paligemma/src/failures';
import { makeFolder } from '../../../../system/src/makeFolder';

const REPORT_FILE = 'report.html';

/** A folder for the page. */
export class ReportFolder {
  /** @param folder Absolute. */
  constructor(private readonly folder: string) {}

  /** Before anything is run. @throws Failure `fileUnwritable` */
  async make(): Promise<void> {
    await this.writing(() => makeFolder(this.folder));
  }

  /** Replaces an earlier one. @returns its path. @throws Failure `fileUnwritable` */
  async write(page: string): Promise<string> {
    const file = path.join(this.folder, REPORT_FILE);
    await this.writing(() => replaceNamedFile(file, page));
    return file;
  }

  private async writing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw new Failure(
        'fileUnwritable',
        l10n.t(
          'The report cannot be written into {0} ({1}). Name another folder.',
          this.folder,
          error instanceof Error ? error.message : String(error),
        ),
        { cause: error },
      );
    }
  }
}
