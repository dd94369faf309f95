import type { RunResult } from '../../paligemma/src/runResult';

/** What is written of one answer. */
export interface Answer extends Pick<RunResult, 'prompt' | 'suffix' | 'text' | 'regions'> {
  /** Absolute. */
  readonly imagePath: string;
  /** Of the upright picture. */
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @param imagePath The picture as it was asked for. */
export function answerOf({ prompt, suffix, text, regions, image }: RunResult, imagePath: string): Answer {
  return { imagePath, prompt, suffix, text, regions, widthPx: image.widthPx, heightPx: image.heightPx };
}
