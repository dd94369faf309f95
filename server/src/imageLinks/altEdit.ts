/**
 * Writes alt text into a document: only the alt text, as the language wants it, and so that nothing which reads the
 * page takes a word of it for code.
 */
import { escapeAltText } from '../../../paligemma/src/answers/markdown';
import { withoutMarks } from '../../../paligemma/src/answers/pageEngines';
import type { PageEngine } from '../../../paligemma/src/answers/pageLanguages';
import { plainLine } from '../../../paligemma/src/plainText';
import type { AltSlot, AltSyntax, ImageLink, Span } from './imageLink';

export interface AltEdit {
  readonly range: Span;
  readonly newText: string;
}

/** Undefined where the link has no place for alt text, or nothing is left of the text. */
export function altEdit({ altSlot }: ImageLink, newAlt: string): AltEdit | undefined {
  if (altSlot === undefined) return undefined;
  const words = altWords(altSlot, newAlt);
  if (words === '') return undefined;
  const { range, before, after, syntax, engines = [] } = altSlot;
  return { range, newText: before + forEngines(syntaxes[syntax].write(words), engines) + after };
}

/**
 * The words that are read back from the page: those of the model, without what the place cannot hold and what an
 * engine would run.
 */
export function altWords({ syntax, engines = [] }: Pick<AltSlot, 'syntax' | 'engines'>, alt: string): string {
  const { fit } = syntaxes[syntax];
  const clean = withoutMarks(plainLine(alt), engines);
  return fit === undefined ? clean : withoutMarks(plainLine(fit(clean)), engines);
}

interface Syntax {
  /** What has no escape there becomes something that looks alike. */
  readonly fit?: (alt: string) => string;
  /** The words as the language escapes them. */
  readonly write: (words: string) => string;
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const reference = (char: string) => references[char] ?? `&#${char.codePointAt(0)};`;
const referred = (alt: string, which: RegExp) => alt.replace(which, reference);

const html = (alt: string) => referred(alt, /[&<>"']/g);
const script = (quote: RegExp) => (alt: string) => alt.replace(quote, '\\$&').replace(/[\u2028\u2029]/g, ' ');
/** Without quotes and backslashes, which would end the text, and what begins code or a comment of Markdown. */
const bareWords = (alt: string) =>
  alt.replace(/["`]/g, "'").replaceAll('\\', '/').replaceAll('<', '‹').replaceAll('>', '›');

/** Straight double quotes as a typesetter has them. */
const curly = (alt: string) => alt.replace(/(?<![^\s(])"/g, '“').replaceAll('"', '”');

const syntaxes: Readonly<Record<AltSyntax, Syntax>> = {
  markdown: { write: escapeAltText },
  // Braces are expressions in MDX.
  mdx: { write: alt => escapeAltText(alt).replace(/[{}]/g, '\\$&') },
  html: { write: html },
  // Backticks would open code, brackets a link.
  htmlInMarkdown: { write: alt => referred(html(alt), /[`[\]\\]/g) },
  svelte: { write: alt => referred(html(alt), /[{}]/g) },
  scriptDouble: { write: script(/["\\]/g) },
  scriptSingle: { write: script(/['\\]/g) },
  asciidocBlock: { write: alt => asciidoc(alt, /[&{}\\+$`[]|:(?=\/)|[<>](?=[<>])/g) },
  // Text around an inline macro is marked up before the macro is read, so its alt text would be too.
  asciidocInline: {
    write: alt => asciidoc(alt, /[&{}\\+$`*_#^~[<>]|:(?=\/)|-(?=-)|\((?=\()/g).replaceAll(']', '\\]'),
  },
  rst: { write: alt => alt },
  latex: { write: alt => alt.replace(/[\\{}#$%&_~^]/g, char => commands[char] ?? `\\${char}`) },
  // knitr looks for code between backticks in the raw text, with a backslash before them or not.
  attribute: { write: alt => referred(html(alt), /[`[\]\\{}|]/g) },
  embed: {
    fit: alt =>
      bareWords(alt).replaceAll('|', '/').replace(/\[/g, '(').replace(/\]/g, ')').replace(/^\d+(?:x\d+)?$/, '“$&”'),
    write: alt => alt,
  },
  tripleColon: {
    fit: alt => bareWords(alt).replace(/:{3,}/g, ':'),
    write: alt => referred(alt, /&/g),
  },
  shortcode: { fit: bareWords, write: alt => alt },
  mystOption: {
    fit: alt =>
      bareWords(curly(alt)).replace(/:(?=\s|$)/g, ' –').replace(/ #/g, ' ')
        .replace(/^[-?:,[\]{}#&*!|>'%@`\s]+/, ''),
    write: alt => alt,
  },
  // The option is written into Markdown or HTML by knitr, in quotes of its own.
  chunkOption: { fit: alt => bareWords(curly(alt)), write: alt => alt },
  // Quotes around everything are those of Lisp, and `nil` is none; a colon at the start of a word begins the next
  // attribute; `src_` and `call_` run code, `@@` passes markup through.
  org: {
    fit: alt =>
      alt.replace(/^"(.*)"$/, '“$1”').replace(/^nil$/, 'Nil').replace(/(?<!\S):+(?=\S)/g, '').replace(
        /\b(src|call)_(?=\w)/g,
        '$1 _',
      ).replace(
        /[@[\]<>](?=[@[\]<>])/g,
        '$& ',
      ),
    write: alt => alt,
  },
  typst: { write: script(/["\\]/g) },
};

/** What the language itself can escape, for an engine that reads single characters. */
function forEngines(written: string, engines: readonly PageEngine[]): string {
  const safe = engines.includes('ats') ? written.replaceAll('@', '&commat;') : written;
  // A reference by number would hold such a sign itself.
  return engines.includes('hashes')
    ? safe.replaceAll('&#39;', '&apos;').replaceAll('#', '&num;').replaceAll('$', '&dollar;')
    : safe;
}

const commands: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/** Commas and equals signs mean something outside of quotes. */
function asciidoc(alt: string, which: RegExp): string {
  const safe = referred(alt, which);
  return /[,="']/.test(safe) ? `"${safe.replaceAll('"', '\\"')}"` : safe;
}
