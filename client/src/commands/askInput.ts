import { l10n, window } from 'vscode';
import type { InputBoxOptions, Memento } from 'vscode';
import { isUsableInput } from './taskPrompts';
import type { AskingTask } from './taskPrompts';

/** Asks for objects or a question, with the last ones of this workspace to begin with. Undefined: the person left. */
export async function askInput(task: AskingTask, memory: Memento): Promise<string | undefined> {
  const key = `lastInput.${task}`;
  const last = memory.get<string>(key, '');
  const { missing, ...texts } = inputTexts(task);
  const input = await window.showInputBox({
    ...texts, value: last, ignoreFocusOut: true,
    validateInput: value => isUsableInput(task, value) ? undefined : missing,
  });
  if (input === undefined) return undefined;
  await memory.update(key, input);
  return input;
}

function inputTexts(task: AskingTask): InputBoxOptions & { readonly missing: string } {
  const objects = { prompt: l10n.t('Several objects are separated by commas.'), missing: l10n.t('Name at least one object.') };
  switch (task) {
    case 'detect': return { ...objects, title: l10n.t('Detect Objects'), placeHolder: l10n.t('What to look for, for example: cup, plate') };
    case 'segment': return { ...objects, title: l10n.t('Segment Objects'), placeHolder: l10n.t('What to outline, for example: cup, plate') };
    case 'ask': return {
      title: l10n.t('Ask a Question'), placeHolder: l10n.t('For example: how many people are there?'),
      prompt: l10n.t('A short question about the picture, in English.'), missing: l10n.t('Type a question.'),
    };
  }
}
