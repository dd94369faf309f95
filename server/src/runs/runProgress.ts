/** Progress of a run for people: how far, in one number, and what is being done, in words. */
import * as l10n from '@vscode/l10n';
import { decimal } from '../../../paligemma/src/words';
import type { RunPhase, RunProgress } from '../../../model-host/src/contract/protocol';

/**
 * Where each phase begins and ends, as parts of a run, in the order of the host; most runs skip `convert` and `load`.
 */
const spans: Readonly<Record<RunPhase, readonly [number, number]>> = {
  image: [0, 0.02],
  convert: [0.02, 0.5],
  load: [0.5, 0.65],
  vision: [0.65, 0.8],
  prefill: [0.8, 0.9],
  decode: [0.9, 1],
};

/**
 * Of a picture that is read in parts only whole parts count: several are at work at once.
 * @returns 0…1. `maxNewTokens` bounds the decode phase, which mostly ends sooner.
 */
export function runFraction(progress: RunProgress, maxNewTokens: number): number {
  if (progress.tiles !== undefined) return progress.tiles.done / progress.tiles.total;
  const phase = progress.kind === 'text' ? 'decode' : progress.phase;
  const part = progress.kind === 'text' ? progress.tokens / maxNewTokens : progress.done / Math.max(1, progress.total);
  const [start, end] = spans[phase];
  return start + (end - start) * Math.min(1, Math.max(0, part));
}

/** A few words such as "loading the model, 3 of 8", behind "2 of 6 parts read, " for a picture that is read in parts. */
export function describeProgress(progress: RunProgress): string {
  const { tiles } = progress;
  const step = describeStep(progress);
  return tiles === undefined || tiles.total === 1
    ? step
    : l10n.t('{0} of {1} parts read, {2}', tiles.done, tiles.total, step);
}

function describeStep(progress: RunProgress): string {
  if (progress.kind === 'text') {
    return progress.tokens === 1 ? l10n.t('writing, 1 token') : l10n.t('writing, {0} tokens', progress.tokens);
  }
  const { phase, done, total } = progress;
  switch (phase) {
    case 'convert':
      return l10n.t('converting the model, {0} of {1} MB', megabytes(done), megabytes(total));
    case 'load':
      return counted(l10n.t('loading the model'), done, total);
    case 'image':
      return l10n.t('reading the picture');
    case 'vision':
      return counted(l10n.t('looking at the picture'), done, total);
    case 'prefill':
      return counted(l10n.t('reading the prompt'), done, total);
    case 'decode':
      return l10n.t('writing');
  }
}

function counted(words: string, done: number, total: number): string {
  return total > 1 ? l10n.t('{0}, {1} of {2}', words, done, total) : words;
}

function megabytes(bytes: number): string {
  return decimal((bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0));
}
