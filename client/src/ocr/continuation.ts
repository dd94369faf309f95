/**
 * How text of several lines is set into code: indented like the line it begins on, comments go on as comments. Free of
 * the editor.
 */

/** What a language configuration says of comments. */
export interface CommentMarks {
  readonly line: readonly string[];
  /** Start of a block comment, for example `/*`. */
  readonly blockStart?: string;
}

export interface Continuation {
  /** White space that every further line begins with. */
  readonly indent: string;
  /** What follows it inside a comment, for example `// `; else empty. */
  readonly leader: string;
}

/** @param before The line's text up to the place where the text goes in. */
export function continuationAfter(before: string, marks: CommentMarks): Continuation {
  const indent = /^\s*/.exec(before)?.[0] ?? '';
  const code = before.slice(indent.length);
  return { indent, leader: commentLeader(code, marks) };
}

/**
 * @param text With any kind of newline; those at its end are dropped. @param eol Newline of the document.
 */
export function setInto(text: string, { indent, leader }: Continuation, eol: string): string {
  const [first = '', ...others] = text.replace(/\s+$/, '').split(/\r\n|\r|\n/);
  // Empty lines get no trailing white space.
  return [first, ...others.map(line => `${indent}${leader}${line}`.replace(/\s+$/, ''))].join(eol);
}

function commentLeader(code: string, { line, blockStart }: CommentMarks): string {
  // `///` and `//!` are comments of their own kind: the longer mark goes on.
  const marks = line.filter(mark => mark !== '').sort((a, b) => b.length - a.length);
  const mark = marks.find(candidate => code.startsWith(candidate));
  if (mark !== undefined) {
    const longer = new RegExp(`^${escaped(mark)}[${escaped(mark.slice(-1))}!]*\\s*`).exec(code)?.[0] ?? mark;
    return /\s$/.test(longer) ? longer : `${longer} `;
  }
  if (blockStart === '/*' && !code.includes('*/')) {
    if (code.startsWith('/*')) return ' * ';
    if (/^\*(\s|$)/.test(code)) return '* ';
  }
  return '';
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
