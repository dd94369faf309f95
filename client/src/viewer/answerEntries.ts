/** The answers that are known of a picture, in words. Free of the editor. */
import { plainLine } from '../../../paligemma/src/plainText';
import { answererText } from '../../../paligemma/src/serverNames';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import type { Translate } from '../../../paligemma/src/translate';
import type { AnswerEntry, ViewState } from '../contract/viewer';

/** More are not looked through one by one. */
const MOST_ENTRIES = 200;
/** What a line of the list has room for, and some more. */
const LONGEST_ANSWER = 200;

/** @param known Newest first. @param locale Of the editor: dates are written as it does. */
export function answerEntries(
  known: readonly KnownAnswer[],
  view: ViewState,
  locale: string,
  t: Translate,
): readonly AnswerEntry[] {
  const shown = shownKey(known, view, t);
  const date = dates(locale);
  return known.slice(0, MOST_ENTRIES).map(({ key, prompt, model, storedAtMs, ...answer }) => ({
    key,
    prompt: prompt === '' ? t('(empty prompt)') : prompt,
    answer: answerText(answer, t),
    details: `${model} · ${date.format(storedAtMs)}`,
    isShown: key === shown,
  }));
}

/** The key of the answer that a view shows; undefined where it is not kept. */
export function shownKey(
  known: readonly KnownAnswer[],
  { status, result }: ViewState,
  t: Translate,
): string | undefined {
  if (status !== 'done' || result === undefined) return undefined;
  const model = answererText(result, t);
  const labels = result.regions.map(({ label }) => label).join('\n');
  return known.find(answer =>
    answer.prompt === result.prompt && answer.model === model && result.text.startsWith(answer.text)
    && answer.labels.join('\n') === labels
  )?.key;
}

function answerText({ text, labels, line: own }: Pick<KnownAnswer, 'text' | 'labels' | 'line'>, t: Translate): string {
  if (own !== undefined) return Array.from(plainLine(own)).slice(0, LONGEST_ANSWER).join('');
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const named = [...counts].map(([label, count]) => {
    const name = label === '' ? t('no name') : label;
    return count === 1 ? name : `${name} ×${count}`;
  });
  const line = [named.join(', '), plainLine(text)].filter(part => part !== '').join(' · ');
  return line === '' ? t('(nothing)') : Array.from(line).slice(0, LONGEST_ANSWER).join('');
}

function dates(locale: string): Intl.DateTimeFormat {
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const;
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    return new Intl.DateTimeFormat('en', options);
  }
}
