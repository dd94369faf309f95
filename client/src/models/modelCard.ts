/** Shows what a model can and cannot do: its own card, or one that is written from what is known of it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Uri, commands, l10n, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import type { ServerClient } from '../connection/languageClient';
import { cardText } from './cardText';
import { groupModels } from './modelGroups';
import { chosenWeights } from './modelSetting';
import { pickModel } from './pickModel';
import { servedName } from '../../../paligemma/src/serverNames';
import type { ModelServices } from './services';
import { window } from '../common/window';

/** Written cards: the query is the model's id, so that one that a reload of the window restores is written again. */
const SCHEME = 'paligemma-model';

export function registerModelCards(client: ServerClient): Disposable {
  return workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent({ query }) {
      const model = (await allModels(client)).find(({ id }) => id === query);
      return model === undefined
        ? l10n.t('Nothing is known about the model {0}.', query)
        : cardText(model, chosenWeights(), l10n.t);
    },
  });
}

/** @param wanted Id of a model; without it the person chooses one. */
export async function showModelCard({ client, extensionUri }: ModelServices, wanted: unknown): Promise<void> {
  const models = await allModels(client);
  const model = typeof wanted === 'string'
    ? models.find(({ id }) => id === wanted)
    : await pickModel(models, l10n.t('Model Card'), l10n.t('The model that you want to know more about'));
  if (model === undefined) {
    if (typeof wanted === 'string') {
      void window.showInformationMessage(l10n.t('Nothing is known about the model {0}.', wanted));
    }
    return;
  }
  await commands.executeCommand('markdown.showPreview', cardUri(model, extensionUri));
}

function cardUri(model: ModelInfo, extensionUri: Uri): Uri {
  if (model.origin === 'bundled') return Uri.joinPath(extensionUri, 'model-host', 'demo-model', 'README.md');
  const own = model.path === undefined ? undefined : path.join(model.path, 'README.md');
  if (own !== undefined && existsSync(own)) return Uri.file(own);
  return Uri.from({
    scheme: SCHEME,
    path: `/${servedName(model.id).replaceAll(/[^\w.-]+/g, '-')}.md`,
    query: model.id,
  });
}

async function allModels(client: ServerClient): Promise<readonly ModelInfo[]> {
  const [listed, published] = await Promise.all([client.listModels(), client.listPublishedModels()]);
  const { local, servers, downloadable } = groupModels(listed, published);
  return [...local, ...servers, ...downloadable];
}
