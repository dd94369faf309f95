/** "Draft Lines": a model answers prompts about the pictures of a folder, for a person to review. */
import path from 'node:path';
import { Uri, l10n, workspace } from 'vscode';
import { commonFolder } from '../../../batch/src/answerNames';
import { oneSpaced } from '../../../paligemma/src/plainText';
import { askPlace } from '../batch/askTarget';
import type { Batches } from '../batch/batches';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';
import type { ServerClient } from '../connection/languageClient';
import { chooseImages } from '../images/chooseImages';
import { imagePath } from '../images/documentPages';
import { pickModel } from '../models/pickModel';
import type { DemoConsent } from '../runs/demoConsent';
import type { DataSetEditors } from './dataSetEditors';

const FILE_NAME = 'drafts.jsonl';
/** Prompts about one folder. */
const MOST_PROMPTS = 20;

export interface DraftParts {
  readonly client: ServerClient;
  readonly consent: DemoConsent;
  readonly batches: Batches;
  readonly dataSets: DataSetEditors;
}

/** @param args A folder, or pictures, as menus hand them over; without them the person is asked for pictures. */
export async function draftLines(args: readonly unknown[], parts: DraftParts): Promise<void> {
  const { client, consent, batches, dataSets } = parts;
  if (!isTrustedOrAsk()) return;
  const { images } = await chooseImages(args, client) ?? { images: [] };
  if (images.length === 0) return;
  if (images.some(({ scheme }) => scheme !== 'file')) {
    void window.showInformationMessage(l10n.t('Lines are drafted for pictures on this machine’s disk only.'));
    return;
  }
  const prompts = await askPrompts(images.length);
  const model = prompts.length === 0 ? undefined : await askModel(client);
  if (model === undefined || !await consent.isGiven(images)) return;
  const place = await askPlace('jsonl', path.join(folderOf(args, images), FILE_NAME), false);
  if (place === undefined) return;
  const title = l10n.t('Drafting lines');
  await batches.draft(images, prompts, { path: place.path, model, title });
  // What is there can be reviewed, whether it came to its end or not; the batch has said why there may be nothing.
  const file = Uri.file(place.path);
  const isThere = await workspace.fs.stat(file).then(() => true, () => false);
  if (isThere) await dataSets.show([file], { state: 'draft', isOpened: true });
}

/** Of the folder that was meant; of pictures, the one that holds them all. */
function folderOf([first]: readonly unknown[], images: readonly Uri[]): string {
  const all = commonFolder(images.map(image => path.dirname(imagePath(image))));
  return first instanceof Uri && all.startsWith(first.fsPath) ? first.fsPath : all;
}

/** One after the other, until one is left empty. None where the person left. */
async function askPrompts(pictures: number): Promise<readonly string[]> {
  const prompts: string[] = [];
  while (prompts.length < MOST_PROMPTS) {
    const typed = await window.showInputBox({
      title: l10n.t('Draft Lines: {0} pictures', pictures),
      prompt: prompts.length === 0
        ? l10n.t('What is each picture asked? The answer is drafted as a line of its own.')
        : l10n.t('Another prompt? Leave it empty to go on.'),
      placeHolder: 'detect cup ; plate',
      ignoreFocusOut: true,
    });
    if (typed === undefined) return [];
    const prompt = oneSpaced(typed);
    if (prompt === '') return prompts;
    if (!prompts.includes(prompt)) prompts.push(prompt);
  }
  return prompts;
}

/** Its name as settings have it; empty for the one that the settings mean. Undefined: the person left. */
async function askModel(client: ServerClient): Promise<string | undefined> {
  const models = (await client.listModels()).filter(({ isInstalled, problem }) => isInstalled && problem === undefined);
  if (models.length < 2) return '';
  const model = await pickModel(models, l10n.t('Draft Lines'), l10n.t('Which model should answer?'));
  return model?.id;
}
