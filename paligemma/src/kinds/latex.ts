/** An answer that is a formula in LaTeX. */
import { codeBlock } from '../markdownText';
import { plainText } from '../plainText';
import { answerKind } from './kind';
import { isAskedFor } from './prompts';

export interface LatexAnswer {
  /** Without control characters, and without the signs around it that switch to mathematics. */
  readonly source: string;
  /** Whether it stands on a line of its own rather than within one. */
  readonly isDisplay: boolean;
}

/** Words of prompts and models for formulas. */
const words = ['latex', 'im2latex'];
/** Commands that only formulas hold. */
const command = /\\(?:frac|sqrt|begin|left|right|mathrm|mathbf|mathbb|mathcal|sum|int|prod|partial|operatorname)\b/g;

export const latex = answerKind<LatexAnswer>({
  title: () => 'LaTeX',
  about: t => t('a formula'),
  isLikely: ({ prompt, model, suffix }) => {
    const isAsked = isAskedFor({ prompt, model }, words) && /[\\^_{]/.test(suffix);
    return isAsked || (suffix.match(command)?.length ?? 0) >= 2;
  },
  read(suffix, { isTruncated, t }) {
    const written = plainText(suffix).trim();
    const { source, isDisplay } = unwrapped(written) ?? { source: written, isDisplay: true };
    const open = unbalanced(suffix);
    const faults = [];
    if (isTruncated) {
      faults.push({ message: t('The answer ends before the formula does.'), start: suffix.length, end: suffix.length });
    } else if (open !== undefined) {
      const message = open.sign === '{'
        ? t('A brace is opened here and never closed.')
        : t('A brace is closed here that was never opened.');
      faults.push({ message, start: open.at, end: open.at + 1 });
    }
    return { data: { source, isDisplay }, faults };
  },
  text: data => data.source,
  markdown: data => codeBlock(data.source, 'latex'),
  json: data => ({ ...data }),
  exports: { latex: { title: () => 'LaTeX', ending: '.tex', write: latexFile } },
});

/** Signs that switch to mathematics and back. */
const wraps = [
  { open: '$$', close: '$$', isDisplay: true },
  { open: '\\[', close: '\\]', isDisplay: true },
  { open: '$', close: '$', isDisplay: false },
  { open: '\\(', close: '\\)', isDisplay: false },
];

/** What stands between two such signs; undefined where they do not enclose all of it, as those of several formulas. */
function unwrapped(written: string): LatexAnswer | undefined {
  for (const { open, close, isDisplay } of wraps) {
    if (written.length < open.length + close.length || !written.startsWith(open) || !written.endsWith(close)) continue;
    const source = written.slice(open.length, -close.length);
    if (!source.includes(close)) return { source: source.trim(), isDisplay };
  }
  return undefined;
}

/** A piece of a document: display mathematics without a package. */
function latexFile({ source, isDisplay }: LatexAnswer): string {
  return isDisplay ? `\\[\n${source}\n\\]\n` : `\\(${source}\\)\n`;
}

/** The first brace that has no partner. */
function unbalanced(text: string): { readonly sign: '{' | '}'; readonly at: number } | undefined {
  const open: number[] = [];
  for (const { 0: sign, index } of text.matchAll(/\\.|[{}]/g)) {
    if (sign === '{') open.push(index);
    else if (sign === '}' && open.pop() === undefined) return { sign: '}', at: index };
  }
  const [at] = open;
  return at === undefined ? undefined : { sign: '{', at };
}
