/** Reads the part of a language configuration that speaks of comments. Free of the editor. */
import { isRecord } from '../../../paligemma/src/checks';
import type { CommentMarks } from './continuation';

/** The files are JSON with comments and trailing commas. @throws SyntaxError where it is not even that. */
export function parseCommentMarks(text: string): CommentMarks {
  const value: unknown = JSON.parse(plainJson(text));
  const comments = isRecord(value) && isRecord(value['comments']) ? value['comments'] : {};
  const { lineComment, blockComment } = comments;
  // Newer files may give an object with options.
  const line = isRecord(lineComment) ? lineComment['comment'] : lineComment;
  const blockStart: unknown = Array.isArray(blockComment) ? blockComment[0] : undefined;
  return { line: typeof line === 'string' ? [line] : [], ...(typeof blockStart === 'string' ? { blockStart } : {}) };
}

function plainJson(text: string): string {
  const withoutComments = text.replace(
    /("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
    (_, quoted: string | undefined) => quoted ?? '',
  );
  return withoutComments.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[\]}])/g, (_, quoted: string | undefined) => quoted ?? '');
}
