/**
 * The tokens that published CIDEr, BLEU and ROUGE-L are counted in: those of the Penn Treebank as Stanford's tokenizer of
 * 2014 finds them, in small letters and without punctuation. Written from what that program answers, not from its source.
 */
import { isAbbreviation } from './ptbAbbreviations';
import { letterRanges, symbolRanges } from './ptbCharacters';

/** What a text begins with. */
interface Found {
  /** UTF-16 units, with what only has to follow. */
  readonly length: number;
  readonly tokens: readonly string[];
}

type Rule = (text: string, position: number) => Found | undefined;

const A = 'A-Za-z';
const L = `A-Za-z${letterRanges}`;
const X = `0-9${L}`;
const apostrophe = "['\u2019]";
/** Of a mail address, between its full stops. */
const address = '[^\\s\u00a0"<>|()@.]';
const hyphen = '[-\u058a\u2010\u2011]';

/** Neither more of the word nor what is short for a verb. */
const wordEnd = `(?!${apostrophe}(?:[sdm]|ll|re|ve)(?![${X}])|[${X}])`;

/** A rule whose match is one token. */
function token(pattern: string, flags = ''): Rule {
  return parts(`(${pattern})`, flags);
}

/** A rule whose groups are the tokens; what is not matched gives none. */
function parts(pattern: string, flags = ''): Rule {
  const regex = new RegExp(pattern, `y${flags}`);
  return (text, position) => {
    regex.lastIndex = position;
    const match = regex.exec(text);
    if (match === null || match[0] === '') return undefined;
    return { length: match[0].length, tokens: match.slice(1).filter(part => part !== undefined && part !== '') };
  };
}

/** A rule whose match vanishes. */
function nothing(pattern: string): Rule {
  const rule = token(pattern);
  return (text, position) => {
    const found = rule(text, position);
    return found === undefined ? undefined : { ...found, tokens: [] };
  };
}

function mapped(pattern: string, to: (match: string) => string): Rule {
  const rule = token(pattern);
  return (text, position) => {
    const found = rule(text, position);
    return found === undefined ? undefined : { ...found, tokens: found.tokens.map(to) };
  };
}

const abbreviation: Rule = (text, position) => {
  const found = abbreviationLike(text, position);
  const [written = ''] = found?.tokens ?? [];
  const isBeforeNumber = /^\s?\d/.test(text.slice(position + written.length, position + written.length + 2));
  return isAbbreviation(written.slice(0, -1), isBeforeNumber) ? found : undefined;
};
const abbreviationLike = token(`[${A}]{2,8}\\.`);

/** Some letters, each with a full stop. */
const initials = `[${A}](?:\\.[${A}])+\\.?`;

/** Of those that match most, the first counts. */
const rules: readonly Rule[] = [
  nothing("''|``"),
  // Words that are two.
  parts(`(can)(not)${wordEnd}`, 'i'),
  parts(`(gon|wan)(na)${wordEnd}`, 'i'),
  parts(`(got)(ta)${wordEnd}`, 'i'),
  parts(`(lem|gim)(me)${wordEnd}`, 'i'),
  parts(`('t)(is|was)(?![${X}])`, 'i'),
  parts(`(y${apostrophe})(?=all(?![${X}]))`, 'i'),
  // The negation is a word, and so is what follows an apostrophe: "is n't", "dog 's".
  parts(`((?:[${X}]+${hyphen})*[${X}]*?)(n['\u2019\`]t(?:cha)?)(?![${X}])`, 'i'),
  token(`${apostrophe}(?:[sdm]|ll|re|ve)(?![${A}])|\u2019s`, 'i'),
  // Words, joined by hyphens, underscores, full stops or marks.
  token(`[${X}]+`),
  token(`[${X}]+(?:[-_\u058a\u2010\u2011][${X}]+)+`),
  token(`[${L}][${X}]*(?:[.!?][${L}][${X}]*)+`),
  token(`[A-Za-z0-9][A-Za-z0-9.,]{0,100}(?:-(?:${initials}|[A-Za-z0-9]+))+`),
  token('[A-Z]+&(?:amp;)?[A-Z]+'),
  token(`[A-Za-z0-9]+(?:-[${A}]+){0,2}(?:/[A-Za-z0-9]+(?:-[${A}]+){0,2}){1,2}`),
  // With their full stops.
  token(`[${A}]\\.`),
  token(initials),
  token(`[${X}]+(?:[-_][${X}]+)*\\.(?=[,;:])`),
  token('ph\\.d\\.', 'i'),
  abbreviation,
  // With an apostrophe of their own.
  token(`(?:[A-HJ-XZ]|[dlno])${apostrophe}[${L}]{2,}`),
  token(`[${A}]+[aeiouy]${apostrophe}[aeiou][${A}]*`, 'i'),
  token(`(?:c'mon|e'er|li'l|s'mores|ol'|dunkin'|[dj]')`, 'i'),
  token(`${apostrophe}(?:em|cause|till?|n(?!\\.))(?![${X}])`, 'i'),
  token(`${apostrophe}n${apostrophe}`, 'i'),
  token(`${apostrophe}(?:[0-9]0[sS](?![${X}])|[0-9]{2}(?=[\\s.,;:!?)]|$))`),
  // Numbers.
  token('[-+]?(?:[0-9]*(?:[.,:\u066b\u066c][0-9]+)+|[0-9]+)'),
  token('[0-9]{1,4}(?:[- \u00a0][0-9]{1,4})?[/\u2044][0-9]{1,4}'),
  token('(?:\\([0-9]{3}\\)[ \u00a0]?|[0-9]{3}[- \u00a0])[0-9]{3}[-. \u00a0][0-9]{4}'),
  mapped('[\u00bc-\u00be\u2153\u2154]', sign => sign.normalize('NFKC').replace('\u2044', '/')),
  // Money.
  token('[A-Z]{1,4}\\$'),
  mapped('[\u20ac\u00a4\u20a0\u0080]', () => '$'),
  mapped('\u00a3', () => '#'),
  mapped('\u00a2', () => 'cents'),
  // Addresses, tags and names.
  token('https?://(?=[^\\s/]{0,200}\\.)[^\\s"<>|()]{0,2000}[^\\s"<>|.!?(){},-]', 'i'),
  token(`www\\.(?:[^\\s"<>|.!?(){},/]{1,60}\\.){1,9}[${A}]{2,4}(?:/[^\\s"<>|()]{1,2000}[^\\s"<>|.!?(){},-])?`, 'i'),
  token(`(?:[^\\s"\`'<>|.!?(){},-_$]{1,60}\\.){1,9}(?:com|net|org|edu)(?:/[^\\s"<>|()]{1,2000}[^\\s"<>|.!?(){},-])?`),
  token(`[A-Za-z0-9]${address}{0,100}(?:\\.${address}{1,100}){0,9}@(?:${address}{1,100}\\.){0,9}${address}{1,100}`),
  token(`@[${A}_][A-Za-z0-9_]*`),
  token(`#[${L}]+`),
  token('[cf]#|c\\+\\+', 'i'),
  token(`<[/!?]?[${A}][^<>]{0,2000}>`),
  // Faces.
  token(`[<>]?[:;=][-']?[()[\\]{|@\\\\DPpO](?![${X}])`),
  token("\\(?[-^=<>']_[-^=<>']\\)?"),
  // Entities.
  mapped('&amp;', () => '&'),
  mapped('&lt;', () => '<'),
  mapped('&gt;', () => '>'),
  nothing('&(?:quot|apos|nbsp|ndash|mdash);'),
  token('&(?:#[0-9]+|[aeiouAEIOU](?:acute|grave|uml|circ));'),
  // Marks: runs of some, one by one the others.
  token('[!?]+|[*]+|_+|#+|@+|<<|>>'),
  nothing('-{2,4}|\\.{3}'),
  token('-{5,}'),
  token(`[()\\[\\]{}$%&+/<=>\\\\^|~:;,.'"\`-]|[${symbolRanges}]`),
];

const space = /[\s\u00a0]+/y;
const brackets: Readonly<Record<string, string>> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
};
/** Tokens that count as punctuation. */
const dropped = new Set(["''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';', '"']);

/**
 * Tokens with blanks between them.
 * @returns Empty for a text without any. A number such as `1 1/2` is one token, with a no-break space in it.
 * Source: the answers of pycocoevalcap 1.2, `tokenizer/ptbtokenizer.py`, which runs stanford-corenlp 3.4.1.
 */
export function ptbTokens(text: string): string {
  const line = text.replace(/\u00ad/g, '');
  const tokens: string[] = [];
  let position = 0;
  while (position < line.length) {
    space.lastIndex = position;
    if (space.test(line)) {
      position = space.lastIndex;
      continue;
    }
    let best: Found = { length: 0, tokens: [] };
    for (const rule of rules) {
      const found = rule(line, position);
      if (found !== undefined && found.length > best.length) best = found;
    }
    for (const found of best.tokens) if (!dropped.has(found)) tokens.push(written(found));
    // What no rule knows vanishes.
    position += Math.max(1, best.length);
  }
  return tokens.join(' ');
}

function written(found: string): string {
  const small = found.toLowerCase().replace(/[ \t]/g, '\u00a0').replace('&amp;', '&');
  // Negation and what is short for a verb have one apostrophe, words keep theirs.
  const plain = /^(?:n|)\u2019(?:t|tcha|[sdm]|ll|re|ve)$/.test(small) ? small.replace('\u2019', "'") : small;
  return plain.length === 1
    ? brackets[plain] ?? plain
    : plain.replace(/[()]/g, bracket => brackets[bracket] ?? bracket);
}
