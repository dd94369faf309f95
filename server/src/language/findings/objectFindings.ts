/** Findings about the objects of `detect` and `segment`. */
import * as l10n from '@vscode/l10n';
import type { SpanEdit, TextFinding, TextFix } from './findings';
import type { CheckpointFacts } from '../knowledge/models';
import type { ObjectSpan, PromptShape } from '../syntax/promptShape';
import type { TaskInfo } from '../../../../paligemma/src/tasks';

const MAX_OF_A_KIND = 20;
/**
 * Source: third-party measurements (segis95/paligemma2-detection): pt finds most with one class in a prompt, mix with
 * about ten.
 */
const bestAmount: Partial<Record<CheckpointFacts['kind'], number>> = { pt: 1, mix: 10 };

export function objectFindings(shape: PromptShape, task: TaskInfo, facts: CheckpointFacts): TextFinding[] {
  if (shape.objects.length === 0) return [];
  return [...spacing(shape), ...separators(shape, task), ...repeated(shape), ...several(shape, task, facts)];
}

/** Semicolons without their two spaces, and semicolons without an object. */
function spacing(shape: PromptShape): TextFinding[] {
  const findings: TextFinding[] = [];
  for (let index = 0; index < shape.separators.length && findings.length < MAX_OF_A_KIND; index++) {
    const at = shape.separators[index]!;
    const before = shape.objects[index]!;
    const after = shape.objects[index + 1]!;
    const span = { start: at, end: at + 1 };
    if (before.text === '' || after.text === '') {
      findings.push({
        code: 'empty-object',
        span,
        parts: [],
        fixes: [{ title: l10n.t('Remove the semicolon'), edits: [withoutSeparator(shape, index)], isPreferred: true }],
      });
    } else if (shape.text.slice(before.end, after.start) !== ' ; ') {
      findings.push({
        code: 'separator-spacing',
        span,
        parts: [],
        fixes: [{
          title: l10n.t('Write “{0}”', ' ; '),
          edits: [{ start: before.end, end: after.start, newText: ' ; ' }],
          isPreferred: true,
        }],
      });
    }
  }
  return findings;
}

function withoutSeparator(shape: PromptShape, index: number): SpanEdit {
  const before = shape.objects[index]!;
  const after = shape.objects[index + 1]!;
  const at = shape.separators[index]!;
  if (before.text === '') {
    const isFirst = index === 0;
    return {
      start: isFirst ? shape.body.start : at,
      end: isFirst && after.text !== '' ? after.start : at + 1,
      newText: '',
    };
  }
  return { start: before.end, end: at + 1, newText: '' };
}

/** `cup, plate` and `cup and plate`. */
function separators(shape: PromptShape, task: TaskInfo): TextFinding[] {
  const findings: TextFinding[] = [];
  for (const object of shape.objects.slice(0, MAX_OF_A_KIND)) {
    // A megabyte between two semicolons is no list of things to find.
    if (object.text.length > 2000) continue;
    const comma = object.text.indexOf(',');
    if (comma >= 0) findings.push(commaFinding(object, comma, task));
    else {
      const and = / and /i.exec(object.text);
      if (and !== null) {
        const newText = object.text.split(/ and /i).map(part => part.trim()).filter(part => part !== '').join(' ; ');
        const start = object.start + and.index + 1;
        findings.push({
          code: 'and-separator',
          span: { start, end: start + 3 },
          parts: [],
          fixes: [{ title: l10n.t('Separate with “ ; ”'), edits: [{ ...object, newText }] }],
        });
      }
    }
  }
  return findings;
}

function commaFinding(object: ObjectSpan, comma: number, task: TaskInfo): TextFinding {
  const parts = object.text.split(/,(?:\s*and\s)?/i).map(part => part.trim()).filter(part => part !== '');
  const span = { start: object.start + comma, end: object.start + comma + 1 };
  if (parts.length < 2) {
    return {
      code: 'comma-separator',
      span,
      parts: [task.word],
      fixes: [{
        title: l10n.t('Remove the comma'),
        edits: [{ ...object, newText: parts.join('') }],
        isPreferred: true,
      }],
    };
  }
  // Long parts may be one description with a comma in it.
  const isList = parts.every(part => part.split(/\s+/).length <= 3);
  const fixes: TextFix[] = [{
    title: l10n.t('Separate with “ ; ”'),
    edits: [{ ...object, newText: parts.join(' ; ') }],
    isPreferred: isList,
  }];
  return { code: 'comma-separator', span, parts: [task.word], fixes };
}

function repeated(shape: PromptShape): TextFinding[] {
  if (shape.objects.length < 2) return [];
  const findings: TextFinding[] = [];
  const seen = new Set<string>();
  shape.objects.forEach((object, index) => {
    const key = object.text.toLowerCase();
    if (key === '') return;
    if (seen.has(key) && findings.length < MAX_OF_A_KIND) {
      const start = shape.objects[index - 1]!.end;
      findings.push({
        code: 'repeated-object',
        span: object,
        parts: [object.text],
        fixes: [{ title: l10n.t('Remove it'), edits: [{ start, end: object.end, newText: '' }], isPreferred: true }],
      });
    }
    seen.add(key);
  });
  return findings;
}

function several(shape: PromptShape, task: TaskInfo, facts: CheckpointFacts): TextFinding[] {
  const limit = bestAmount[facts.kind];
  if (limit === undefined || shape.objects.length <= limit) return [];
  const labels = [...new Set(shape.objects.map(object => object.text).filter(text => text !== ''))];
  if (labels.length <= limit) return [];
  const prompts: string[] = [];
  for (let at = 0; at < labels.length; at += limit) {
    prompts.push(`${task.word} ${labels.slice(at, at + limit).join(' ; ')}`);
  }
  return [{
    code: 'several-objects',
    span: shape.body,
    parts: [String(labels.length), String(limit)],
    fixes: [{ title: l10n.t('Split into {0} prompts', prompts.length), prompts }],
  }];
}
