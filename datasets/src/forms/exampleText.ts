/** One question about pictures and its answer, written in each form that is lines of text. */
import * as l10n from '@vscode/l10n';
import { jsonText } from '../../../paligemma/src/answers/json';

export const textForms = ['jsonl', 'imagefolder', 'csv', 'messages', 'sharegpt'] as const;
export type TextForm = (typeof textForms)[number];

export interface Example {
  /** As they are to be written, with `/`. */
  readonly images: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  /** Values of keys that no form knows, such as `id`; flat ones only. */
  readonly others: Readonly<Record<string, string | number | boolean>>;
}

/** Keys of any form, which are not handed on as they are. */
const knownKeys: ReadonlySet<string> = new Set([
  ...['image', 'images', 'file_name', 'file_names', 'image_left', 'image_right'],
  ...['prefix', 'suffix', 'prompt', 'completion', 'query', 'response', 'messages', 'conversations'],
]);

/** What else an object holds, and whether some of it is not flat. Own keys only, `__proto__` as any other. */
export function otherValues(
  fields: Readonly<Record<string, unknown>>,
): { readonly others: Example['others']; readonly leavesOut: boolean } {
  const entries = Object.entries(fields).filter(([key, value]) => !knownKeys.has(key) && value !== null);
  const flat = entries.filter((entry): entry is [string, string | number | boolean] => isFlat(entry[1]));
  return { others: Object.fromEntries(flat), leavesOut: flat.length < entries.length };
}

function isFlat(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean'
    || (typeof value === 'number' && Number.isFinite(value));
}

/** @returns The value of a line, or of an entry of a list; a sentence where the form cannot hold it. */
export function exampleValue(
  form: Exclude<TextForm, 'csv'>,
  example: Example,
): Readonly<Record<string, unknown>> | string {
  const { images, prefix, suffix, others } = example;
  const [only, ...more] = images;
  if (only === undefined) return l10n.t('The line has no picture.');
  switch (form) {
    case 'jsonl':
      return { image: more.length === 0 ? only : images, prefix, suffix, ...others };
    case 'imagefolder': {
      if (images.some(leavesFolder)) return outsideFolder();
      return { ...(more.length === 0 ? { file_name: only } : { file_names: images }), prefix, suffix, ...others };
    }
    case 'messages':
      return {
        messages: [{ role: 'user', content: marks(images) + prefix }, { role: 'assistant', content: suffix }],
        images,
        ...others,
      };
    case 'sharegpt':
      return {
        conversations: [{ from: 'human', value: marks(images) + prefix }, { from: 'gpt', value: suffix }],
        images,
        ...others,
      };
  }
}

export function exampleLine(
  form: Exclude<TextForm, 'csv' | 'sharegpt'>,
  example: Example,
): string | { readonly text: string } {
  const value = exampleValue(form, example);
  return typeof value === 'string' ? value : { text: `${jsonText(value)}\n` };
}

/** A row of `file_name,prefix,suffix`. @returns A sentence where it cannot hold the line. */
export function csvRow({ images: [only, ...more], prefix, suffix }: Example): string | { readonly text: string } {
  if (only === undefined) return l10n.t('The line has no picture.');
  if (more.length > 0) return l10n.t('A row of a table holds one picture, and the line has {0}.', more.length + 1);
  if (leavesFolder(only)) return outsideFolder();
  return { text: `${[only, prefix, suffix].map(csvCell).join(',')}\n` };
}

/** Source: RFC 4180, section 2. */
function csvCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function marks(images: readonly string[]): string {
  return '<image>'.repeat(images.length);
}

/** `datasets` refuses such names. */
function leavesFolder(name: string): boolean {
  return name.startsWith('/') || /^[A-Za-z]:/.test(name) || name.split('/').includes('..');
}

function outsideFolder(): string {
  return l10n.t(
    'The picture lies outside the folder of the new file, and this form takes none from there. Write it above the pictures.',
  );
}
