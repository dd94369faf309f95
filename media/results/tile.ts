/** What one picture looks like in the grid and in the table. */
import type { ResultsWords, TilePicture } from '../../client/src/contract/results';
import { compared, textParts, type Comparison, type TextPart } from '../../paligemma/src/results/comparison';
import type { ResultRow } from '../../paligemma/src/results/resultRow';
import type { RowPair } from '../../paligemma/src/results/shownRows';
import { element, filled } from '../dom/dom';
import { chips, shot, type ShotPicture } from '../grid/shot';

export interface TileContent {
  readonly pair: RowPair;
  readonly picture: TilePicture | undefined;
  readonly words: ResultsWords;
}

/** Both answers of a pair, or the one that there is, with what the other lacks of each. */
interface SideContent {
  readonly row: ResultRow;
  readonly picture: ShotPicture | undefined;
  readonly lone: ReadonlySet<number> | undefined;
  readonly parts: readonly TextPart[];
}

/** A picture with its answer below; of two answers, two pictures side by side. */
export function gridTile(content: TileContent): HTMLElement[] {
  const { pair: { row, other }, words } = content;
  const sides = sidesOf(content);
  return [
    element('div', { class: 'shots' }, sides.map(side => shot(side.row, side.picture, side.lone))),
    element('div', { class: 'line' }, [
      element('span', { class: 'file', dir: 'auto', title: row.name }, [shortName(row.name)]),
      ...(other === undefined ? [] : [' ', differenceMark(content)]),
      ' ',
      ...confidence(row, words),
    ]),
    element('div', { class: 'answers' }, sides.map(side => answer(side, content))),
  ];
}

/** A cell of a table's row. @param column As {@link tableColumns} counts them. */
export function tableCell(content: TileContent, column: number): HTMLElement[] {
  const { pair: { row, other }, words } = content;
  if (column === 1) return [element('span', { class: 'file', dir: 'auto', title: row.name }, [row.name])];
  const sides = sidesOf(content);
  if (column === 0) {
    return [element('div', { class: 'shots' }, sides.map(side => shot(side.row, side.picture, side.lone)))];
  }
  const side = sides[column - 2];
  if (side !== undefined) return [answer(side, content)];
  return other === undefined ? confidence(row, words) : [differenceMark(content)];
}

export function answer({ row, lone, parts }: SideContent, { picture, words }: TileContent): HTMLElement {
  const content: (HTMLElement | string)[] = [...chips(row, words, lone)];
  if (row.state === 'failed') content.push(element('strong', {}, [words.tileStates.failed]), ': ');
  if (row.state === 'empty' || row.state === 'waiting') {
    content.push(element('em', {}, [words.tileStates[row.state]]));
  }
  const marked = parts.map(({ text, isCommon }) => isCommon ? text : element('mark', {}, [text]));
  if (row.text !== '') content.push(element('span', { class: 'text', dir: 'auto' }, marked));
  if (row.state !== 'failed' && picture?.problem !== undefined) {
    content.push(element('span', { class: 'problem' }, [picture.problem]));
  }
  return element('div', { class: `answer ${row.state}` }, content);
}

function sidesOf({ pair: { row, other }, picture }: TileContent): readonly SideContent[] {
  const base = picture === undefined ? undefined : { masks: picture.masks, ...shownPart(picture) };
  if (other === undefined) {
    return [{ row, picture: base, lone: undefined, parts: [{ text: row.text, isCommon: true }] }];
  }
  const { onlyOne, onlyOther }: Comparison = compared(row, other);
  const areAnswers = row.state !== 'failed' && other.state !== 'failed';
  const texts = areAnswers
    ? textParts(row.text, other.text)
    : { one: [{ text: row.text, isCommon: true }], other: [{ text: other.text, isCommon: true }] };
  const beside = picture === undefined ? undefined : { masks: picture.otherMasks, ...shownPart(picture) };
  return [
    { row, picture: base, lone: onlyOne, parts: texts.one },
    { row: other, picture: beside, lone: onlyOther, parts: texts.other },
  ];
}

function shownPart({ src }: TilePicture): { readonly src?: string } {
  return src === undefined ? {} : { src };
}

function differenceMark({ pair: { row, other }, words }: TileContent): HTMLElement {
  const isDifferent = other !== undefined && compared(row, other).difference > 0;
  return element('span', { class: isDifferent ? 'difference' : 'likeness' }, [
    isDifferent ? `≠ ${words.tileStates.different}` : `= ${words.tileStates.alike}`,
  ]);
}

function confidence({ confidence: value }: ResultRow, words: ResultsWords): HTMLElement[] {
  if (value === undefined) return [];
  return [element('span', { class: 'confidence', title: words.confidence }, [
    element('span', { class: 'visually-hidden' }, [`${words.confidence} `]),
    filled(words.hundredths, Math.round(value * 100)),
  ])];
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
