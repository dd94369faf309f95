/** What the prompt field offers for what stands in it. Pure. */
import type { PromptHelp } from '../../client/src/contract/viewer';

export interface Suggestion {
  /** The whole text of the field once it is taken. */
  readonly value: string;
  /** What the list shows. */
  readonly label: string;
  readonly detail: string;
  readonly kind: 'task' | 'language' | 'label' | 'history';
}

const MOST = 40;
const MOST_HISTORY = 6;

/** Words that fit at the end of the text, then earlier prompts that begin like it. */
export function suggestionsFor(text: string, { history, tasks, languages, labels }: PromptHelp): Suggestion[] {
  const words = completions(text, tasks, languages, labels);
  const earlier = history.filter(prompt => prompt !== text && prompt.toLowerCase().startsWith(text.toLowerCase()))
    .slice(0, MOST_HISTORY)
    .map((value): Suggestion => ({ value, label: value, detail: '', kind: 'history' }));
  // In an empty field the last prompts are the likely ones.
  const all = text.trim() === '' ? [...earlier, ...words] : [...words, ...earlier];
  return all.filter(({ value }, index) => all.findIndex(other => other.value === value) === index).slice(0, MOST);
}

function completions(
  text: string,
  tasks: PromptHelp['tasks'],
  languages: PromptHelp['languages'],
  labels: PromptHelp['labels'],
): Suggestion[] {
  const space = text.indexOf(' ');
  if (space < 0) {
    return tasks.filter(({ word }) => word.startsWith(text) && word !== text)
      .map(({ word, takes, does }) => ({
        value: takes === 'nothing' ? word : `${word} `,
        label: word,
        detail: does,
        kind: 'task',
      }));
  }
  const [word, rest] = [text.slice(0, space), text.slice(space + 1)];
  const takes = tasks.find(task => task.word === word)?.takes;
  if (takes === 'language') {
    if (rest.includes(' ')) return [];
    const typed = rest.toLowerCase();
    return languages.filter(({ code, name }) =>
      code !== rest && (code.startsWith(typed) || name.toLowerCase().includes(typed))
    )
      .map(({ code, name }) => ({ value: `${word} ${code}`, label: code, detail: name, kind: 'language' }));
  }
  return takes === 'objects' ? objectCompletions(text, rest, labels) : [];
}

function objectCompletions(text: string, rest: string, labels: readonly string[]): Suggestion[] {
  const parts = rest.split(';');
  const typed = (parts.at(-1) ?? '').trim().toLowerCase();
  const used = new Set(parts.map(part => part.trim()));
  const before = text.slice(0, text.length - (parts.at(-1) ?? '').length);
  const glue = before.endsWith(';') ? ' ' : '';
  return labels.filter(label => !used.has(label) && label.toLowerCase().startsWith(typed))
    .map(label => ({ value: `${before}${glue}${label}`, label, detail: '', kind: 'label' }));
}
