/** What an answer is: the one table that decides it, and the one way to read it. Derived, never stored. */
import { DEFAULT_LOC_DIVISOR, type Region } from '../facts';
import { boxFromLocBins, type LocBins } from '../locTokens';
import { plainLine } from '../plainText';
import type { RunResult } from '../runResult';
import type { Translate } from '../translate';
import type { AnswerFault, AnswerKind, AskedAnswer } from './kind';
import { latex } from './latex';
import { molecule } from './molecule';
import { music } from './music';
import { boxes, masks } from './regionKinds';
import { report } from './report';
import { spotting } from './spotting';
import { table } from './table';
import { text } from './text';
import { value } from './value';

/** A kind is a file beside this one and a line here, in the order in which they are asked; `text` takes the rest. */
const kinds = { table, masks, spotting, boxes, report, latex, music, molecule, value, text } as const;

export type KindName = keyof typeof kinds;
export type DataOf<Name extends KindName> = ReturnType<(typeof kinds)[Name]['read']>['data'];
/** What the drawing of a kind gets. */
export type KindData = { readonly [Name in KindName]: { readonly kind: Name; readonly data: DataOf<Name> } }[KindName];

const asked = Object.keys(kinds) as KindName[];
/** In the order of lists: text first, then by name. */
export const kindNames: readonly KindName[] = ['text', ...asked.filter(name => name !== 'text').sort()];

/** The kind without its data's type. */
export function answerKindOf(name: KindName): Pick<AnswerKind<unknown>, 'title' | 'about'> {
  return kinds[name];
}

/** @param show What the person wants it to be; undefined: what it looks like. */
export function kindOf(answer: AskedAnswer & { readonly show?: KindName | undefined }): KindName {
  return answer.show ?? asked.find(name => kinds[name].isLikely(answer)) ?? 'text';
}

/** A form of one answer. */
export interface AnswerForm {
  readonly name: string;
  readonly title: string;
  /** Behind the picture's name without its extension. */
  readonly ending: string;
  write(): string;
}

/** One answer, read as what it is. */
export interface ReadAnswer {
  readonly kind: KindName;
  /** Its text and regions show all of it. */
  readonly isPlain: boolean;
  readonly shown: KindData;
  readonly faults: readonly AnswerFault[];
  /** In the place of the result's own; undefined: those. */
  readonly regions: readonly Region[] | undefined;
  readonly forms: readonly AnswerForm[];
  /** As a person would copy it. */
  text(): string;
  /** The beginning of it, for lists and hints. */
  line(): string;
  /** Of its own; undefined: the text as a block. */
  markdown(): string | undefined;
  /** `answer` of a result's JSON. */
  json(): Readonly<Record<string, unknown>>;
}

/** What of a result decides what it is. */
export type KindSource = Pick<RunResult, 'prompt' | 'model' | 'suffix' | 'stopReason' | 'image'>;

export function readAnswer(result: KindSource, show: KindName | undefined, t: Translate): ReadAnswer {
  const { prompt, model, suffix, stopReason, image: { widthPx, heightPx } } = result;
  const name = kindOf({ prompt, model, suffix, show });
  const kind: AnswerKind<unknown> = kinds[name];
  const { data, faults } = kind.read(suffix, { isTruncated: stopReason !== 'eos', t });
  const boxOf = (bins: LocBins) => boxFromLocBins(bins, widthPx, heightPx, DEFAULT_LOC_DIVISOR);
  return {
    kind: name,
    isPlain: kind.isPlain === true,
    shown: { kind: name, data } as KindData,
    faults,
    regions: kind.regions?.(data).map(({ label, bins }) => ({ label, box: boxOf(bins) })),
    forms: Object.entries(kind.exports ?? {}).map(([form, own]) => ({
      name: form,
      title: own.title(t),
      ending: own.ending,
      write: () => own.write(data),
    })),
    text: () => kind.text(data, t),
    line: () => kind.line?.(data, t) ?? plainLine(kind.text(data, t)),
    markdown: () => kind.markdown?.(data),
    json: () => ({
      kind: name,
      ...kind.json?.(data, boxOf),
      ...(faults.length === 0 ? {} : { faults }),
    }),
  };
}
