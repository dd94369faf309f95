/** What a run is doing, in words. Free of the editor. */
import type { RunPhase, RunProgress } from '../../../model-host/src/contract/protocol';
import { timeLeftText } from '../../../paligemma/src/pace';
import type { Translate } from '../../../paligemma/src/translate';

/** A phase in words a person uses; with a percentage where its end is known. */
export function progressText(progress: RunProgress, t: Translate): string {
  if (progress.kind === 'text') return t('Writing');
  const words = phaseText(progress.phase, t);
  const percent = phasePercent(progress.done, progress.total);
  return percent === undefined ? words : t('{0} ({1} %)', words, percent);
}

/** Where a batch is. */
export interface BatchStep {
  /** Of the picture at work, from 0. */
  readonly index: number;
  readonly total: number;
  readonly imageName: string;
  readonly progress: RunProgress | undefined;
  readonly secondsLeft?: number | undefined;
}

/** One line of a batch, for example "2 of 5 · kitchen.jpg, Writing · 3 min left". */
export function batchText({ index, total, imageName, progress, secondsLeft }: BatchStep, t: Translate): string {
  const picture = t('{0} of {1} · {2}', index + 1, total, imageName);
  const doing = progress === undefined ? picture : t('{0}, {1}', picture, progressText(progress, t));
  return secondsLeft === undefined ? doing : `${doing} · ${timeLeftText(secondsLeft, t)}`;
}

/** What is said before the server has told anything. */
export function startingText(t: Translate): string {
  return t('Starting');
}

function phaseText(phase: RunPhase, t: Translate): string {
  switch (phase) {
    case 'convert':
      return t('Preparing the model for its first use');
    case 'load':
      return t('Loading model');
    // To a person the prefill is part of looking: the answer has not begun.
    case 'image':
    case 'vision':
    case 'prefill':
      return t('Looking at the picture');
    case 'decode':
      return t('Writing');
  }
}

/** Undefined where only "not yet done" is known: 0 of 1. */
function phasePercent(done: number, total: number): number | undefined {
  if (!(total > 1) || !(done >= 0)) return undefined;
  return Math.min(100, Math.floor((done / total) * 100));
}
