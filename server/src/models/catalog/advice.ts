/** What a person is told to do for a model, in the words of where they are: the editor's list of models, or a terminal. */
import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { decimal } from '../../../../paligemma/src/words';
import type { KnownCheckpoint } from '../../language/knowledge/models';
import { expandHome } from '../folders/homePath';

export interface AdviceOptions {
  readonly cachePath: string;
  /** The setting `paligemma.modelFolders`, read anew each time. */
  readonly modelFolders: () => readonly string[];
  /** Whether the person has the editor's list of models; else a terminal. Read anew each time. */
  readonly hasModelList?: () => boolean;
}

export class Advice {
  constructor(private readonly options: AdviceOptions) {}

  howToAdd(): string {
    const { cachePath } = this.options;
    return this.isInEditor
      ? l10n.t(
        'To use a real one, choose “Download a Model…” in the list of models, or “Add a Model Folder…” for one that is on this machine.',
      )
      : l10n.t(
        'To use a real one, download a PaliGemma 2 checkpoint (“paligemma models download google/paligemma2-3b-mix-448”), put its folder into {0}, or name the folder itself as the model.',
        path.join(cachePath, 'models'),
      );
  }

  howToGet({ id, bytes }: KnownCheckpoint): string {
    const gigabytes = decimal((bytes / 1e9).toFixed(1));
    return this.isInEditor
      ? l10n.t('{0} is not installed. Choose it in the list of models, which downloads it ({1} GB).', id, gigabytes)
      : l10n.t('{0} is not installed. “paligemma models download {0}” gets it ({1} GB).', id, gigabytes);
  }

  howToAddFolder(folder: string): string {
    return this.isInEditor
      ? l10n.t(
        'The setting paligemma.model names the folder {0}, but it takes the name of a model that is already listed. Add the folder first: “Add a Model Folder…” in the list of models.',
        folder,
      )
      : l10n.t(
        'The setting paligemma.model names the folder {0}, but it takes the name of a model that is already listed. Add the folder first: “Add a Model Folder…”, or “paligemma models add FOLDER”.',
        folder,
      );
  }

  /** What is there, the folders of the setting that are gone, and how to add to it. @param ids Of the models here. */
  async whatThereIs(ids: readonly string[]): Promise<string> {
    const there = ids.length === 0 ? l10n.t('No model is installed.') : l10n.t('Installed: {0}.', ids.join(', '));
    return [...await this.whatIsGone(), there, this.howToAdd()].join(' ');
  }

  private async whatIsGone(): Promise<readonly string[]> {
    const folders = this.options.modelFolders();
    const isThere = await Promise.all(folders.map(folder => stat(expandHome(folder)).then(() => true, () => false)));
    const gone = folders.filter((_, index) => isThere[index] === false);
    if (gone.length === 0) return [];
    return [
      gone.length === 1
        ? l10n.t(
          'The folder {0} of the setting paligemma.modelFolders is gone. Bring it back, or choose another model.',
          gone[0] ?? '',
        )
        : l10n.t(
          'The folders {0} of the setting paligemma.modelFolders are gone. Bring them back, or choose another model.',
          gone.join(', '),
        ),
    ];
  }

  private get isInEditor(): boolean {
    return this.options.hasModelList?.() === true;
  }
}
