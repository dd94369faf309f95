/** Pictures that come through a pipe, as files: whoever decodes them is another process, and reads them twice. */
import * as l10n from '@vscode/l10n';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { atProcessEnd } from '../../../../system/src/processEnd';
import { Failure } from '../../../../paligemma/src/failures';
import { unreadPicture } from '../../../../paligemma/src/pictureFiles';
import { errorCode } from '../../util/files';
import { blocksOf, openInput } from './inputs';

const MOST_BYTES = 512 << 20;

export class PipedPictures {
  private folder: string | undefined;
  private count = 0;

  /**
   * Reads to the end of the pipe; the file is gone with the process.
   * @param word As it was given, for sentences.
   * @param place Undefined for standard input.
   * @returns Absolute path.
   * @throws Failure `imageEmpty`, `imageTooLarge`, `imageUnreadable`, `diskFull`; CancelledError.
   */
  async take(word: string, place: string | undefined, token: CancellationToken): Promise<string> {
    const tooLong = () =>
      new Failure(
        'imageTooLarge',
        l10n.t(
          'More than {0} MB came through “{1}”. Save the picture to a file and name that.',
          MOST_BYTES >> 20,
          word,
        ),
      );
    const filePath = path.join(await this.open(), place === undefined ? 'standard-input' : `pipe-${++this.count}`);
    let isEmpty = true;
    const blocks = async function*() {
      for await (const block of blocksOf(await openInput(place), { mostBytes: MOST_BYTES, tooLong }, token)) {
        isEmpty = false;
        yield block;
      }
    };
    try {
      await writeFile(filePath, blocks(), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      if (code !== 'ENOSPC') throw unreadPicture(word, code, error);
      throw new Failure(
        'diskFull',
        l10n.t('There is no room in {1} for the picture from “{0}”. Free some space there.', word, os.tmpdir()),
        { cause: error },
      );
    }
    if (!isEmpty) return filePath;
    throw new Failure('imageEmpty', l10n.t('Nothing came through “{0}”. Check the command before it.', word));
  }

  /** Readable by its owner only. */
  private async open(): Promise<string> {
    if (this.folder !== undefined) return this.folder;
    const folder = this.folder = await mkdtemp(path.join(os.tmpdir(), 'paligemma-'));
    atProcessEnd(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }
}
