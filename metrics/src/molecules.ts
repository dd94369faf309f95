import * as l10n from '@vscode/l10n';
import { CaseFault } from './common/caseFault';
import { means, type Metric } from './common/metric';

/** What RDKit does; injected, because it is large and comes as WebAssembly. */
export interface Chemistry {
  /**
   * Canonical SMILES of a molecule; undefined where it cannot be read. Without what tells mirror images and isotopes apart
   * where `isIsomeric` is false.
   */
  canonical(smiles: string, isIsomeric: boolean): string | undefined;
  /** Whether a text in square brackets is an atom. */
  isAtom(text: string): boolean;
  /** Morgan fingerprint of radius 2, 2048 bits; undefined where the molecule cannot be read. */
  fingerprint(smiles: string): Uint8Array | undefined;
}

export interface MoleculeScores {
  /** As they are compared; what cannot be read stays as it is. */
  readonly canonical_prediction: string;
  readonly canonical_target: string;
  /** Whether the prediction can be read. */
  readonly valid: boolean;
  readonly exact: boolean;
  /** The papers' main figure: `/` and `\` are taken out first. */
  readonly exact_ignore_cistrans: boolean;
  /** Neither mirror images nor isotopes are told apart. */
  readonly graph: boolean;
  /** 0…1, of the texts as they are written; `null` where one cannot be read. No test of equality: chains of different length may have 1. */
  readonly tanimoto: number | null;
}

/** Longer than what any model writes as one molecule. */
export const MOST_SMILES_CHARACTERS = 4000;

/**
 * Whether two SMILES are the same molecule.
 * @throws CaseFault for a text that is too long.
 * Source: thomas0809/MolScribe 7296a30, `molscribe/evaluate.py`.
 */
export function moleculeScores(prediction: string, target: string, chemistry: Chemistry): MoleculeScores {
  const found = canonical(prediction, chemistry);
  const wanted = canonical(target, chemistry);
  const isSame = (options: Reading) => {
    const other = canonical(target, chemistry, options).smiles;
    // Two empty texts are not the same molecule. Two broken ones are, where they are the same text.
    return other !== '' && canonical(prediction, chemistry, options).smiles === other;
  };
  return {
    canonical_prediction: found.smiles,
    canonical_target: wanted.smiles,
    valid: found.isValid,
    exact: wanted.smiles !== '' && found.smiles === wanted.smiles,
    exact_ignore_cistrans: isSame({ withoutCisTrans: true }),
    graph: isSame({ withoutChirality: true }),
    tanimoto: tanimoto(prediction, target, chemistry),
  };
}

interface Reading {
  readonly withoutCisTrans?: boolean;
  readonly withoutChirality?: boolean;
}

function canonical(
  written: string,
  chemistry: Chemistry,
  { withoutCisTrans = false, withoutChirality = false }: Reading = {},
): { readonly smiles: string; readonly isValid: boolean } {
  if (written === '') return { smiles: '', isValid: false };
  const plain = withoutGroups(withoutCisTrans ? written.replace(/[/\\]/g, '') : written, chemistry);
  const smiles = plain === '' ? '' : chemistry.canonical(plain, !withoutChirality);
  return { smiles: smiles ?? plain, isValid: smiles !== undefined };
}

/** Source: SmilesPE, `pretokenizer.py`: what is none of these is left out, blanks among them. */
const tokens = /\[[^\]]+\]|Br?|Cl?|[NOSPFIbcnosp().=#\-+\\/:~@?>*$]|%\d\d|\d/g;

/** `[R1]` becomes `[1*]`, and every other bracket that is no atom `*`. */
function withoutGroups(smiles: string, chemistry: Chemistry): string {
  const parts = smiles.match(tokens) ?? [];
  return parts.map(part => {
    if (!part.startsWith('[')) return part;
    const number = /^\[R(\p{Nd}+)\]$/u.exec(part)?.[1];
    if (number !== undefined) return `[${number}*]`;
    return chemistry.isAtom(part) ? part : '*';
  }).join('');
}

function tanimoto(prediction: string, target: string, chemistry: Chemistry): number | null {
  if (prediction === '' || target === '') return null;
  const [a, b] = [prediction, target].map(smiles => chemistry.fingerprint(smiles));
  if (a === undefined || b === undefined) return null;
  let both = 0;
  let either = 0;
  for (const [index, byte] of a.entries()) {
    both += bits(byte & b[index]!);
    either += bits(byte | b[index]!);
  }
  return either === 0 ? 0 : both / either;
}

function bits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

/** @param loadChemistry Asked once, when a case needs it. */
export function moleculesWith(loadChemistry: () => Promise<Chemistry>): Metric {
  let chemistry: Promise<Chemistry> | undefined;
  return {
    name: 'molecules',
    about: () => l10n.t('SMILES: whether both are the same molecule to RDKit, and Tanimoto similarity'),
    fields: 'prediction, target',
    score: async fields => {
      const [prediction, target] = [fields.text('prediction'), fields.text('target')];
      if (Math.max(prediction.length, target.length) > MOST_SMILES_CHARACTERS) {
        throw new CaseFault(l10n.t('A molecule of more than {0} characters is not read.', MOST_SMILES_CHARACTERS));
      }
      chemistry ??= loadChemistry();
      return { expected: { ...moleculeScores(prediction, target, await chemistry) } };
    },
    summary: scores => means(scores, ['valid', 'exact', 'exact_ignore_cistrans', 'graph']),
  };
}
