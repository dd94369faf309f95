/**
 * One form: ` ; ` between objects, two spaces before `=>`, one space behind directives, nothing at the ends of lines.
 */
import type { FormattingOptions, Range, TextEdit } from 'vscode-languageserver-types';
import { directiveAt, lineEndOf, promptAt, shapeOf } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { DirectiveNode, PromptNode } from '../syntax/parser';
import type { PromptShape } from '../syntax/promptShape';
import type { ScannedLine } from '../syntax/scanner';

const INDENT = '  ';

/**
 * Edits that bring the file, or the lines of a range, into form. What a prompt says stays: only white space at its
 * ends, behind its task word and around ` ; ` changes. Literal and joined text is left as it is.
 */
export function formatDocument(
  document: PromptDocument,
  options: Partial<FormattingOptions>,
  range?: Range,
): TextEdit[] {
  const from = range?.start.line ?? 0;
  const to = Math.min(range?.end.line ?? Infinity, document.lines.length - 1);
  const edits: TextEdit[] = [];
  for (let line = from; line <= to; line++) {
    const scanned = document.lines[line]!;
    const wanted = formatLine(document, line, scanned);
    if (wanted !== scanned.text) edits.push(minimalEdit(line, scanned.text, wanted));
  }
  return range === undefined ? [...edits, ...finalLines(document, options)] : edits;
}

function formatLine(document: PromptDocument, index: number, line: ScannedLine): string {
  const mark = line.hasByteOrderMark ? '\ufeff' : '';
  switch (line.kind) {
    case 'blank':
      return mark;
    case 'comment':
      return line.text.trimEnd();
    case 'directive': {
      const directive = directiveAt(document, index);
      return directive === undefined ? line.text : mark + formatDirective(directive, line);
    }
    case 'expectation': {
      if (line.joinsNext) return `${INDENT}=> ${line.text.slice(line.start)}`;
      return trimEndSafely(`${INDENT}=> ${line.text.slice(line.start)}`);
    }
    case 'joined':
      return line.joinsNext ? line.text : trimEndSafely(line.text);
    case 'prompt': {
      const prompt = promptAt(document, index);
      return prompt === undefined ? line.text : mark + formatPrompt(document, prompt, line);
    }
  }
}

/** Without white space at the end, unless a backslash before it would then join the next line. */
function trimEndSafely(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.endsWith('\\') ? text : trimmed;
}

function formatDirective(directive: DirectiveNode, line: ScannedLine): string {
  const at = (span: { readonly start: number; readonly end: number }) => line.text.slice(span.start, span.end);
  const name = at(directive.name);
  const join = (...parts: string[]) => parts.filter(part => part !== '').join(' ');
  switch (directive.kind) {
    case 'model':
    case 'unknown':
      return join(name, at(directive.value));
    case 'image':
      return join(name, directive.items.map(at).join(', ').trimEnd());
    case 'set': {
      const isRight = Object.keys(directive.parsed).length > 0;
      return isRight ? join(name, at(directive.key), at(directive.setting)) : join(name, at(directive.value));
    }
  }
}

function formatPrompt(document: PromptDocument, prompt: PromptNode, line: ScannedLine): string {
  const begin = line.hasByteOrderMark ? 1 : 0;
  const text = line.text.slice(begin);
  if (prompt.isLiteral) return text;
  if (prompt.isEmptyForm) return '""';
  const shape = shapeOf(document, prompt);
  const isWhole = prompt.parts.length === 1;
  const formed = isWhole ? formTask(shape) : undefined;
  const start = text.trimStart();
  // A backslash that comes to the start of the line would make the rest literal.
  const unindented = start.startsWith('\\') || start.startsWith('=>') ? text : start;
  if (line.joinsNext) return unindented;
  return trimEndSafely(formed ?? unindented);
}

/**
 * The task word, its language and its objects with single spaces; undefined where there is nothing to bring into form.
 */
function formTask(shape: PromptShape): string | undefined {
  const { task, text, word, second, objects } = shape;
  if (task === undefined) return undefined;
  const name = text.slice(word.start, word.end);
  if (task.parameters[0] === 'objects' && objects.length > 0) {
    const labels = objects.map(object => object.text).join(' ; ').trim();
    return labels.startsWith(';') || labels.endsWith(';') || labels.includes(';  ;') ? undefined : `${name} ${labels}`;
  }
  // Behind the language everything stays: a published prompt form has two spaces there.
  return shape.language === undefined ? undefined : `${name} ${text.slice(second.start)}`;
}

/** One edit that keeps what is equal at both ends, so that cursors and results stay where they are. */
function minimalEdit(line: number, before: string, after: string): TextEdit {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start && end < after.length - start
    && before[before.length - 1 - end] === after[after.length - 1 - end]
  ) end++;
  return {
    range: { start: { line, character: start }, end: { line, character: before.length - end } },
    newText: after.slice(start, after.length - end),
  };
}

function finalLines(document: PromptDocument, options: Partial<FormattingOptions>): TextEdit[] {
  const last = document.lines.length - 1;
  let keep = last;
  while (keep > 0 && document.lines[keep]?.kind === 'blank') keep--;
  const endsWithNewline = document.lines[last]?.text === '' && last > 0;
  if (options.trimFinalNewlines === true && keep < last - (endsWithNewline ? 1 : 0)) {
    const start = { line: keep + 1, character: 0 };
    return [{ range: { start, end: { line: last, character: document.lines[last]?.text.length ?? 0 } }, newText: '' }];
  }
  const end = document.lines[last];
  if (options.insertFinalNewline === true && end !== undefined && end.kind !== 'blank') {
    const at = { line: last, character: end.text.length };
    return [{ range: { start: at, end: at }, newText: lineEndOf(document) }];
  }
  return [];
}
