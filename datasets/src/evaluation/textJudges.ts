/** Metrics of one text against another. */
import { isRelaxedMatch } from '../../../metrics/src/chartqa';
import { scienceqaLetterOf } from '../../../metrics/src/scienceqa';
import { isSameCount } from '../../../metrics/src/tallyqa';
import { textDistance } from '../../../metrics/src/textDistance';
import { vqaScores } from '../../../metrics/src/vqaGeneric';
import { VQAV2_ANSWERS, vqav2Scores } from '../../../metrics/src/vqav2';
import { given } from '../../../paligemma/src/given';
import type { AnsweredQuestion, LineScore, Scores } from './lineScore';

/** Led by the same text. */
export function judgeExact({ suffix, references }: AnsweredQuestion): LineScore {
  return ledBy({ exact: Number(references.includes(suffix)) }, 'exact');
}

/**
 * `exact`: letter by letter; `exact_lower` and `anls` in small letters, as DocVQA is judged; with several references
 * `vqa_acc`, a third for each that is the same.
 */
export function judgeAnswer({ suffix, references }: AnsweredQuestion): LineScore {
  const small = vqaScores(suffix, references, true);
  const { acc } = vqaScores(suffix, references, false);
  const scores = {
    exact: Number(references.includes(suffix)),
    exact_lower: small.acc_any,
    anls: small.anls,
    ...(references.length > 1 ? { vqa_acc: acc } : {}),
  };
  return ledBy(scores, 'anls');
}

/** VQAv2 where ten people answered; with fewer its program has no value, and a third for each that agrees is given. */
export function judgeVqav2(answered: AnsweredQuestion): LineScore {
  const { suffix, references } = answered;
  if (references.length !== VQAV2_ANSWERS) return judgeAnswer(answered);
  const { acc } = vqav2Scores(suffix, references);
  return ledBy({ vqav2_acc: acc, ...judgeAnswer(answered).scores }, 'vqav2_acc');
}

export function judgeChart({ suffix, references }: AnsweredQuestion): LineScore {
  const relaxed = Number(references.some(reference => isRelaxedMatch(suffix, reference)));
  return ledBy({ relaxed, exact: Number(references.includes(suffix)) }, 'relaxed');
}

export function judgeCount({ suffix, references }: AnsweredQuestion): LineScore {
  return ledBy({ same_count: Number(references.some(reference => isSameCount(suffix, reference))) }, 'same_count');
}

/** The letters that both name; an answer without one is wrong. */
export function judgeLetter({ suffix, references }: AnsweredQuestion): LineScore {
  const letter = scienceqaLetterOf(suffix);
  const isSame = references.some(reference => (scienceqaLetterOf(reference) ?? reference) === letter);
  return ledBy({ same_letter: Number(letter !== undefined && isSame) }, 'same_letter');
}

/** Of several references the nearest. @throws CaseFault for texts that would take minutes. */
export function judgeText({ suffix, references }: AnsweredQuestion): LineScore {
  const [nearest] = references.map(reference => textDistance(suffix, reference)).sort((a, b) =>
    a.normalized - b.normalized
  );
  const { distance = 0, normalized = 0, cer, wer } = nearest ?? {};
  const scores = {
    ...given({ cer: cer ?? undefined, wer: wer ?? undefined }),
    normalized_distance: normalized,
    exact: Number(distance === 0),
  };
  return { scores, rightness: 1 - normalized };
}

/** @param name Of a score 0…1. */
export function ledBy(scores: Scores, name: string): LineScore {
  return { scores, rightness: scores[name] ?? 0 };
}
