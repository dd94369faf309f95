/** One file with a line for each answer. */
import { cutJsonlLine, jsonlLine } from '../../paligemma/src/answers/jsonl';
import { cutMarkdownLine, markdownLine } from '../../paligemma/src/answers/markdown';
import type { Answer } from './answer';
import type { AnswerWriter } from './answerWriter';
import { addText, endLastLine, replaceNamedFile, type WriteOutcome } from './disk';
import type { SingleTarget } from './plan';
import { relativeTo } from './relativePaths';

export class LineFile implements AnswerWriter {
  private hasWritten = false;

  /** @param isResumed The batch wrote to the file before, so nothing of it is replaced. */
  constructor(private readonly target: SingleTarget, private readonly isResumed: boolean) {}

  async write(_index: number, answer: Answer): Promise<WriteOutcome> {
    const { kind, path, replaces, areDrafts } = this.target;
    const line = { ...answer, image: relativeTo(path, answer.imagePath) };
    const text = kind === 'jsonl' ? jsonlLine({ ...line, isDraft: areDrafts === true }) : markdownLine(line);
    if (this.hasWritten) {
      await addText(path, text);
    } else if (replaces && !this.isResumed) {
      await replaceNamedFile(path, text);
    } else {
      await endLastLine(path, kind === 'jsonl' ? cutJsonlLine : cutMarkdownLine);
      await addText(path, text);
    }
    this.hasWritten = true;
    return 'written';
  }

  async finish(): Promise<void> {}
}
