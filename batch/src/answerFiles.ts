/** Writes the answers of a batch, each as soon as it is there: what is done stays, whatever happens to the rest. */
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../paligemma/src/errorCode';
import type { Translate } from '../../paligemma/src/translate';
import { makeFolder } from '../../system/src/makeFolder';
import type { Answer } from './answer';
import type { AnswerWriter } from './answerWriter';
import { CocoFile } from './cocoFile';
import { RefusedFile, sweepPartials, type WriteOutcome } from './disk';
import { LineFile } from './lineFile';
import { PictureFiles } from './pictureFiles';
import type { BatchTarget } from './plan';
import { unwritten, type UnwrittenAnswer } from './unwritten';

export class AnswerFiles {
  private readonly writer: AnswerWriter;

  /** @param isResumed The batch wrote before, so nothing of that is replaced. */
  constructor(private readonly target: BatchTarget, isResumed: boolean, private readonly t: Translate) {
    this.writer = writerOf(target, isResumed);
  }

  /**
   * Looks whether anything can be written, before anything is run, and takes away what killed batches left half-written.
   * Of files beside pictures each one tells by itself.
   * @throws UnwrittenAnswer
   */
  async begin(): Promise<void> {
    const { target } = this;
    await sweepPartials('path' in target ? [target.path] : target.paths);
    const folder = 'path' in target ? path.dirname(target.path) : target.folder;
    if (folder === undefined) return;
    await this.telling(async () => {
      try {
        await makeFolder(folder);
        await access(folder, constants.W_OK);
        if ('path' in target && await stat(target.path).catch(() => undefined)) {
          await access(target.path, constants.W_OK);
        }
      } catch (error) {
        throw new RefusedFile('path' in target ? target.path : target.paths[0] ?? folder, error);
      }
    });
  }

  /** Why the files of some pictures cannot be written, as far as their folders tell: those need no run. By index. */
  async refused(): Promise<ReadonlyMap<number, UnwrittenAnswer>> {
    const { target, t } = this;
    const found = new Map<number, UnwrittenAnswer>();
    if ('path' in target) return found;
    const folders = new Map<string, unknown>();
    for (const [index, filePath] of target.paths.entries()) {
      const folder = path.dirname(filePath);
      if (!folders.has(folder)) folders.set(folder, await whyNotWritable(folder));
      const error = folders.get(folder);
      if (error !== undefined) found.set(index, unwritten(new RefusedFile(filePath, error), false, t));
    }
    return found;
  }

  /** @throws UnwrittenAnswer, with nothing of this answer left. */
  write(index: number, answer: Answer): Promise<WriteOutcome> {
    return this.telling(() => this.writer.write(index, answer));
  }

  /** To be called once no more answers come, for whichever reason. @throws UnwrittenAnswer */
  finish(): Promise<void> {
    return this.telling(() => this.writer.finish());
  }

  private async telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof RefusedFile ? unwritten(error, 'path' in this.target, this.t) : error;
    }
  }
}

/** Undefined for a folder that can be written, and for one that is not there. */
async function whyNotWritable(folder: string): Promise<unknown> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : error;
  }
}

function writerOf(target: BatchTarget, isResumed: boolean): AnswerWriter {
  switch (target.kind) {
    case 'sidecars':
    case 'yolo':
    case 'voc':
      return new PictureFiles(target);
    case 'jsonl':
    case 'markdown':
      return new LineFile(target, isResumed);
    case 'coco':
      return new CocoFile(target, isResumed);
  }
}
