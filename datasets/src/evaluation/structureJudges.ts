/** Metrics of answers that are written in a notation. */
import * as l10n from '@vscode/l10n';
import { CaseFault } from '../../../metrics/src/common/caseFault';
import { MOST_SMILES_CHARACTERS, moleculeScores, type Chemistry } from '../../../metrics/src/molecules';
import { MusicEdits, musicEdits } from '../../../metrics/src/music';
import { tablePage, teds } from '../../../metrics/src/teds';
import type { AnsweredQuestion, LineScore, Scores } from './lineScore';
import { ledBy } from './textJudges';

/** What the reference has no value for counts as 0, as papers do. @throws CaseFault for tables that would take minutes. */
export function judgeTable({ suffix, references: [reference = ''] }: AnsweredQuestion): LineScore {
  const value = (isStructureOnly: boolean) => {
    const score = teds(tablePage(suffix), tablePage(reference), isStructureOnly);
    return typeof score === 'number' ? score : 0;
  };
  return ledBy({ teds: value(false), teds_s: value(true) }, 'teds');
}

/** @throws CaseFault for a text that is too long. */
export function judgeMolecule(
  { suffix, references: [reference = ''] }: AnsweredQuestion,
  chemistry: Chemistry,
): LineScore {
  if (Math.max(suffix.length, reference.length) > MOST_SMILES_CHARACTERS) {
    throw new CaseFault(l10n.t('A molecule of more than {0} characters is not read.', MOST_SMILES_CHARACTERS));
  }
  const { valid, exact, exact_ignore_cistrans, graph, tanimoto } = moleculeScores(suffix, reference, chemistry);
  const scores = {
    same_molecule_ignore_cistrans: Number(exact_ignore_cistrans),
    same_molecule: Number(exact),
    same_graph: Number(graph),
    valid_smiles: Number(valid),
    tanimoto: tanimoto ?? 0,
  };
  return ledBy(scores, 'same_molecule_ignore_cistrans');
}

/** Of one score in per cent; those of the set are sums over all of them. */
export function judgeMusic({ suffix, references: [reference = ''] }: AnsweredQuestion): LineScore {
  const score = musicEdits(suffix, reference);
  const edits = new MusicEdits();
  edits.add(score);
  const scores = musicFigures(edits);
  const rightness = suffix === reference ? 1 : Math.max(0, 1 - (scores['music_ser'] ?? 100) / 100);
  return { scores, rightness, evidence: { kind: 'music', edits: score } };
}

export function musicFigures(edits: MusicEdits): Scores {
  const errors = edits.errors();
  return errors === undefined ? {} : { music_cer: errors.cer, music_ser: errors.ser, music_ler: errors.ler };
}
