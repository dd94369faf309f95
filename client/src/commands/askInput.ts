import { l10n } from 'vscode';
import type { Memento, QuickPick, QuickPickItem } from 'vscode';
import { DisposableStore } from '../common/disposableStore';
import { parseHistory, withEntry } from './inputHistory';
import { isUsableInput } from '../../../paligemma/src/prompts';
import type { AskingTask } from '../../../paligemma/src/prompts';
import { window } from '../common/window';

/** Asks for objects or a question: typed, or one of the last ones of this workspace. Undefined: the person left. */
export async function askInput(task: AskingTask, memory: Memento): Promise<string | undefined> {
  const key = `inputHistory.${task}`;
  const history = parseHistory(memory.get<unknown>(key));
  const input = await typedOrChosen(task, history);
  if (input !== undefined) await memory.update(key, withEntry(history, input));
  return input;
}

/** The first item stands for what is typed and is chosen by Enter; the others are the history. */
function typedOrChosen(task: AskingTask, history: readonly string[]): Promise<string | undefined> {
  const { title, placeholder, hint } = inputTexts(task);
  const pick = window.createQuickPick();
  const owned = new DisposableStore();
  owned.add(pick);
  pick.title = title;
  pick.placeholder = placeholder;
  pick.ignoreFocusOut = true;
  const known: QuickPickItem[] = history.map(label => ({ label }));
  return new Promise(resolve => {
    const show = () => {
      const typed = typedItem(task, pick.value, hint);
      pick.items = [typed, ...known];
      // An empty field repeats what was asked last.
      const first = pick.value === '' ? known[0] : undefined;
      pick.activeItems = [first ?? typed];
    };
    owned.add(pick.onDidChangeValue(show));
    owned.add(pick.onDidAccept(() => {
      const input = chosenText(pick, known);
      if (!isUsableInput(task, input)) return;
      resolve(input);
      pick.hide();
    }));
    owned.add(pick.onDidHide(() => {
      resolve(undefined);
      owned.dispose();
    }));
    show();
    pick.show();
  });
}

function chosenText(pick: QuickPick<QuickPickItem>, known: readonly QuickPickItem[]): string {
  const [selected] = pick.selectedItems;
  return (selected !== undefined && known.includes(selected) ? selected.label : pick.value).trim();
}

function typedItem(task: AskingTask, value: string, hint: string): QuickPickItem {
  const isUsable = isUsableInput(task, value);
  return { label: isUsable ? `$(arrow-right) ${value.trim()}` : `$(edit) ${hint}`, alwaysShow: true };
}

function inputTexts(task: AskingTask): { readonly title: string; readonly placeholder: string; readonly hint: string } {
  const hint = l10n.t('Several objects are separated by commas.');
  switch (task) {
    case 'detect':
      return {
        title: l10n.t('Detect Objects'),
        placeholder: l10n.t('What to look for, for example: cup, plate'),
        hint,
      };
    case 'segment':
      return {
        title: l10n.t('Segment Objects'),
        placeholder: l10n.t('What to outline, for example: cup, plate'),
        hint,
      };
    case 'ask':
      return {
        title: l10n.t('Ask a Question'),
        placeholder: l10n.t('For example: how many people are there?'),
        hint: l10n.t('A short question about the picture, in English.'),
      };
  }
}
