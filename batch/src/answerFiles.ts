/** Writes the answers of a batch, each as soon as it is there: what is done stays, whatever happens to the rest. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Translate } from '../../paligemma/src/translate';
import type { Answer } from './answer';
import type { AnswerWriter } from './answerWriter';
import { CocoFile } from './cocoFile';
import { RefusedFile, sweepPartials, type WriteOutcome } from './disk';
import { LineFile } from './lineFile';
import { PictureFiles } from './pictureFiles';
import type { BatchTarget } from './plan';
import { unwritten } from './unwritten';

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
        await mkdir(folder, { recursive: true });
        await access(folder, constants.W_OK);
        if ('path' in target && await stat(target.path).catch(() => undefined)) {
          await access(target.path, constants.W_OK);
        }
      } catch (error) {
        throw new RefusedFile('path' in target ? target.path : folder, error);
      }
    });
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
