/**
 * Saves what an image view shows in the formats of other tools. Nothing is overwritten unasked: the save dialog asks.
 */
import { ProgressLocation, Uri, commands, l10n, workspace } from 'vscode';
import type { CancellationToken, QuickPickItem } from 'vscode';
import { overlay } from '../../../server/src/contract/protocol';
import type { ViewState } from '../contract/viewer';
import type { BinaryForm } from './madeDrawing';
import { cocoJson } from '../../../paligemma/src/answers/coco';
import type { AnswerForm } from '../../../paligemma/src/kinds/kinds';
import type { ExportSource } from '../../../paligemma/src/answers/exportSource';
import { jsonlLine } from '../../../paligemma/src/answers/jsonl';
import { pascalVocXml } from '../../../paligemma/src/answers/pascalVoc';
import { classesText, extendedClasses, parseClasses, yoloLabels } from '../../../paligemma/src/answers/yolo';
import { readPlainText, writePlainFile } from '../../../system/src/plainFile';
import type { LocalImages } from '../images/localImages';
import type { ServerClient } from '../connection/languageClient';
import { pageFileName } from '../../../paligemma/src/documentPages';
import { window } from '../common/window';

type RegionFormat = 'coco' | 'yolo' | 'voc' | 'jsonl' | 'png';
/** What is saved: a form of the answer as what it is, or its regions. */
type Format = RegionFormat | AnswerForm | BinaryForm;

/** How a save dialog offers a format: after the picture's name without its extension, and by extension. */
const fileNames: Readonly<Record<RegionFormat, { readonly ending: string; readonly extension: string }>> = {
  coco: { ending: '.coco.json', extension: 'json' },
  yolo: { ending: '.txt', extension: 'txt' },
  voc: { ending: '.xml', extension: 'xml' },
  jsonl: { ending: '.jsonl', extension: 'jsonl' },
  png: { ending: '.annotated.png', extension: 'png' },
};
const CLASSES_FILE = 'classes.txt';
const MOST_CLASSES_BYTES = 16 << 20;

/** @returns What was done, as a sentence; undefined where the person left. */
export async function exportRegions(
  view: ViewState,
  shown: readonly number[],
  forms: readonly (AnswerForm | BinaryForm)[],
  client: ServerClient,
  local: LocalImages,
): Promise<string | undefined> {
  const source = exportSource(view, shown);
  const format = await chooseFormat(view, source, forms);
  if (format === undefined) return undefined;
  const target = await chooseTarget(view, format);
  if (target === undefined) return undefined;
  if (typeof format === 'object') {
    await write(target, 'bytes' in format ? format.bytes() : format.write());
    return offerToOpen(target);
  }
  switch (format) {
    case 'coco':
      await write(target, cocoJson(source));
      break;
    case 'voc':
      await write(target, pascalVocXml(source, folderName(view)));
      break;
    case 'jsonl':
      await write(target, jsonlLine({ image: source.fileName, prompt: source.prompt, suffix: source.suffix }));
      break;
    case 'yolo':
      if (!await writeYolo(target, source)) return undefined;
      break;
    case 'png':
      await writeAnnotated(target, view, source, client, local);
      break;
  }
  return offerToOpen(target);
}

/** @param png Base64. */
export async function saveCrop(view: ViewState, index: number, png: string): Promise<string | undefined> {
  const name = view.result?.regions[index]?.label.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 40)
    ?? '';
  const target = await window.showSaveDialog({
    title: l10n.t('Save the Selected Region'),
    filters: { PNG: ['png'] },
    defaultUri: beside(view, `.${index + 1}${name === '' ? '' : `-${name}`}.png`),
  });
  if (target === undefined) return undefined;
  await workspace.fs.writeFile(target, Buffer.from(png, 'base64'));
  return l10n.t('{0} was saved.', baseName(target));
}

function exportSource(view: ViewState, shown: readonly number[]): ExportSource {
  const { imageName, widthPx, heightPx, prompt, result } = view;
  const regions = shown.flatMap(index => result?.regions[index] ?? []);
  return { fileName: imageName, widthPx, heightPx, prompt, suffix: result?.suffix ?? '', regions };
}

async function chooseFormat(
  view: ViewState,
  { regions }: ExportSource,
  forms: readonly (AnswerForm | BinaryForm)[],
): Promise<Format | undefined> {
  const items: (QuickPickItem & { readonly format: Format })[] = [
    ...forms.map(form => ({ format: form, label: form.title, description: form.ending })),
    { format: 'coco', label: 'COCO', description: '.json', detail: l10n.t('Boxes, and masks as run lengths') },
    {
      format: 'yolo',
      label: 'YOLO',
      description: '.txt',
      detail: l10n.t('Boxes; the names of the classes go to {0} beside it', CLASSES_FILE),
    },
    { format: 'voc', label: 'Pascal VOC', description: '.xml', detail: l10n.t('Boxes in whole pixels') },
    {
      format: 'jsonl',
      label: 'PaliGemma JSONL',
      description: '.jsonl',
      detail: l10n.t('Image, prefix and suffix, to fine-tune with: always the whole answer'),
    },
    {
      format: 'png',
      label: l10n.t('Annotated Picture'),
      description: '.png',
      detail: l10n.t('The picture with boxes, masks and labels drawn on it'),
    },
  ];
  const all = view.result?.regions.length ?? 0;
  const placeHolder = regions.length === all
    ? l10n.t('All {0} regions are exported.', regions.length)
    : l10n.t('{0} of {1} regions are exported: those that are shown.', regions.length, all);
  return (await window.showQuickPick(items, {
    title: l10n.t('Export'),
    placeHolder: all === 0 ? '' : placeHolder,
    matchOnDetail: true,
  }))?.format;
}

function chooseTarget(view: ViewState, format: Format): Thenable<Uri | undefined> {
  const { ending, extension } = typeof format === 'object'
    ? { ending: format.ending, extension: format.ending.slice(format.ending.lastIndexOf('.') + 1) }
    : fileNames[format];
  return window.showSaveDialog({
    title: l10n.t('Export'),
    filters: { [extension.toUpperCase()]: [extension] },
    defaultUri: beside(view, ending),
  });
}

/** Numbers of an existing `classes.txt` are kept. False where the person does not want it changed. */
async function writeYolo(target: Uri, source: ExportSource): Promise<boolean> {
  const classesFile = Uri.joinPath(target, '..', CLASSES_FILE);
  const known = await readIfThere(classesFile);
  const names = parseClasses(known ?? '');
  const classes = extendedClasses(names, source);
  const added = classes.slice(names.length);
  if (known !== undefined && added.length > 0) {
    const add = l10n.t('Add');
    const detail = l10n.t('The names that it has keep their numbers.');
    const choice = await window.showWarningMessage(
      l10n.t('{0} has no number for: {1}. Add them?', CLASSES_FILE, added.join(', ')),
      { modal: true, detail },
      add,
    );
    if (choice !== add) return false;
  }
  await write(target, yoloLabels(source, classes));
  if (added.length > 0) await write(classesFile, classesText(classes));
  return true;
}

async function writeAnnotated(
  target: Uri,
  view: ViewState,
  source: ExportSource,
  client: ServerClient,
  local: LocalImages,
): Promise<void> {
  if (target.scheme !== 'file') {
    throw new Error(l10n.t('An annotated picture can be saved in a folder on this machine only.'));
  }
  const draw = (token: CancellationToken) =>
    local.with([Uri.parse(view.imageUri)], async ([file]) => {
      const params = { imageUri: file?.toString() ?? view.imageUri, regions: source.regions, outPath: target.fsPath };
      return (await client.start()).sendRequest(overlay, params, token);
    });
  await window.withProgress({
    location: ProgressLocation.Notification,
    title: l10n.t('Drawing the regions'),
    cancellable: true,
  }, (_, token) => draw(token));
}

function offerToOpen(target: Uri): string {
  const open = l10n.t('Open');
  const text = l10n.t('{0} was saved.', baseName(target));
  void window.showInformationMessage(text, open).then(choice => {
    if (choice === open) void commands.executeCommand('vscode.open', target);
  });
  return text;
}

async function write(target: Uri, content: string | Uint8Array): Promise<void> {
  if (target.scheme !== 'file') {
    return workspace.fs.writeFile(target, typeof content === 'string' ? Buffer.from(content, 'utf8') : content);
  }
  await writePlainFile(target.fsPath, content, 'replace');
}

async function readIfThere(uri: Uri): Promise<string | undefined> {
  if (uri.scheme === 'file') return readPlainText(uri.fsPath, MOST_CLASSES_BYTES);
  try {
    return Buffer.from(await workspace.fs.readFile(uri)).toString('utf8');
  } catch {
    // What is there and cannot be read cannot be written either: that is reported then.
    return undefined;
  }
}

/** A file beside the picture, named after it. */
function beside(view: ViewState, ending: string): Uri {
  const stem = pageFileName(view.imageName).replace(/\.[^.]+$/, '');
  return Uri.joinPath(Uri.parse(view.imageUri), '..', `${stem}${ending}`).with({ fragment: '' });
}

function folderName(view: ViewState): string {
  return baseName(Uri.joinPath(Uri.parse(view.imageUri), '..'));
}

function baseName(uri: Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
