import type { Answer } from './answer';
import type { WriteOutcome } from './disk';

/** Writes the answers of one batch in one form. `index` counts its pictures. */
export interface AnswerWriter {
  /** @throws RefusedFile where the disk refuses; then nothing of this answer is left. */
  write(index: number, answer: Answer): Promise<WriteOutcome>;
  /** Whatever is still to be done once no more answers come. @throws RefusedFile */
  finish(): Promise<void>;
}
