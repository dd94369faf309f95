/**
 * The editor's window as all of the extension uses it: names of files and models, labels, answers and what servers say
 * reach it as lines that control nothing. Lint refuses the editor's own everywhere else.
 */
import { window as editor } from 'vscode';
import type {
  InputBoxOptions,
  LogOutputChannel,
  MessageItem,
  MessageOptions,
  Progress,
  QuickPickItem,
  QuickPickOptions,
  WebviewPanel,
} from 'vscode';
import { tameRecord, tameText } from '../../../paligemma/src/plainText';
import { tameError, tameOptions, tameOwner, tameShown } from './tame';

type Part = MessageOptions | MessageItem | string;
type Show = (message: string, ...parts: readonly Part[]) => Promise<Part | undefined>;
type Step = Progress<{ message?: string; increment?: number }>;

/** Answers with what was given for the button that was pressed. */
function message(name: 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage'): Show {
  return async (text, ...parts) => {
    const shown = parts.map(part => typeof part === 'string' || 'title' in part ? tameShown(part) : tameOptions(part));
    const chosen =
      await (Reflect.apply(editor[name], editor, [tameText(text), ...shown]) as Thenable<Part | undefined>);
    return chosen === undefined ? undefined : parts[shown.indexOf(chosen)];
  };
}

/** Answers with the item as it was given. */
async function showQuickPick<T extends QuickPickItem>(
  given: readonly T[] | Thenable<readonly T[]>,
  options?: QuickPickOptions,
): Promise<T | readonly T[] | undefined> {
  const items = await given;
  const shown = items.map(item => tameShown(item));
  const chosen: T | readonly T[] | undefined = await editor.showQuickPick(shown, tameShown(options));
  const asGiven = (item: T): T => items[shown.indexOf(item)] ?? item;
  return chosen === undefined ? undefined : Array.isArray(chosen) ? chosen.map(asGiven) : asGiven(chosen);
}

function showInputBox(options: InputBoxOptions = {}): Thenable<string | undefined> {
  const shown = tameShown(options);
  if (options.validateInput === undefined) return editor.showInputBox(shown);
  return editor.showInputBox({
    ...shown,
    validateInput: async value => tameShown(await options.validateInput?.(value)),
  });
}

const withProgress: typeof editor.withProgress = (options, task) =>
  editor.withProgress(
    tameShown(options),
    (progress: Step, token) => task({ report: value => progress.report(tameShown(value)) }, token),
  );

/** A name can neither begin a record of the log nor control what reads it. */
function createOutputChannel(name: string, options: { readonly log: true }): LogOutputChannel {
  const channel = editor.createOutputChannel(name, options);
  const line = (method: 'trace' | 'debug' | 'info' | 'warn') => (text: string, ...args: unknown[]) =>
    channel[method](tameRecord(text), ...args);
  return tameOwner(channel, {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: (problem: string | Error, ...args: unknown[]) =>
      channel.error(typeof problem === 'string' ? tameRecord(problem) : tameError(problem), ...args),
    append: (text: string) => channel.append(tameRecord(text)),
    appendLine: (text: string) => channel.appendLine(tameRecord(text)),
  });
}

const own = {
  showInformationMessage: message('showInformationMessage'),
  showWarningMessage: message('showWarningMessage'),
  showErrorMessage: message('showErrorMessage'),
  showQuickPick,
  showInputBox,
  withProgress,
  createOutputChannel,
  createQuickPick: () => tameOwner(editor.createQuickPick()),
  createStatusBarItem: (...args: readonly unknown[]) =>
    tameOwner(Reflect.apply(editor.createStatusBarItem, editor, args) as object),
  setStatusBarMessage: (text: string, forMs: number) => editor.setStatusBarMessage(tameText(text), forMs),
  createWebviewPanel: (type: string, title: string, ...more: readonly unknown[]) =>
    Reflect.apply(editor.createWebviewPanel, editor, [type, tameText(title), ...more]) as WebviewPanel,
  showOpenDialog: (options: Parameters<typeof editor.showOpenDialog>[0]) => editor.showOpenDialog(tameShown(options)),
  showSaveDialog: (options: Parameters<typeof editor.showSaveDialog>[0]) => editor.showSaveDialog(tameShown(options)),
};

export const window = new Proxy({}, {
  get: (_, name) => name in own ? own[name as keyof typeof own] : Reflect.get(editor, name) as unknown,
}) as typeof editor;
