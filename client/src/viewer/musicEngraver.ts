/** The person's engraver of music: Verovio, an npm package under the LGPL that is no part of this extension. */
import { ConfigurationTarget, Uri, env, l10n, workspace } from 'vscode';
import type { Memento, QuickPickItem } from 'vscode';
import { window } from '../common/window';

const ASKED = 'musicEngraver.asked';

type Way = QuickPickItem & { readonly go: () => Promise<void> };

export class MusicEngraver {
  /** @param memory Of the person. @param storageUri A folder of the extension's own. */
  constructor(private readonly memory: Memento, private readonly storageUri: Uri) {}

  /** Folder of the npm package; empty: none. The first time that one is missing, it is offered. */
  folder(): string {
    const folder = workspace.getConfiguration('paligemma').get('musicEngraver', '');
    if (folder === '') void this.offer();
    return folder;
  }

  /** The command: lets the person install it, or say where it is. */
  async choose(): Promise<void> {
    const target = Uri.joinPath(this.storageUri, 'verovio');
    const ways: Way[] = [
      {
        label: `$(copy) ${l10n.t('Copy the Command That Installs It')}`,
        detail: l10n.t('For a terminal, by npm: 26 MB, LGPL. It is used once it is there'),
        go: () => this.install(target),
      },
      {
        label: `$(folder) ${l10n.t('It Is Installed: Choose Its Folder…')}`,
        detail: l10n.t('The folder “verovio” in some node_modules'),
        go: () => this.chooseFolder(),
      },
    ];
    const way = await window.showQuickPick(ways, {
      title: l10n.t('Use a Music Engraver…'),
      placeHolder: l10n.t('Verovio shows music as it is printed, and writes MEI and MIDI.'),
      matchOnDetail: true,
    });
    await way?.go();
  }

  private async offer(): Promise<void> {
    if (this.memory.get(ASKED) === true) return;
    await this.memory.update(ASKED, true);
    const use = l10n.t('Use a Music Engraver…');
    const choice = await window.showInformationMessage(
      l10n.t(
        'This answer is music. It is shown in columns; Verovio, which you install yourself, shows it as it is printed. The command “{0}” has it later too.',
        use,
      ),
      use,
    );
    if (choice === use) await this.choose();
  }

  /** Nothing is run here: the person sees the command, and runs it. */
  private async install(target: Uri): Promise<void> {
    const command = `npm install --ignore-scripts --prefix "${target.fsPath}" verovio`;
    await env.clipboard.writeText(command);
    await this.keep(Uri.joinPath(target, 'node_modules', 'verovio').fsPath);
    void window.showInformationMessage(
      l10n.t('Copied: {0}. Run it in a terminal, then show the music again.', command),
    );
  }

  private async chooseFolder(): Promise<void> {
    const [folder] = await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t('Folder of the npm Package verovio'),
      openLabel: l10n.t('Choose'),
    }) ?? [];
    if (folder !== undefined) await this.keep(folder.fsPath);
  }

  private async keep(folder: string): Promise<void> {
    await workspace.getConfiguration('paligemma').update('musicEngraver', folder, ConfigurationTarget.Global);
  }
}
