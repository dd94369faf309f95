/** The questions before a batch: where the answers go, and what happens to files that are there already. */
import path from 'node:path';
import { Uri, l10n, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { sidecarPaths } from '../../../batch/src/answerNames';
import { destinationOf, filesOf, type BatchWish, type Destination } from '../../../batch/src/destination';
import { CLASSES_FILE } from '../../../batch/src/pictureFiles';
import { isSingleForm, type ExistingChoice, type OutputForm, type SingleForm } from '../../../batch/src/forms';
import { objectsOf } from '../../../paligemma/src/prompts';
import type { RunOrder } from '../runs/imageRuns';
import type { BatchOptions, BatchOutput } from './outputs';
import { imagePath } from '../images/documentPages';
import { window } from '../common/window';

type OutputItem = QuickPickItem & { readonly output: BatchOutput };

/**
 * Undefined: the person left. One file for all is offered on disk only: nothing adds to a file of another file system.
 */
export async function askOutput({ title, prompt }: RunOrder, images: readonly Uri[]): Promise<BatchOutput | undefined> {
  const items: OutputItem[] = [
    {
      output: 'view',
      label: `$(table) ${l10n.t('Show Results')}`,
      detail: l10n.t('Pictures with their answers, to look through, compare and export; nothing is saved'),
    },
    ...outputItems(images, prompt),
  ];
  const choice = await window.showQuickPick(items, {
    title: `${title} · ${countText(images.length)}`,
    placeHolder: l10n.t('Where should the answers go?'),
    ignoreFocusOut: true,
  });
  return choice?.output;
}

/** The forms that are files. */
export function outputItems(
  images: readonly Uri[],
  prompt: string,
): (OutputItem & { readonly output: OutputForm })[] {
  const isOnDisk = images.every(({ scheme }) => scheme === 'file');
  const name = path.basename(sidecarPaths(images.slice(0, 1).map(imagePath))[0] ?? '');
  return [
    {
      output: 'sidecars',
      label: `$(files) ${l10n.t('Text File Beside Each Picture')}`,
      detail: l10n.t('For example {0}', name),
    },
    ...(isOnDisk ? singleItems() : []),
    ...(isOnDisk && objectsOf(prompt).length > 0 ? regionItems() : []),
  ];
}

function singleItems(): (OutputItem & { readonly output: OutputForm })[] {
  return [
    {
      output: 'jsonl',
      label: `$(json) ${l10n.t('One JSONL File')}`,
      detail: l10n.t('For fine-tuning: image, prefix and suffix on each line'),
    },
    {
      output: 'markdown',
      label: `$(markdown) ${l10n.t('One Markdown File')}`,
      detail: l10n.t('A list of the pictures with their alt text'),
    },
  ];
}

function regionItems(): (OutputItem & { readonly output: OutputForm })[] {
  return [
    {
      output: 'coco',
      label: `$(json) ${l10n.t('One COCO File')}`,
      detail: l10n.t('Boxes, and masks as run lengths'),
    },
    {
      output: 'yolo',
      label: `$(files) ${l10n.t('YOLO File Beside Each Picture')}`,
      detail: l10n.t('Boxes; the names of the classes go to {0} beside it', CLASSES_FILE),
    },
    {
      output: 'voc',
      label: `$(files) ${l10n.t('Pascal VOC File Beside Each Picture')}`,
      detail: l10n.t('Boxes in whole pixels'),
    },
  ];
}

/**
 * Undefined: the person left.
 * @throws Failure where what is there cannot be added to.
 */
export async function askDestination(
  output: OutputForm,
  images: readonly Uri[],
  prompt: string,
  { existing }: BatchOptions,
): Promise<Destination | undefined> {
  const wish: BatchWish = { form: output, imagePaths: images.map(imagePath), prompt };
  if (!isSingleForm(output)) return decide(wish, await askAboutFiles(wish, existing));
  const place = await askPlace(output, filesOf(wish).paths[0] ?? '', existing !== undefined);
  if (place === undefined) return undefined;
  const placed = { ...wish, place: place.path };
  // Who chose a file in the editor's own dialog was asked there.
  return decide(placed, place.isConfirmed ? 'overwrite' : await askAboutFile(placed, existing));
}

async function decide(wish: BatchWish, choice: ExistingChoice | undefined): Promise<Destination | undefined> {
  return choice === undefined ? undefined : destinationOf(wish, choice, undefined, l10n.t);
}

function countText(count: number): string {
  return count === 1 ? l10n.t('1 picture') : l10n.t('{0} pictures', count);
}

/** Undefined: the person left. */
async function askAboutFiles(
  wish: BatchWish,
  existing: ExistingChoice | undefined,
): Promise<ExistingChoice | undefined> {
  const { paths, there } = filesOf(wish);
  if (there === 0) return 'skip';
  const title = wish.form === 'sidecars'
    ? l10n.t('{0} of {1} text files are there already.', there, paths.length)
    : l10n.t('{0} of {1} files are there already.', there, paths.length);
  return existing ?? await askExisting(title, {
    skip: l10n.t('Keep them and skip their pictures'),
    overwrite: l10n.t('Replace their contents'),
    rename: l10n.t('Keep them and write beside them under new names'),
  });
}

/** Undefined: the person left. */
async function askAboutFile(
  wish: BatchWish,
  existing: ExistingChoice | undefined,
): Promise<ExistingChoice | undefined> {
  const { paths: [filePath = ''], there } = filesOf(wish);
  if (there === 0) return 'skip';
  return existing ?? await askExisting(l10n.t('{0} is there already.', path.basename(filePath)), {
    skip: l10n.t('Add the pictures that it does not hold yet'),
    overwrite: l10n.t('Replace its contents'),
    rename: l10n.t('Keep it and write a new file beside it'),
  });
}

const fileFilters: Readonly<Record<SingleForm, Record<string, string[]>>> = {
  jsonl: { 'JSON Lines': ['jsonl'] },
  markdown: { Markdown: ['md'] },
  coco: { COCO: ['json'] },
};

/** Undefined: the person left. @param isAnswered Nothing is asked: the suggested path is taken. */
export async function askPlace(
  form: SingleForm,
  suggested: string,
  isAnswered: boolean,
): Promise<{ readonly path: string; readonly isConfirmed: boolean } | undefined> {
  if (isAnswered) return { path: suggested, isConfirmed: false };
  const here = {
    label: `$(file) ${path.basename(suggested)}`,
    description: workspace.asRelativePath(path.dirname(suggested)),
  };
  const elsewhere = { label: `$(folder-opened) ${l10n.t('Choose Another File…')}` };
  const choice = await window.showQuickPick([here, elsewhere], { title: l10n.t('Which File?'), ignoreFocusOut: true });
  if (choice === undefined) return undefined;
  if (choice === here) return { path: suggested, isConfirmed: false };
  const chosen = await window.showSaveDialog({ defaultUri: Uri.file(suggested), filters: fileFilters[form] });
  return chosen === undefined ? undefined : { path: chosen.fsPath, isConfirmed: true };
}

async function askExisting(
  title: string,
  details: Readonly<Record<ExistingChoice, string>>,
): Promise<ExistingChoice | undefined> {
  const items: (QuickPickItem & { readonly choice: ExistingChoice })[] = [
    { choice: 'skip', label: l10n.t('Skip'), detail: details.skip },
    { choice: 'overwrite', label: l10n.t('Overwrite'), detail: details.overwrite },
    { choice: 'rename', label: l10n.t('Use New Names'), detail: details.rename },
  ];
  return (await window.showQuickPick(items, { title, ignoreFocusOut: true }))?.choice;
}
