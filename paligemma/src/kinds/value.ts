/** An answer that is one value, such as charts are asked for: a number, and what it counts. */
import { firstWord } from '../firstWord';
import { plainLine } from '../plainText';
import { taskOfWord } from '../tasks';
import { answerKind } from './kind';

export interface ValueAnswer {
  /** As the model wrote it, on one line. */
  readonly text: string;
  /** Absent where it cannot be told: none is there, or it may be read in two ways, as `1,234` may. */
  readonly number?: number;
  /** What stands before and behind the digits: `$`, `%`, `million`; may be empty. */
  readonly unit: string;
}

/** An amount with at most a word, a sign or a currency beside it. */
const pattern = /^([$€£¥₹]?)\s?([-+−]?\d[\d.,\u00a0\u202f]*)\s?([%‰°$€£¥₹]|[\p{L}/²³°]{1,20})?$/u;

export const value = answerKind<ValueAnswer>({
  isPlain: true,
  title: t => t('Value'),
  about: t => t('a number with its unit, as charts are asked for'),
  isLikely: ({ prompt, suffix }) => !isOfText(prompt) && pattern.test(suffix.trim()),
  read(suffix, { t }) {
    const text = plainLine(suffix);
    const match = pattern.exec(text);
    if (match === null) {
      const fault = { message: t('This is not one number with at most a unit.'), start: 0, end: suffix.length };
      return { data: { text, unit: '' }, faults: text === '' ? [] : [fault] };
    }
    const [, before = '', digits = '', behind = ''] = match;
    const number = numberOf(digits);
    return { data: { text, unit: before || behind, ...(number === undefined ? {} : { number }) }, faults: [] };
  },
  text: data => data.text,
  json: ({ number, unit }) => ({ ...(number === undefined ? {} : { number }), unit }),
});

/** Of the known tasks only questions are answered with values; what is read or described is text, also where it is a number. */
function isOfText(prompt: string): boolean {
  const task = taskOfWord(firstWord(prompt));
  return task !== undefined && task.id !== 'answer';
}

/** Only a point is read as the decimal mark; a comma counts where it parts thousands beyond doubt. Telephone numbers are none. */
function numberOf(digits: string): number | undefined {
  const plain = digits.replace('−', '-');
  if (/^(?:[-+]?0\d|\+\d{7})/.test(plain)) return undefined;
  if (/^[-+]?\d+(?:\.\d+)?$/.test(plain)) return Number(plain);
  // Twice, or before a point: `1,234,567`, `1,234.5`.
  if (/^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+|(?<=,\d{3},\d{3}))$/.test(plain)) return Number(plain.replaceAll(',', ''));
  return undefined;
}
