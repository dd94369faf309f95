/** Helpers of the prompt language's tests: a `|` marks the position, and edits are applied. */
import type { RunResult } from '../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import type { CompletionItem, Position, Range, TextEdit } from 'vscode-languageserver-types';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { emptyContext } from '../../../server/src/language/knowledge/context';
import type { ImageMatch, LanguageContext, RunKey, RunState } from '../../../server/src/language/knowledge/context';
import { createDocument, documentText } from '../../../server/src/language/syntax/document';
import type { PromptDocument } from '../../../server/src/language/syntax/document';

export const documentUri = 'file:///workspace/prompts/test.paligemma';

export function parse(text: string): PromptDocument {
  return createDocument(documentUri, 1, text);
}

/** The document without its `|`, and where that stood. */
export function parseWithCursor(text: string): { document: PromptDocument; position: Position } {
  const at = text.indexOf('|');
  assert.ok(at >= 0, `no | in ${JSON.stringify(text)}`);
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  return {
    document: parse(text.slice(0, at) + text.slice(at + 1)),
    position: { line: before.length - 1, character: before.at(-1)!.length },
  };
}

/** The document without its two `|`, and the range between them. */
export function parseWithRange(text: string): { document: PromptDocument; range: Range } {
  const { position: start } = parseWithCursor(text);
  const rest = text.replace('|', '');
  const { document, position: end } = parseWithCursor(rest);
  return { document, range: { start, end } };
}

/** The text of a range of one or several lines. */
export function textIn(document: PromptDocument, range: Range): string {
  const text = documentText(document);
  return text.slice(offsetAt(document, range.start), offsetAt(document, range.end));
}

/** Applies edits that must not overlap, as a client does. */
export function applyEdits(document: PromptDocument, edits: readonly TextEdit[]): string {
  const placed = edits.map(edit => ({
    start: offsetAt(document, edit.range.start),
    end: offsetAt(document, edit.range.end),
    newText: edit.newText,
  }));
  placed.sort((a, b) => a.start - b.start || a.end - b.end);
  let text = '';
  let at = 0;
  const source = documentText(document);
  for (const edit of placed) {
    assert.ok(edit.start >= at, `edits overlap at offset ${edit.start}`);
    text += source.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return text + source.slice(at);
}

/** The text after a completion item was chosen; snippet placeholders become their default text. */
export function applyItem(document: PromptDocument, item: CompletionItem): string {
  assert.ok(item.textEdit !== undefined && 'range' in item.textEdit, `${item.label} has no edit`);
  const newText = item.insertTextFormat === 2
    ? item.textEdit.newText.replace(/\$\{\d+:([^}]*)\}/g, '$1')
    : item.textEdit.newText;
  return applyEdits(document, [{ range: item.textEdit.range, newText }]);
}

export function offsetAt(document: PromptDocument, position: Position): number {
  let offset = 0;
  for (let line = 0; line < position.line; line++) {
    const scanned = document.lines[line];
    assert.ok(scanned !== undefined, `no line ${line}`);
    offset += scanned.text.length + scanned.eol.length;
  }
  assert.ok(
    position.character <= (document.lines[position.line]?.text.length ?? -1),
    `no character ${position.character} in line ${position.line}`,
  );
  return offset + position.character;
}

export const mix448: ModelInfo = {
  id: 'google/paligemma2-3b-mix-448',
  kind: 'mix',
  isInstalled: true,
  resolutionPx: 448,
  converted: ['int4'],
  path: '/models/mix',
};
export const pt224: ModelInfo = {
  id: 'google/paligemma2-3b-pt-224',
  kind: 'pt',
  isInstalled: true,
  resolutionPx: 224,
  converted: [],
};
export const demo: ModelInfo = {
  id: 'paligemma2-demo-224',
  kind: 'demo',
  isInstalled: true,
  resolutionPx: 224,
  converted: ['int4'],
};

/** Pictures by path relative to the folder of {@link documentUri}; every other path is missing. */
export function contextWith(
  given: Partial<LanguageContext> & {
    files?: Readonly<Record<string, Partial<ImageMatch>>>;
    runs?: readonly [Partial<RunKey>, RunState][];
  },
): LanguageContext {
  const { files = {}, runs = [], ...rest } = given;
  return {
    ...emptyContext,
    models: [mix448, pt224, demo],
    defaultModel: mix448.id,
    images: (_, path) => {
      const match = files[path];
      return match === undefined
        ? { uris: [], isGlob: /[*?]/.test(path) }
        : { uris: [`file:///workspace/prompts/${path}`], isGlob: /[*?]/.test(path), ...match };
    },
    runState: run =>
      runs.find(([key]) => Object.entries(key).every(([name, value]) => run[name as keyof RunKey] === value))?.[1],
    ...rest,
  };
}

export function done(suffix: string, given: Partial<RunResult> = {}): RunState {
  return {
    kind: 'done',
    result: {
      image: { path: '/workspace/prompts/a.png', widthPx: 640, heightPx: 480, sha256: '00' },
      model: mix448.id,
      device: 'cpu',
      prompt: '',
      suffix,
      tokenIds: [],
      tokenProbabilities: [],
      stopReason: 'eos',
      regions: [],
      text: suffix,
      timings: { loadMs: 0, imageMs: 10, visionMs: 500, prefillMs: 700, decodeMs: 290, tokens: 9 },
      fromStore: false,
      ...given,
    },
  };
}
