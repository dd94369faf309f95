/** An answer that is a molecule, written as SMILES. */
import { groupCounts } from '../chemistry/groupCounts';
import { MOST_FAULTS, type SmilesFault } from '../chemistry/smiles';
import { structureOf, type Structure } from '../chemistry/structure';
import { plainLine } from '../plainText';
import type { Translate } from '../translate';
import { decimal } from '../words';
import { answerKind, type AnswerFault } from './kind';
import { isAskedFor } from './prompts';

export interface MoleculeAnswer {
  /** As the model wrote it, on one line. */
  readonly smiles: string;
  /** Atoms that are written: all but most hydrogens. R groups count as one. */
  readonly atoms: number;
  /** R groups and substituents by name, in the order of the text. */
  readonly groups: readonly string[];
  /** Hill's order, without the groups; absent where the molecule has faults. */
  readonly formula?: string;
  /** Average, g/mol; absent where it has faults or groups. */
  readonly mass?: number;
}

/** Words of prompts and models for molecules. */
const words = ['smiles', 'molecule', 'molecules', 'molecular', 'mol'];
/** Of a molecule of which nothing else is known, so that no word in capitals is taken for one. */
const LEAST_ATOMS = 6;

export const molecule = answerKind<MoleculeAnswer>({
  title: t => t('Molecule'),
  about: t => t('a molecule as SMILES, with its structure, formula and mass'),
  isLikely: ({ prompt, model, suffix }) => isSmiles(suffix.trim(), isAskedFor({ prompt, model }, words)),
  read(suffix, { isTruncated, t }) {
    const written = suffix.trim();
    const start = suffix.indexOf(written);
    const structure = structureOf(written);
    const { atoms, groups } = structure;
    // What is known of a molecule of which a part is missing is wrong.
    const { formula, mass } = isTruncated ? {} as Partial<Structure> : structure;
    return {
      data: {
        smiles: plainLine(written),
        atoms: atoms.length,
        groups,
        ...(formula === undefined ? {} : { formula }),
        ...(mass === undefined ? {} : { mass }),
      },
      faults: written === '' && isTruncated
        ? []
        : faultsOf(structure, { start, isTruncated, length: suffix.length }, t),
    };
  },
  text: moleculeText,
  json: ({ smiles, atoms, groups, formula, mass }) => ({
    smiles,
    ...(formula === undefined ? {} : { formula }),
    ...(mass === undefined ? {} : { mass }),
    atoms,
    ...(groups.length === 0 ? {} : { groups }),
  }),
  exports: { smiles: { title: () => 'SMILES', ending: '.smi', write: ({ smiles }) => `${smiles}\n` } },
});

/** Two lines: the SMILES, formula and mass; one where there are faults. */
function moleculeText({ smiles, ...facts }: MoleculeAnswer, t: Translate): string {
  return [smiles, moleculeFacts(facts, t)].filter(line => line !== '').join('\n');
}

/** `C9H8O4, 180.16 g/mol`; of a molecule with groups `C6H4 + 2 R1`. */
function moleculeFacts(
  { formula, mass, groups }: Pick<MoleculeAnswer, 'formula' | 'mass' | 'groups'>,
  t: Translate,
): string {
  if (formula === undefined) return '';
  const sum = [formula, ...groupCounts(groups)].filter(part => part !== '').join(' + ');
  return mass === undefined ? sum : `${sum}, ${decimal(mass.toFixed(2), t)} g/mol`;
}

/** @param isAsked Whether molecules are what was asked for. */
function isSmiles(text: string, isAsked: boolean): boolean {
  if (text === '' || /\s/.test(text)) return false;
  const { atoms, faults } = structureOf(text);
  const isForeign = faults.some(({ reason }) => reason === 'character' || reason === 'unknownAtom');
  // Words of capitals such as `COOPS` are read without a fault; rings, brackets and bonds stand in none.
  const isMarked = /[[=#]|[A-Za-z]\d/.test(text);
  // Others, such as `no` and `Inn`, are atoms as well, but none that could be joined so.
  if (isAsked) return atoms.length > 0 && !isForeign && (faults.length === 0 || isMarked || text.includes('('));
  return faults.length === 0 && isMarked && atoms.length >= LEAST_ATOMS;
}

interface Place {
  /** Of the SMILES in the suffix. */
  readonly start: number;
  readonly isTruncated: boolean;
  readonly length: number;
}

function faultsOf({ faults }: Structure, { start, isTruncated, length }: Place, t: Translate): AnswerFault[] {
  // What is open where the answer was cut is no fault of its own.
  const own = isTruncated ? faults.filter(({ reason }) => !openAtEnd.has(reason)) : faults;
  const told = own.map(fault => ({
    message: sentences[fault.reason](t, plainLine(fault.text), fault.at + 1),
    start: start + fault.at,
    end: Math.min(length, start + fault.at + Math.max(1, fault.text.length)),
  }));
  if (own.length === MOST_FAULTS) {
    told.push({ message: t('Nothing behind this was read.'), start: told.at(-1)?.end ?? 0, end: length });
  }
  return isTruncated
    ? [...told, { message: t('The answer ends before the molecule does.'), start: length, end: length }]
    : told;
}

const openAtEnd: ReadonlySet<SmilesFault['reason']> = new Set([
  'openBranch',
  'openRing',
  'openBracket',
  'bond',
  'aromatic',
  'kekule',
]);

/** `place`: of the character, from 1. */
const sentences: Readonly<Record<SmilesFault['reason'], (t: Translate, text: string, place: number) => string>> = {
  empty: t => t('There is no atom in this answer.'),
  character: (t, text, place) => t('“{0}”, character {1}, means nothing in SMILES.', text, place),
  unknownAtom: (t, text, place) => t('“{0}”, character {1}, is no element and no known group.', text, place),
  bracket: (t, text, place) => t('“{0}”, character {1}, is not how an atom is written.', text, place),
  openBracket: (t, _, place) => t('The bracket at character {0} is not closed.', place),
  openBranch: (t, _, place) => t('The branch that begins at character {0} is not closed.', place),
  strayBranch: (t, text, place) => t('The “{0}” at character {1} belongs to no branch.', text, place),
  emptyBranch: (t, _, place) => t('The branch at character {0} is empty.', place),
  openRing: (t, text, place) => t('Ring {0}, opened at character {1}, is not closed.', text, place),
  strayRing: (t, text, place) => t('Ring {0} at character {1} joins nothing that is not joined already.', text, place),
  ringBond: (t, text, place) =>
    t('Ring {0} is closed at character {1} with another bond than it was opened with.', text, place),
  bond: (t, text, place) => t('The bond “{0}” at character {1} leads to no atom.', text, place),
  valence: (t, text, place) => t('The {0} at character {1} has more bonds than it can have.', text, place),
  aromatic: (t, text, place) => t('The aromatic “{0}” at character {1} is in no aromatic ring.', text, place),
  kekule: (t, _, place) =>
    t(
      'The double bonds of the aromatic ring at character {0} cannot be placed: a hydrogen is missing, as in “[nH]”, or an atom is too much.',
      place,
    ),
};
