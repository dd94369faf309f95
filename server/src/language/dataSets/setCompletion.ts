/** Completion in the texts of a line: pictures, prompts, labels. */
import * as l10n from '@vscode/l10n';
import { CompletionItemKind, type CompletionItem, type CompletionList, type Range } from 'vscode-languageserver-types';
import { quotedInner } from '../../../../datasets/src/lines/quoted';
import { askedObjects } from '../../../../datasets/src/findings/askedObjects';
import { tameText } from '../../../../paligemma/src/plainText';
import { tasks } from '../../../../paligemma/src/tasks';
import type { ImageFile } from '../knowledge/context';
import { indexedPaths } from '../knowledge/imageIndex';
import { taskHelp } from '../knowledge/taskHelp';
import { fuzzyScore } from '../text/fuzzy';
import type { SetDocument } from './setDocument';
import { habitsNear } from './setLabels';
import { rangeOf, type SetPlace } from './setPlace';

const MOST_ITEMS = 100;
const MOST_PREFIXES = 30;
const LONGEST_PREFIX = 300;

export interface SetCompletionOptions {
  readonly images: readonly ImageFile[];
  /** Of the configured language, for captions. */
  readonly language: string;
  readonly isMarkdown: boolean;
}

const none: CompletionList = { isIncomplete: false, items: [] };

export function completeSet(document: SetDocument, place: SetPlace, options: SetCompletionOptions): CompletionList {
  switch (place.role) {
    case 'image':
      return completePicture(document, place, options.images);
    case 'prefix':
      return completePrefix(document, place, options);
    case 'suffix':
      return completeSuffix(document, place);
  }
}

function completePicture(document: SetDocument, place: SetPlace, images: readonly ImageFile[]): CompletionList {
  const { text, unit } = place;
  const range = rangeOf(place, text);
  if (range === undefined) return none;
  const typed = text.value.slice(0, unit);
  const query = typed.replaceAll('\\', '/').replace(/^\.\//, '').toLowerCase();
  const ranked: { readonly path: string; readonly score: number }[] = [];
  for (const { path, lower } of indexedPaths(document.uri, images)) {
    // Trainers look below the file's folder only.
    const score = lower.startsWith('../') ? undefined : fuzzyScore(query, lower);
    if (score !== undefined) ranked.push({ path, score });
  }
  ranked.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  const before = place.line.text.slice(range.start.character, range.start.character + typed.length);
  const items = ranked.slice(0, MOST_ITEMS).map(({ path }, index) =>
    item(path, { kind: CompletionItemKind.File, range, newText: path, index, filter: before + path })
  );
  return { isIncomplete: ranked.length > MOST_ITEMS || typed !== '', items };
}

function completePrefix(document: SetDocument, place: SetPlace, options: SetCompletionOptions): CompletionList {
  const { labels, prefixes } = habitsNear(document, place.number);
  const { text, unit } = place;
  const object = objectAt(text.value, unit);
  if (object !== undefined) return completeLabels(place, object, labels);
  const range = rangeOf(place, text);
  if (range === undefined) return none;
  const known = prefixes.filter(({ length }) => length <= LONGEST_PREFIX).slice(0, MOST_PREFIXES);
  const own = known.map((prefix, index) =>
    item(prefix, { kind: CompletionItemKind.Text, range, newText: prefix, index, detail: l10n.t('used in this file') })
  );
  const others = tasks.flatMap((task, index) => {
    const prompt = task.form.replace('{language}', options.language).replace(/\{[^}]*\}/g, '').trimEnd();
    const newText = task.parameters.length === 0 || prompt.includes(options.language) ? prompt : `${prompt} `;
    if (known.includes(newText)) return [];
    const more = { kind: CompletionItemKind.Keyword, range, newText, index: known.length + index };
    return [{
      ...item(task.form, { ...more, detail: task.title(), filter: newText }),
      ...(options.isMarkdown ? { documentation: { kind: 'markdown' as const, value: taskHelp(task) } } : {}),
    }];
  });
  return { isIncomplete: false, items: [...own, ...others] };
}

/** Labels behind a box, those that the prefix asks for first. */
function completeSuffix(document: SetDocument, place: SetPlace): CompletionList {
  const { text, unit, read } = place;
  const asked = askedObjects(read.prefix?.value ?? '');
  if (asked === undefined) return none;
  const from = Math.max(text.value.lastIndexOf('>', unit - 1), text.value.lastIndexOf(';', unit - 1)) + 1;
  const space = /^\s*/.exec(text.value.slice(from, unit))?.[0].length ?? 0;
  const [end = ''] = /^[^;<>]*/.exec(text.value.slice(unit)) ?? [];
  const wanted = asked.objects.map(({ text: label }) => label).filter(label => label !== '');
  const labels = new Set([...wanted, ...habitsNear(document, place.number).labels]);
  return completeLabels(place, { from: from + space, to: unit + end.trimEnd().length }, [...labels]);
}

function completeLabels(
  place: SetPlace,
  { from, to }: { readonly from: number; readonly to: number },
  labels: readonly string[],
): CompletionList {
  const range = rangeOf(place, place.text, from, Math.max(from, to));
  if (range === undefined) return none;
  const typed = place.text.value.slice(from, place.unit).trim().toLowerCase();
  const fitting = labels.filter(label => fuzzyScore(typed, label.toLowerCase()) !== undefined);
  return {
    isIncomplete: fitting.length > MOST_ITEMS,
    items: fitting.slice(0, MOST_ITEMS).map((label, index) =>
      item(label, { kind: CompletionItemKind.EnumMember, range, newText: label, index })
    ),
  };
}

/** The object of a `detect` or `segment` prefix that a place lies in; empty where the next one is about to be written. */
function objectAt(prefix: string, unit: number): { readonly from: number; readonly to: number } | undefined {
  const word = /^\s*(?:detect|segment)\s/i.exec(prefix)?.[0];
  if (word === undefined || unit < word.length) return undefined;
  const start = Math.max(prefix.lastIndexOf(';', unit - 1) + 1, word.length);
  const semicolon = prefix.indexOf(';', unit);
  const written = prefix.slice(start, semicolon < 0 ? undefined : semicolon);
  const from = Math.min(start + written.length - written.trimStart().length, unit);
  return { from, to: Math.max(from, start + written.trimEnd().length) };
}

interface ItemParts {
  readonly kind: CompletionItemKind;
  readonly range: Range;
  /** As the value has it. */
  readonly newText: string;
  readonly index: number;
  readonly filter?: string;
  readonly detail?: string;
}

function item(label: string, { kind, range, newText, index, filter, detail }: ItemParts): CompletionItem {
  const written = quotedInner(newText);
  return {
    label: tameText(label),
    kind,
    sortText: String(index).padStart(4, '0'),
    filterText: filter ?? written,
    textEdit: { range, newText: written },
    ...(detail === undefined ? {} : { detail }),
  };
}
