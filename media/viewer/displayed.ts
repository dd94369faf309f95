/**
 * What the page shows of what it is sent: names, labels and answers as lines that control nothing. What is kept over a
 * reload, and what is sent back, stays as it came. Pure.
 */
import type { ToViewer, ViewState } from '../../client/src/contract/viewer';
import { given } from '../../paligemma/src/given';
import { plainLine, plainText, tameLines, tameText } from '../../paligemma/src/plainText';

/** A message with every text in it that is shown made tame; the prompt stays, as the person edits it. */
export function displayed<M extends ToViewer>(message: M): M;
export function displayed(message: ToViewer): ToViewer {
  switch (message.type) {
    case 'progress':
      return { ...message, statusText: tameText(message.statusText), text: tameLines(message.text) };
    case 'notice':
      return { ...message, text: tameText(message.text) };
    case 'show':
      return {
        ...message,
        view: displayedView(message.view),
        words: tameAll(message.words),
        // Lines of an answer are its own.
        ...tameAll(given({ answer: message.answer }), plainText),
        ...tameAll(given({ banner: message.banner, answers: message.answers, series: message.series })),
      };
    case 'regionAction':
      return message;
  }
}

function displayedView({ result, ...view }: ViewState): ViewState {
  const { imageName, modelNote, error } = view;
  const shown: ViewState = { ...view, ...tameAll({ imageName, ...given({ modelNote, error }) }) };
  if (result === undefined) return shown;
  const regions = result.regions.map(region => ({ ...region, label: plainLine(region.label) }));
  // The raw answer loses nothing.
  return { ...shown, result: { ...result, text: plainText(result.text), suffix: tameLines(result.suffix), regions } };
}

/** Plain JSON with every text in it made tame. @param tame For texts of several lines: `tameLines`. */
export function tameAll<T>(value: T, tame: (text: string) => string = tameText): T {
  if (typeof value === 'string') return tame(value) as T & string;
  if (Array.isArray(value)) return value.map(each => tameAll<unknown>(each, tame)) as T & unknown[];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, tameAll<unknown>(each, tame)]);
  return Object.fromEntries(entries) as T & object;
}
