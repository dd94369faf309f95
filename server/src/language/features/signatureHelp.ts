/** The form of the task while its parts are typed. */
import * as l10n from '@vscode/l10n';
import type { Position, SignatureHelp } from 'vscode-languageserver-types';
import type { LanguageContext } from '../knowledge/context';
import { clampToDocument, offsetOf, promptAt, shapeOf } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { markup } from '../text/markdown';
import type { PromptShape } from '../syntax/promptShape';
import { taskById } from '../../../../paligemma/src/tasks';
import type { TaskInfo, TaskParameter } from '../../../../paligemma/src/tasks';

export const signatureTriggerCharacters: readonly string[] = [' '];
export const signatureRetriggerCharacters: readonly string[] = [';'];

const parameterText: Readonly<Record<TaskParameter, { readonly label: string; readonly help: () => string }>> = {
  language: { label: '{language}', help: () => l10n.t('Language of the answer, as a code: en, de, fr, zh, …') },
  question: { label: '{question}', help: () => l10n.t('A question about the picture.') },
  answer: {
    label: '{answer}',
    help: () => l10n.t('A short answer, usually in English; the model invents a question for it.'),
  },
  objects: {
    label: '{object} ; {object}',
    help: () => l10n.t('What to look for. Separate several objects with “ ; ”.'),
  },
  box: {
    label: '{box}',
    help: () =>
      l10n.t('Four location tokens: top, left, bottom, right, for example <loc0110><loc0000><loc1022><loc0512>.'),
  },
};

/** Undefined on the task word itself and where the prompt has no task. `caption` has two forms. */
export function signatureHelp(
  document: PromptDocument,
  where: Position,
  context: LanguageContext,
): SignatureHelp | undefined {
  const position = clampToDocument(document, where);
  const prompt = promptAt(document, position.line);
  if (prompt === undefined || prompt.isLiteral) return undefined;
  const offset = position.line > prompt.endLine ? undefined : offsetOf(prompt.parts, position);
  if (offset === undefined) return undefined;
  const shape = shapeOf(document, prompt);
  if (shape.task === undefined || shape.task.parameters.length === 0 || offset <= shape.word.end) return undefined;
  const forms = shape.task.word === 'caption' ? [taskById('caption'), taskById('captionRegion')] : [shape.task];
  return {
    signatures: forms.map(task => ({
      label: labelOf(task),
      documentation: markup(task.does(), context.client.markdown),
      parameters: task.parameters.map(parameter => ({
        label: parameterText[parameter].label,
        documentation: parameterText[parameter].help(),
      })),
    })),
    activeSignature: shape.task.id === 'captionRegion' ? 1 : 0,
    activeParameter: activeParameter(shape, shape.task, offset),
  };
}

function labelOf(task: TaskInfo): string {
  return [task.word, ...task.parameters.map(parameter => parameterText[parameter].label)].join(' ');
}

function activeParameter(shape: PromptShape, task: TaskInfo, offset: number): number {
  const isInLanguage = offset <= shape.second.end || shape.second.start === shape.second.end;
  return task.parameters.length > 1 && !isInLanguage ? 1 : 0;
}
