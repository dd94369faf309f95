/**
 * What a position in a prompt file asks for: a task, a language, an image, …; the ground of completion and signature
 * help.
 */
import type { Position, Range } from 'vscode-languageserver-types';
import { clampToDocument, directiveAt, offsetOf, promptAt, rangeOf, shapeOf, spanRange } from './document';
import type { PromptDocument } from './document';
import type { ImageDirective, PromptNode, SetDirective } from './parser';
import type { ImageItem } from './imageList';
import type { PromptShape, TextSpan } from './promptShape';
import type { TaskInfo } from '../../../../paligemma/src/tasks';

export type Slot =
  /** The first word of a line; `isIndentedBelow`: an indented line below a prompt, where `=>` may stand too. */
  | {
    readonly kind: 'task';
    readonly range: Range;
    readonly text: string;
    readonly hasRest: boolean;
    readonly isIndentedBelow: boolean;
  }
  | { readonly kind: 'language'; readonly range: Range; readonly task: TaskInfo; readonly hasRest: boolean }
  | { readonly kind: 'object'; readonly range: Range; readonly task: TaskInfo; readonly others: readonly string[] }
  | { readonly kind: 'box'; readonly range: Range }
  | { readonly kind: 'freeText'; readonly range: Range; readonly task: TaskInfo | undefined }
  | { readonly kind: 'directive'; readonly range: Range }
  | { readonly kind: 'model'; readonly range: Range }
  | { readonly kind: 'image'; readonly range: Range; readonly item: ImageItem | undefined }
  | { readonly kind: 'settingKey'; readonly range: Range; readonly hasRest: boolean }
  | { readonly kind: 'settingValue'; readonly range: Range; readonly key: string }
  | { readonly kind: 'expected'; readonly range: Range; readonly prompt: PromptNode | undefined }
  | { readonly kind: 'comment' };

/**
 * The slot at a position; undefined on lines that take nothing. The range covers the whole word or item around the
 * position.
 */
export function slotAt(document: PromptDocument, where: Position): Slot | undefined {
  const position = clampToDocument(document, where);
  const line = document.lines[position.line];
  if (line === undefined) return undefined;
  switch (line.kind) {
    case 'comment':
      return { kind: 'comment' };
    case 'directive':
      return directiveSlot(document, position);
    case 'blank': {
      const isIndentedBelow = position.character > (line.hasByteOrderMark ? 1 : 0)
        && followsPrompt(document, position.line);
      return { kind: 'task', range: { start: position, end: position }, text: '', hasRest: false, isIndentedBelow };
    }
    case 'prompt':
    case 'expectation':
    case 'joined':
      return textSlot(document, position);
  }
}

/** Whether an expectation on this line would belong to a prompt: only blank lines and comments lie between. */
function followsPrompt(document: PromptDocument, line: number): boolean {
  for (let at = line - 1; at >= 0; at--) {
    const kind = document.lines[at]?.kind;
    if (kind === 'blank' || kind === 'comment') continue;
    return kind === 'prompt' || kind === 'expectation' || kind === 'joined';
  }
  return false;
}

function directiveSlot(document: PromptDocument, position: Position): Slot | undefined {
  const directive = directiveAt(document, position.line);
  if (directive === undefined || position.character < directive.name.start) return undefined;
  if (position.character <= directive.name.end) return { kind: 'directive', range: spanRange(directive.name) };
  switch (directive.kind) {
    case 'model':
      return { kind: 'model', range: around(position, spanRange(directive.value)) };
    case 'image':
      return imageSlot(directive, position);
    case 'set':
      return settingSlot(directive, position);
    case 'unknown':
      return undefined;
  }
}

function imageSlot(directive: ImageDirective, position: Position): Slot {
  const item = directive.items.find(candidate =>
    candidate.start <= position.character && position.character <= candidate.end
  );
  const range = item === undefined ? { start: position, end: position } : spanRange(item);
  return { kind: 'image', range, item };
}

function settingSlot(directive: SetDirective, position: Position): Slot {
  const { key, setting } = directive;
  if (position.character <= key.end || directive.keyText === '') {
    const range = around(position, spanRange(key));
    return { kind: 'settingKey', range, hasRest: setting.end > setting.start };
  }
  return { kind: 'settingValue', range: around(position, spanRange(setting)), key: directive.keyText };
}

/** A range when the position lies in it, else the empty range at the position. */
function around(position: Position, range: Range): Range {
  const isInside = range.start.character <= position.character && position.character <= range.end.character;
  return isInside ? range : { start: position, end: position };
}

function textSlot(document: PromptDocument, position: Position): Slot | undefined {
  const prompt = promptAt(document, position.line);
  if (prompt === undefined || position.line > prompt.endLine) {
    return { kind: 'expected', range: { start: position, end: position }, prompt };
  }
  if (prompt.isLiteral || prompt.isEmptyForm) return undefined;
  const offset = offsetOf(prompt.parts, position);
  if (offset === undefined) return undefined;
  const slot = promptSlot(prompt, shapeOf(document, prompt), offset);
  // An `=` that is going to be an arrow.
  const isArrow = slot?.kind === 'task' && slot.text === '=' && slot.range.start.character > 0
    && followsPrompt(document, prompt.line);
  return isArrow ? { ...slot, isIndentedBelow: true } : slot;
}

function promptSlot(prompt: PromptNode, shape: PromptShape, offset: number): Slot | undefined {
  const at = (span: TextSpan) => rangeOf(prompt.parts, span);
  const { word, second, task } = shape;
  const here = { start: offset, end: offset };
  if (offset <= word.end) {
    if (offset < word.start) return undefined;
    const hasRest = second.end > second.start;
    return {
      kind: 'task',
      range: at(word),
      text: shape.text.slice(word.start, word.end),
      hasRest,
      isIndentedBelow: false,
    };
  }
  if (task === undefined) return { kind: 'freeText', range: at(here), task };
  if (task.id === 'captionRegion') return { kind: 'box', range: at(shape.body) };
  if (task.parameters[0] === 'language' && offset <= second.end) {
    const isOnWord = offset >= second.start;
    return {
      kind: 'language',
      range: at(isOnWord ? second : here),
      task,
      hasRest: second.end > second.start && shape.body.end > second.end,
    };
  }
  if (task.parameters[0] === 'objects') return objectSlot(shape, task, offset, at);
  return { kind: 'freeText', range: at(here), task };
}

function objectSlot(shape: PromptShape, task: TaskInfo, offset: number, at: (span: TextSpan) => Range): Slot {
  let index = shape.separators.filter(separator => separator < offset).length;
  if (index >= shape.objects.length) index = shape.objects.length - 1;
  const object = shape.objects[index];
  const isInside = object !== undefined && object.start <= offset && offset <= object.end;
  const others = shape.objects.filter((_, other) => other !== index).map(other => other.text);
  return { kind: 'object', range: at(isInside ? object : { start: offset, end: offset }), task, others };
}
