/** Where the labels of a line stand: as its prefix asks for them, and as its suffix gives them. */
import { parseSuffix } from '../../../paligemma/src/suffix';
import type { SetLine } from '../lines/setLine';
import type { SetText } from '../lines/setText';
import { askedObjects } from './askedObjects';

export interface LabelPlace {
  readonly label: string;
  readonly text: SetText;
  /** UTF-16 units of the text's value. */
  readonly from: number;
  readonly to: number;
}

/** In the order in which they stand; none is empty. */
export function labelPlaces({ prefix, suffix }: Pick<SetLine, 'prefix' | 'suffix'>): readonly LabelPlace[] {
  return [
    ...(prefix === undefined ? [] : askedPlaces(prefix)),
    ...(suffix === undefined ? [] : givenPlaces(suffix)),
  ];
}

function askedPlaces(text: SetText): LabelPlace[] {
  return (askedObjects(text.value)?.objects ?? []).flatMap(({ text: label, from, to }) =>
    label === '' ? [] : [{ label, text, from, to }]
  );
}

const tokens = /^(?:<loc\d{4}>){4}\s*(?:<seg\d{3}>)*\s*/;

function givenPlaces(text: SetText): LabelPlace[] {
  return parseSuffix(text.value).boxes.flatMap(({ label, start, end }) => {
    if (label === '') return [];
    const from = start + (tokens.exec(text.value.slice(start, end))?.[0].length ?? 0);
    return [{ label, text, from, to: from + label.length }];
  });
}
