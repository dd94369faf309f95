/** Folding: sections under `@image` and `@model`, prompts of several lines, comments, `# region`. */
import { FoldingRangeKind } from 'vscode-languageserver-types';
import type { FoldingRange } from 'vscode-languageserver-types';
import { lastLineOf } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';

const regionMark = /^\s*#\s?(end)?region\b/;

export function foldingRanges(document: PromptDocument): FoldingRange[] {
  return [...sections(document), ...prompts(document), ...comments(document)];
}

/** From a directive to the line before the next of its kind; a model's section holds those of its images. */
function sections(document: PromptDocument): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  let model: number | undefined;
  let image: number | undefined;
  const close = (from: number | undefined, before: number) => {
    const end = lastUsed(document, before - 1);
    if (from !== undefined && end > from) ranges.push({ startLine: from, endLine: end });
  };
  for (const directive of document.directives) {
    if (directive.kind === 'model') {
      close(image, directive.line);
      close(model, directive.line);
      image = undefined;
      model = directive.line;
    } else if (directive.kind === 'image') {
      close(image, directive.line);
      image = directive.line;
    }
  }
  close(image, document.lines.length);
  close(model, document.lines.length);
  return ranges;
}

/** The last line at or above `line` that is neither blank nor a comment: those belong to what follows. */
function lastUsed(document: PromptDocument, line: number): number {
  let at = line;
  while (at > 0 && (document.lines[at]?.kind === 'blank' || document.lines[at]?.kind === 'comment')) at--;
  return at;
}

function prompts(document: PromptDocument): FoldingRange[] {
  return document.prompts.filter(prompt => lastLineOf(prompt) > prompt.line).map(prompt => ({
    startLine: prompt.line,
    endLine: lastLineOf(prompt),
  }));
}

function comments(document: PromptDocument): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const regions: number[] = [];
  let start: number | undefined;
  for (let line = 0; line <= document.lines.length; line++) {
    const scanned = document.lines[line];
    const isComment = scanned?.kind === 'comment';
    const mark = isComment ? regionMark.exec(scanned.text.slice(0, 200)) : null;
    if (mark !== null) {
      if (mark[1] === undefined) regions.push(line);
      else {
        const from = regions.pop();
        if (from !== undefined) ranges.push({ startLine: from, endLine: line, kind: FoldingRangeKind.Region });
      }
    }
    if (isComment && mark === null) {
      start ??= line;
      continue;
    }
    if (start !== undefined && line - 1 > start) {
      ranges.push({ startLine: start, endLine: line - 1, kind: FoldingRangeKind.Comment });
    }
    start = undefined;
  }
  return ranges;
}
