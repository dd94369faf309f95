/** What one line looks like in the list. */
import type { GridWords, LineMasks, LinePicture, ShownRow } from '../../client/src/contract/dataSet';
import { isWrong, type LineJudgement } from '../../datasets/src/edits/lineJudgement';
import { LOC_BINS, type LocDivisor } from '../../paligemma/src/facts';
import { boxFromLocBins } from '../../paligemma/src/locTokens';
import { tameLines } from '../../paligemma/src/plainText';
import { parseSuffix } from '../../paligemma/src/suffix';
import { element, filled } from '../dom/dom';
import { chips, shot } from '../grid/shot';

/** As training data are made: the last bin is the picture's edge, and a box that is written is the box that is shown. */
export const DIVISOR: LocDivisor = LOC_BINS - 1 as LocDivisor;
/** A tile shows the beginning. */
const MOST_BOXES = 200;
const MOST_TEXT = 400;

export function lineTile(row: ShownRow, picture: LinePicture | undefined, words: GridWords): HTMLElement[] {
  const { boxes, text } = parseSuffix(row.suffix);
  const masks = masksOf(row, picture);
  // Everything is drawn in the pixels of the masks, which are a smaller copy of the picture.
  const { widthPx, heightPx } = masks ?? picture ?? { widthPx: 0, heightPx: 0 };
  const regions = boxes.slice(0, MOST_BOXES).map(({ bins, label }) => ({
    label: tameLines(label),
    box: boxFromLocBins(bins, widthPx, heightPx, DIVISOR),
  }));
  const shown = picture === undefined
    ? undefined
    : { masks: masks?.shapes ?? [], ...(picture.src === undefined ? {} : { src: picture.src }) };
  return [
    element('div', { class: 'shots' }, [shot({ widthPx, heightPx, regions }, shown, undefined)]),
    element('div', { class: 'line' }, [
      element('span', { class: 'file', dir: 'auto', title: tameLines(row.name) }, [tameLines(row.name)]),
      element('span', { class: 'confidence' }, [filled(words.lineNumber, row.number)]),
    ]),
    element('div', { class: 'answers' }, [
      element('div', { class: 'answer' }, [
        ...marks(row, words),
        element('span', { class: 'asked', dir: 'auto' }, [tameLines(row.prefix.slice(0, MOST_TEXT))]),
        ' ',
        ...chips({ regions }, words, undefined),
        ...(text === ''
          ? []
          : [element('span', { class: 'text', dir: 'auto' }, [tameLines(text.slice(0, MOST_TEXT))])]),
        ...(row.isLine && row.suffix === '' ? [element('em', {}, [words.emptyAnswer])] : []),
        ...modelAnswer(row, words),
        ...(picture?.problem === undefined || !row.isLine
          ? []
          : [element('span', { class: 'problem' }, [picture.problem])]),
      ]),
    ]),
  ];
}

/** Undefined where none has a shape, or the line says something else by now. */
function masksOf({ revision }: ShownRow, picture: LinePicture | undefined): LineMasks | undefined {
  const masks = picture?.masks;
  return masks?.revision === revision && masks.shapes.length > 0 ? masks : undefined;
}

/** Whether what came for the line is of before: its codes say other shapes now. */
export function lacksMasks({ revision, suffix }: ShownRow, { src, masks }: LinePicture): boolean {
  return src !== undefined && suffix.includes('<seg') && (masks === undefined || masks.revision < revision);
}

/** In words, so that colour is not all that tells them. */
function marks({ isDraft, isLine, findings, judgement }: ShownRow, words: GridWords): (HTMLElement | string)[] {
  const worst = findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
  const count = findings.length === 1 ? words.oneFinding : filled(words.findingCount, findings.length);
  const title = tameLines(findings.map(({ message }) => message).join('\n'));
  return [
    ...(judgement === undefined || !isWrong(judgement)
      ? []
      : [element('span', { class: 'mark wrong' }, [judgementText(judgement, words)]), ' ']),
    ...(isDraft ? [element('span', { class: 'mark draft' }, [words.draft]), ' '] : []),
    ...(isLine ? [] : [element('span', { class: 'mark error', title }, [words.noLine]), ' ']),
    ...(findings.length === 0 || !isLine ? [] : [element('span', { class: `mark ${worst}`, title }, [count]), ' ']),
  ];
}

/** Beside the expected answer, where it is another. */
function modelAnswer({ judgement }: ShownRow, words: GridWords): (HTMLElement | string)[] {
  if (judgement === undefined || !isWrong(judgement)) return [];
  const said = judgement.answer === '' ? words.emptyAnswer : tameLines(judgement.answer.slice(0, MOST_TEXT));
  return [
    ' ',
    element('span', { class: 'model-answer' }, [
      element('span', { class: 'asked' }, [words.modelAnswer]),
      ' ',
      element('span', { dir: 'auto' }, [said]),
    ]),
  ];
}

/** Rounded down: only what is right is called 100%. */
export function judgementText(judgement: LineJudgement, words: GridWords): string {
  return isWrong(judgement) ? filled(words.wrong, Math.floor(judgement.rightness * 100)) : words.right;
}
