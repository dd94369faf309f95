/** Location and mask tokens of a text, and what was meant to be one. */
import * as l10n from '@vscode/l10n';
import { LOC_BINS, SEG_CODES } from '../../../paligemma/src/facts';
import type { TextFault } from './lineReport';

export interface PlaceToken {
  readonly kind: 'loc' | 'seg';
  readonly start: number;
  readonly end: number;
  /** NaN where there is no whole number. */
  readonly value: number;
  /** Whether the model has it. */
  readonly isExact: boolean;
}

/** `<loc12>`, `<LOC 0012>`, `<loc0012` and their kin. Each part is bounded, so time grows with the length only. */
const shape = /<\s{0,3}(loc|seg)([\s_:=-]{0,3})([\d.]{1,12})\s{0,3}>?/gi;
const exactShapes = { loc: /^<loc\d{4}>$/, seg: /^<seg\d{3}>$/ };
const digitsOf = { loc: 4, seg: 3 };
const amountOf = { loc: LOC_BINS, seg: SEG_CODES };
/** As many shapes as a box has are no accident. */
const ENOUGH = 4;

/**
 * @param isExpected Whether the text is an answer with places. Else a few shapes that are no tokens may be tags of
 *   somebody's markup, `<seg1>`, and are left alone.
 */
export function placeTokens(text: string, isExpected: boolean): readonly PlaceToken[] {
  if (!text.includes('<')) return [];
  const tokens = [...text.matchAll(shape)].map(({ 0: raw, 1: word = '', 2: sign = '', 3: digits = '', index }) => {
    const kind = word.toLowerCase() === 'loc' ? 'loc' : 'seg';
    const value = /^\d+$/.test(digits) && !sign.includes('-') ? Number(digits) : Number.NaN;
    const isExact = exactShapes[kind].test(raw) && value < amountOf[kind];
    return { kind, start: index, end: index + raw.length, value, isExact } as const;
  });
  return isExpected || tokens.length >= ENOUGH || tokens.some(({ isExact }) => isExact) ? tokens : [];
}

export function* tokenFaults(text: string, tokens: readonly PlaceToken[]): Iterable<TextFault> {
  for (const token of tokens) {
    if (token.isExact) continue;
    const raw = text.slice(token.start, token.end);
    const meant = meantToken(token, raw);
    yield {
      code: token.kind === 'loc' ? 'location-token' : 'mask-token',
      from: token.start,
      to: token.end,
      parts: [raw, token.kind, meant ?? ''],
      ...(meant === undefined ? {} : {
        fix: {
          title: l10n.t('Write “{0}”', meant),
          edits: [{ from: token.start, to: token.end, text: meant }],
        },
      }),
    };
  }
}

/** Undefined where that is not certain. 1024 is what scripts write that multiply by 1024 for the edge of the picture. */
function meantToken({ kind, value }: PlaceToken, raw: string): string | undefined {
  const digits = digitsOf[kind];
  const isOpen = !raw.endsWith('>');
  if (isOpen && !new RegExp(`\\d{${digits}}$`).test(raw)) return undefined;
  const closed = kind === 'loc' && value === LOC_BINS ? LOC_BINS - 1 : value;
  return closed < amountOf[kind] ? `<${kind}${String(closed).padStart(digits, '0')}>` : undefined;
}

/** Tokens with nothing but white space between them: those of one box, and those of its mask. */
export interface TokenRun {
  readonly locs: readonly PlaceToken[];
  readonly segs: readonly PlaceToken[];
  readonly start: number;
  readonly end: number;
}

export function tokenRuns(text: string, tokens: readonly PlaceToken[]): readonly TokenRun[] {
  const groups: PlaceToken[][] = [];
  for (const token of tokens) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const goesOn = last !== undefined && !(last.kind === 'seg' && token.kind === 'loc')
      && text.slice(last.end, token.start).trim() === '';
    if (goesOn) group?.push(token);
    else groups.push([token]);
  }
  return groups.map(group => ({
    locs: group.filter(({ kind }) => kind === 'loc'),
    segs: group.filter(({ kind }) => kind === 'seg'),
    start: group[0]?.start ?? 0,
    end: group.at(-1)?.end ?? 0,
  }));
}
