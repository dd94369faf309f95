/** The status bar item: model, device, state, last timings; a click offers what can be done about them. */
import { MarkdownString, QuickPickItemKind, StatusBarAlignment, ThemeColor, commands, l10n } from 'vscode';
import type { Disposable, QuickPickItem } from 'vscode';
import type { ServerStatus } from '../../server/src/contract/protocol';
import { commandIds } from './common/commandIds';
import { DisposableStore } from './common/disposableStore';
import type { RunCount, ServerClient } from './connection/languageClient';
import { servedName } from '../../paligemma/src/serverNames';
import { statusWords } from './statusText';
import { window } from './common/window';

type Action = QuickPickItem & {
  readonly sentence?: string;
  readonly command?: string;
  readonly args?: readonly unknown[];
};

/** Hidden until the language server has told its first status. */
export class StatusItem implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly item = this.owned.add(window.createStatusBarItem('paligemma.status', StatusBarAlignment.Right, 100));
  private status: ServerStatus = { state: 'idle' };
  private pictures: RunCount | undefined;

  constructor(client: ServerClient) {
    this.item.name = 'PaliGemma 2';
    this.item.command = commandIds.showStatus;
    this.owned.add(client.onDidChangeStatus(status => {
      this.status = status;
      this.update();
    }));
    this.owned.add(client.onDidCountPictures(pictures => {
      this.pictures = pictures;
      this.update();
    }));
  }

  /** What the click opens. */
  async showActions(): Promise<void> {
    const { model } = this.status;
    const { title, facts, sign, detail } = statusWords(this.status, l10n.t);
    const told = [sign, detail].filter(line => line !== undefined);
    const actions: Action[] = [
      ...told.map((line): Action => ({ label: `$(${line === sign ? 'cloud' : 'info'}) ${line}`, sentence: line })),
      ...(told.length === 0 ? [] : [{ label: '', kind: QuickPickItemKind.Separator }]),
      {
        label: `$(table) ${l10n.t('Show Results')}`,
        detail: l10n.t('Of runs on several pictures in this window'),
        command: commandIds.showResults,
      },
      { label: `$(list-selection) ${l10n.t('Choose Model…')}`, command: commandIds.chooseModel },
      { label: `$(cloud-download) ${l10n.t('Download a Model…')}`, command: commandIds.downloadModel },
      ...(model === undefined
        ? []
        : [{
          label: `$(book) ${l10n.t('Model Card')}`,
          detail: l10n.t('What {0} can and cannot do', servedName(model)),
          command: commandIds.showModelCard,
          args: [model],
        }]),
      {
        label: `$(debug-disconnect) ${l10n.t('Unload Model')}`,
        detail: l10n.t('Frees its memory; the next use loads it again'),
        command: commandIds.unloadModel,
      },
      { label: `$(output) ${l10n.t('Show Log')}`, command: commandIds.showLog },
      {
        label: `$(book) ${l10n.t('First Steps')}`,
        detail: l10n.t('Sample pictures, prompt files, and how to get a model'),
        command: commandIds.openWalkthrough,
      },
    ];
    const action = await window.showQuickPick(actions, { title, placeHolder: facts.join(' · ') });
    // A line of the list shows the beginning of a long sentence only.
    if (action?.sentence !== undefined) void window.showInformationMessage(action.sentence);
    if (action?.command !== undefined) await commands.executeCommand(action.command, ...action.args ?? []);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(): void {
    const words = statusWords(this.status, l10n.t, this.pictures);
    const tooltip = new MarkdownString();
    for (const line of [words.title, ...words.facts]) tooltip.appendText(line).appendMarkdown('  \n');
    for (const line of [words.sign, words.detail]) {
      if (line !== undefined) tooltip.appendMarkdown('\n\n').appendText(line);
    }
    this.item.text = words.text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: words.spoken, role: 'button' };
    this.item.backgroundColor = words.isFault ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }
}
