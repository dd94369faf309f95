/** Writes the answers of a batch, each as soon as it is there: what is done stays, whatever happens to the rest. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { jsonlLine, type Example } from '../../../paligemma/src/answers/jsonl';
import { markdownLine, type LinkedAnswer } from '../../../paligemma/src/answers/markdown';
import { plainText } from '../../../paligemma/src/plainText';
import { openPlainFile, writePlainText } from '../../../system/src/plainFile';
import type { BatchTarget } from './plan';
import { relativeTo } from '../images/relativePaths';

/** A line before it is known where it goes; `imagePath` is absolute. */
export type Answer = Omit<Example & LinkedAnswer, 'image'> & { readonly imagePath: string };

/** `kept`: a file came into being meanwhile, and was left as it is. */
export type WriteOutcome = 'written' | 'kept';

export class AnswerFiles {
  private isBegun = false;

  /** @param isResumed The batch wrote to its file before, so nothing of it is replaced. */
  constructor(private readonly target: BatchTarget, private readonly isResumed: boolean) {}

  /** @throws FileRefused; NodeJS.ErrnoException where the disk refuses. */
  async write(index: number, answer: Answer): Promise<WriteOutcome> {
    const { target } = this;
    if (target.kind === 'sidecars') {
      return writeSidecar(target.paths[index] ?? '', `${plainText(answer.suffix)}\n`, target.replaces);
    }
    const line = { ...answer, image: relativeTo(target.path, answer.imagePath) };
    const text = target.kind === 'jsonl' ? jsonlLine(line) : markdownLine(line);
    if (this.isBegun) await writePlainText(target.path, text, 'append');
    else if (target.replaces && !this.isResumed) await writePlainText(target.path, text, 'replace');
    else await writePlainText(target.path, (await lacksNewline(target.path)) ? `\n${text}` : text, 'append');
    this.isBegun = true;
    return 'written';
  }
}

async function writeSidecar(filePath: string, text: string, replaces: boolean): Promise<WriteOutcome> {
  if (!replaces) {
    try {
      await writeFile(filePath, text, { flag: 'wx' });
      return 'written';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'kept';
      throw error;
    }
  }
  const partial = `${filePath}.partial-${process.pid}`;
  try {
    await writePlainText(partial, text, 'replace');
    await rename(partial, filePath);
    return 'written';
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** A line that a person wrote last may lack its end. */
async function lacksNewline(filePath: string): Promise<boolean> {
  const file = await openPlainFile(filePath).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== 0x0a;
  } finally {
    await file.close();
  }
}
