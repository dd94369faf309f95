/** Deletes what is on this machine of a model, after a question that names it. */
import { l10n } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { groupModels, isRemovable } from './modelGroups';
import { chosenModel, writeModel } from './modelSetting';
import { pickModel } from './pickModel';
import { servedName } from '../../../paligemma/src/serverNames';
import { originOf } from './serverTexts';
import type { ModelServices } from './services';
import { sizeText } from './sizeText';
import { tameJoined } from '../common/tame';
import { window } from '../common/window';

/** @param wanted Id of a model; without it the person chooses one. @param fits Which ones are offered. */
export async function removeModel(
  services: ModelServices,
  wanted: unknown,
  fits: (model: ModelInfo) => boolean = () => true,
): Promise<void> {
  const { client } = services;
  const [listed, published] = await Promise.all([client.listModels(), client.listPublishedModels()]);
  const { local, servers, downloadable } = groupModels(listed, published);
  const models = [...local, ...servers, ...downloadable].filter(model => isRemovable(model) && fits(model));
  const model = typeof wanted === 'string' ? models.find(({ id }) => id === wanted) : await pick(models);
  if (model === undefined) return;
  const remove = l10n.t('Remove');
  const choice = await window.showWarningMessage(l10n.t('Remove {0}?', servedName(model.id)), {
    modal: true,
    detail: whatGoes(model),
  }, remove);
  if (choice !== remove) return;
  const { bytesFreed, note } = await client.removeModel(model.id);
  if (model.server !== undefined) await forgetUnusedKeys(services, model);
  // A name that means nothing any more would fail every run.
  if (chosenModel() === model.id && model.origin !== 'huggingFaceCache') await writeModel('');
  const done = model.server === undefined
    ? l10n.t('{0} was removed; that freed {1}.', model.id, sizeText(bytesFreed, l10n.t))
    : l10n.t('{0} was removed. No more pictures are sent to it.', servedName(model.id));
  void window.showInformationMessage(note === undefined ? done : `${done} ${note}`);
}

export async function removeServer(services: ModelServices): Promise<void> {
  await removeModel(services, undefined, ({ server }) => server !== undefined);
}

async function pick(models: readonly ModelInfo[]): Promise<ModelInfo | undefined> {
  if (models.length === 0) {
    void window.showInformationMessage(l10n.t('There is nothing to remove.'));
    return undefined;
  }
  return pickModel(models, l10n.t('Remove Model'), l10n.t('You see what will be deleted before anything happens'));
}

function whatGoes({ path, bytes, partialBytes, origin, server, converted }: ModelInfo): string {
  const prepared = converted.length === 0
    ? []
    : [l10n.t('The version of it that was prepared for running ({0}) is deleted.', converted.join(', '))];
  if (server !== undefined) {
    return l10n.t(
      'The entry is deleted here, and so is its stored key, unless another model needs it. The server itself is not touched.',
    );
  }
  switch (origin) {
    case 'downloaded':
      return tameJoined(
        [l10n.t('The folder {0} is deleted ({1}).', path ?? '', sizeText(bytes ?? 0, l10n.t)), ...prepared],
        '\n',
      );
    case 'added':
      return tameJoined([
        l10n.t(
          'The entry of the folder {0} is deleted; the folder itself is deleted only if PaliGemma 2 downloaded it.',
          path ?? '',
        ),
        ...prepared,
      ], '\n');
    case undefined:
      return l10n.t('What has been downloaded of it so far is deleted ({0}).', sizeText(partialBytes ?? 0, l10n.t));
    default:
      return tameJoined([...prepared, l10n.t('The folder {0} stays.', path ?? '')], '\n');
  }
}

async function forgetUnusedKeys({ client, secrets }: ModelServices, { server }: ModelInfo): Promise<void> {
  const stillUsed = new Set((await client.listModels()).flatMap(model => model.server?.urls ?? []).map(originOf));
  for (const origin of new Set((server?.urls ?? []).map(originOf))) {
    if (!stillUsed.has(origin)) await secrets.forgetServerKey(origin);
  }
}
