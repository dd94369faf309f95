/** What is shown of one picture of a run: everything but its masks, which are fetched for what is in sight. */
import { given } from '../given';
import type { Box } from '../facts';
import { plainText } from '../plainText';
import { readAnswer, type KindName } from '../kinds/kinds';
import type { RunOutcome, RunResult } from '../runResult';
import { untranslated, type Translate } from '../translate';
import { confidenceOf } from './confidence';

/** `waiting`: not answered yet, or not asked. */
export const rowStates = ['answered', 'empty', 'failed', 'waiting'] as const;
export type RowState = (typeof rowStates)[number];

export interface RowRegion {
  /** Empty where the model wrote none. */
  readonly label: string;
  readonly box: Box;
}

export interface ResultRow {
  /** The picture as the person knows it: relative to the workspace where it lies in one. */
  readonly name: string;
  readonly state: RowState;
  /** Of the answer, what is beside its regions; of a failure, its sentence. */
  readonly text: string;
  readonly regions: readonly RowRegion[];
  readonly hasMasks: boolean;
  /** Upright picture, pixels; 0 where no run has measured it. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** See {@link confidenceOf}. */
  readonly confidence?: number;
}

/** Longer answers are read in the large view. */
const MOST_CHARACTERS = 2000;

/**
 * @param show What the answer is; absent: what it looks like.
 * @param t The language of what its kind says of it.
 */
export function rowOf(
  name: string,
  outcome: RunOutcome | undefined,
  show?: KindName,
  t: Translate = untranslated,
): ResultRow {
  const none = { name, regions: [], hasMasks: false, widthPx: 0, heightPx: 0 };
  if (outcome === undefined) return { ...none, state: 'waiting', text: '' };
  if ('error' in outcome) return { ...none, state: 'failed', text: shortened(outcome.error.message) };
  const { image: { widthPx, heightPx } } = outcome.result;
  const { text, regions } = asRead(outcome.result, show, t);
  const confidence = confidenceOf(outcome.result);
  return {
    name,
    state: text === '' && regions.length === 0 ? 'empty' : 'answered',
    text: shortened(plainText(text)),
    regions: regions.map(({ label, box }) => ({ label, box })),
    hasMasks: regions.some(({ mask }) => mask !== undefined),
    widthPx,
    heightPx,
    ...given({ confidence }),
  };
}

function asRead(
  result: RunResult,
  show: KindName | undefined,
  t: Translate,
): Pick<RunResult, 'text' | 'regions'> {
  const answer = readAnswer(result, show, t);
  return answer.isPlain ? result : { text: answer.text(), regions: answer.regions ?? result.regions };
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
