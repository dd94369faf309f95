/** The answers of one command line in files: which pictures need a run, what was interrupted, what came of it. */
import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { answerOf } from '../../../../batch/src/answer';
import { AnswerFiles } from '../../../../batch/src/answerFiles';
import { destinationOf, type Destination } from '../../../../batch/src/destination';
import { BatchJournal, type InterruptedBatch } from '../../../../batch/src/journal';
import type { BatchPlan } from '../../../../batch/src/plan';
import { given } from '../../../../paligemma/src/given';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { imageUriOf } from '../../runs/imagePath';
import { openCache, ownCachePath } from '../../models/folders/cachePath';
import { shownPath } from '../terminal/shownPath';
import type { Terminal } from '../terminal/terminal';
import type { NamedPictures, NamedPicture } from './namedPictures';
import type { OutputWish } from './outputWords';

export interface FileOutputWish extends OutputWish {
  readonly verb: string;
  readonly prompt: string;
  readonly named: NamedPictures;
  /** What else makes a command line the same: only that one goes on with a batch. */
  readonly command: unknown;
}

interface OpenBatch {
  readonly plan: BatchPlan;
  readonly skipped: ReadonlySet<number>;
  readonly files: AnswerFiles;
  /** Undefined where the files say themselves what is done. */
  readonly journal: BatchJournal | undefined;
}

export class FileOutput {
  /** Pictures that need a run, each once, those that cannot be run among them. */
  readonly pictures: readonly NamedPicture[];
  private readonly indexes: ReadonlyMap<string, number>;
  private written = 0;

  private constructor(
    private readonly batch: OpenBatch,
    all: readonly NamedPicture[],
    private readonly terminal: Terminal,
  ) {
    this.indexes = new Map(all.map(({ imagePath }, index) => [imagePath, index]));
    this.pictures = all.filter((_, index) => !batch.skipped.has(index));
  }

  /** Looks what is there, and makes ready for what is to be written. @throws Failure where it cannot be written or added to. */
  static async open(wish: FileOutputWish, terminal: Terminal): Promise<FileOutput> {
    const { form, place, existing, prompt, verb, named, command, areDrafts } = wish;
    const pictures = [...new Map(named.pictures.map(picture => [picture.imagePath, picture])).values()];
    const imagePaths = pictures.map(({ imagePath }) => imagePath);
    const id = createHash('sha256').update(JSON.stringify([process.cwd(), form, place, existing, command])).digest(
      'hex',
    );
    const journal = existing === 'skip' ? undefined : await openJournal();
    const earlier = await journal?.find(id);
    const destination = await destinationOf(
      { form, imagePaths, prompt, place, base: named.base, areDrafts },
      existing,
      earlier,
      l10n.t,
    );
    const { target, skipped } = destination;
    const files = new AnswerFiles(target, (earlier?.done.size ?? 0) > 0, l10n.t);
    await files.begin();
    const plan = {
      id,
      title: verb,
      prompt,
      model: '',
      imageUris: imagePaths.map(imageUriOf),
      target,
    };
    await journal?.begin(plan, skipped);
    const refused = await files.refused();
    const runnable = pictures.map((picture, index) => ({
      ...picture,
      ...given({ failure: picture.failure ?? refused.get(index) }),
    }));
    const output = new FileOutput({ plan, skipped, files, journal }, runnable, terminal);
    output.tellBeginning(earlier, destination);
    return output;
  }

  /** Pictures that were answered before. */
  get before(): number {
    return this.batch.skipped.size;
  }

  /** @throws UnwrittenAnswer */
  async write(imagePath: string, result: RunResult): Promise<void> {
    const { files, journal, plan } = this.batch;
    const index = this.indexes.get(imagePath) ?? -1;
    await files.write(index, answerOf(result, imagePath));
    this.written++;
    await journal?.done(plan.id, index);
  }

  /**
   * Brings the files to their end and says what came of it.
   * @param isWhole Every picture was run; else the same command goes on with it.
   * @throws UnwrittenAnswer
   */
  async end(isWhole: boolean): Promise<void> {
    const { batch: { files, journal, plan: { id } }, before, written, indexes: { size: total } } = this;
    await files.finish();
    if (isWhole) await journal?.forget(id);
    else await journal?.pause(id, true);
    const done = before + written;
    if (total === before) return;
    const counts = [
      `${done} of ${total} ${total === 1 ? 'picture is' : 'pictures are'} done`,
      ...(before > 0 ? [`${before} of them from before`] : []),
      ...(isWhole && done < total ? [`${total - done} failed`] : []),
    ].join(', ');
    this.terminal.note(`${counts}: ${this.placeText()}.${isWhole ? '' : ' The same command goes on with the others.'}`);
  }

  private tellBeginning(earlier: InterruptedBatch | undefined, { skipped }: Destination): void {
    const { terminal, indexes: { size: total } } = this;
    const place = this.placeText();
    if (skipped.size === 0) return;
    if (skipped.size === total) {
      terminal.note(
        `Nothing to run: ${total === 1 ? 'the picture is' : `all ${total} pictures are`} done already: ${place}.`,
      );
    } else if (earlier === undefined) {
      terminal.note(`${skipped.size} of ${total} pictures are done already and are not run again: ${place}.`);
    } else {
      terminal.note(
        `Going on where this command was interrupted: ${skipped.size} of ${total} pictures are done: ${place}.`,
      );
    }
  }

  private placeText(): string {
    const { target } = this.batch.plan;
    if ('path' in target) return shownPath(target.path);
    const [first = '', ...others] = target.paths;
    if (others.length === 0) return shownPath(first);
    return `${others.length + 1} files such as ${shownPath(first)}`;
  }
}

/** Undefined where the cache cannot be written: then nothing is remembered, and nothing else is lost. */
async function openJournal(): Promise<BatchJournal | undefined> {
  try {
    return new BatchJournal(path.join(await openCache(ownCachePath()), 'batches'));
  } catch {
    return undefined;
  }
}
