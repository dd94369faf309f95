/** Writes answers of a results view: as the batch writes them, and in the forms that a whole run has. */
import { Uri, commands, l10n, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { answerOf, type Answer } from '../../../../batch/src/answer';
import { AnswerFiles } from '../../../../batch/src/answerFiles';
import { commonFolder, singleFileName } from '../../../../batch/src/answerNames';
import type { OutputForm } from '../../../../batch/src/forms';
import type { BatchTarget } from '../../../../batch/src/plan';
import { UnwrittenAnswer } from '../../../../batch/src/unwritten';
import { given } from '../../../../paligemma/src/given';
import { failureJson, jsonText, resultJson } from '../../../../paligemma/src/answers/json';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunOutcome, RunResult } from '../../../../paligemma/src/runResult';
import { askDestination, outputItems } from '../../batch/askTarget';
import type { ServerClient } from '../../connection/languageClient';
import { withLateProgress } from '../../progress/lateProgress';
import { markdownReport } from '../../runs/report';
import type { PickedPicture } from './resultsPage';
import { storedAnswers } from './storedAnswers';
import { imagePath } from '../../images/documentPages';
import { window } from '../../common/window';

type Form = OutputForm | 'list' | 'lines';

/** @returns What was done, as a sentence; undefined where the person left. */
export async function exportResults(
  pictures: readonly PickedPicture[],
  client: ServerClient,
): Promise<string | undefined> {
  const form = await askForm(pictures);
  if (form === undefined) return undefined;
  if (form === 'list') return showReport(pictures);
  if (form === 'lines') return saveLines(pictures, client);
  const images = pictures.map(imageOf);
  const destination = await askDestination(form, images, promptOf(pictures), {});
  if (destination === undefined) return undefined;
  return write(pictures, destination.target, destination.skipped, client);
}

/** JSON Lines to fine-tune with, whose paths are relative to the file. */
export async function saveDataSet(
  pictures: readonly PickedPicture[],
  client: ServerClient,
): Promise<string | undefined> {
  const onDisk = pictures.filter(picture => imageOf(picture).scheme === 'file');
  if (onDisk.length === 0) {
    throw new Failure(
      'imageMissing',
      l10n.t('A data set is made of pictures on this machine. Save copies of them in a folder first.'),
    );
  }
  const folder = commonFolder(onDisk.map(picture => Uri.joinPath(imageOf(picture), '..').fsPath));
  const target = await window.showSaveDialog({
    title: l10n.t('Save as Data Set…'),
    filters: { 'JSON Lines': ['jsonl'] },
    defaultUri: Uri.joinPath(Uri.file(folder), singleFileName('jsonl', promptOf(onDisk))),
  });
  if (target === undefined) return undefined;
  const told = await write(onDisk, { kind: 'jsonl', path: target.fsPath, replaces: true }, new Set(), client);
  const others = pictures.length - onDisk.length;
  return told === undefined || others === 0
    ? told
    : `${told} ${l10n.t('{0} pictures are not on this machine and were left out.', others)}`;
}

async function askForm(pictures: readonly PickedPicture[]): Promise<Form | undefined> {
  const isOnDisk = pictures.every(picture => imageOf(picture).scheme === 'file');
  const items: (QuickPickItem & { readonly output: Form })[] = [
    ...(isOnDisk ? outputItems(pictures.map(imageOf), promptOf(pictures)) : []),
    {
      output: 'lines',
      label: `$(json) ${l10n.t('Everything That Is Known, as JSON Lines')}`,
      detail: l10n.t('What the terminal prints with --json: boxes, masks, times, failures'),
    },
    {
      output: 'list',
      label: `$(list-unordered) ${l10n.t('Markdown Document')}`,
      detail: l10n.t('A new Markdown document; nothing is saved'),
    },
  ];
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Export'),
    placeHolder: pictures.length === 1
      ? l10n.t('1 picture is exported: what is shown.')
      : l10n.t('{0} pictures are exported: those that are shown.', pictures.length),
    matchOnDetail: true,
  });
  return choice?.output;
}

async function write(
  pictures: readonly PickedPicture[],
  target: BatchTarget,
  skipped: ReadonlySet<number>,
  client: ServerClient,
): Promise<string> {
  const files = new AnswerFiles(target, false, l10n.t);
  await files.begin();
  let [written, unanswered] = [0, 0];
  const failures: UnwrittenAnswer[] = [];
  const isWhole = await each(pictures, async (picture, at) => {
    if (skipped.has(at)) return;
    const result = await wholeResult(picture, client);
    if (result === undefined) unanswered++;
    else if (await writeOne(files, at, answerOf(result, imagePath(imageOf(picture))), failures)) written++;
  }).finally(() => files.finish());
  const told = [
    writtenText(written),
    ...(skipped.size === 0 ? [] : [l10n.t('{0} were there already and stay as they are.', skipped.size)]),
    ...(unanswered === 0 ? [] : [l10n.t('{0} pictures without an answer were left out.', unanswered)]),
    ...(failures[0] === undefined
      ? []
      : [l10n.t('{0} could not be written. The first: {1}', failures.length, failures[0].message)]),
    ...(isWhole ? [] : [l10n.t('The export was stopped.')]),
  ].join(' ');
  offerToOpen(told, 'path' in target ? Uri.file(target.path) : undefined, failures.length > 0);
  return told;
}

/** @param failures Takes what concerns this picture alone. @throws what the other answers would meet too. */
async function writeOne(files: AnswerFiles, at: number, answer: Answer, failures: UnwrittenAnswer[]): Promise<boolean> {
  try {
    return await files.write(at, answer) === 'written';
  } catch (error) {
    if (!(error instanceof UnwrittenAnswer) || error.endsOthers) throw error;
    failures.push(error);
    return false;
  }
}

/** Works through the pictures with progress. @returns False where the person ended it. */
function each(
  pictures: readonly PickedPicture[],
  work: (picture: PickedPicture, at: number) => Promise<void>,
): Promise<boolean> {
  return withLateProgress(l10n.t('Export'), async (progress, token) => {
    for (const [at, picture] of pictures.entries()) {
      if (token.isCancellationRequested) return false;
      await work(picture, at);
      progress.report({
        message: l10n.t('{0} of {1} pictures', at + 1, pictures.length),
        increment: 100 / pictures.length,
      });
    }
    return true;
  });
}

function writtenText(written: number): string {
  return written === 1 ? l10n.t('1 answer was written.') : l10n.t('{0} answers were written.', written);
}

/** With the masks that were given up, where the result store still has them. */
async function wholeResult({ set, index }: PickedPicture, client: ServerClient): Promise<RunResult | undefined> {
  const result = set.result(index);
  if (result === undefined || !set.lacksMasks(index)) return result;
  const [stored] = await storedAnswers(client, set, [index]);
  return stored ?? result;
}

async function saveLines(pictures: readonly PickedPicture[], client: ServerClient): Promise<string | undefined> {
  const [first] = pictures;
  const target = await window.showSaveDialog({
    title: l10n.t('Export'),
    filters: { 'JSON Lines': ['jsonl'] },
    ...(first === undefined
      ? {}
      : { defaultUri: Uri.joinPath(imageOf(first), '..', 'results.jsonl').with({ fragment: '' }) }),
  });
  if (target === undefined) return undefined;
  const lines: string[] = [];
  const isWhole = await each(pictures, async picture => {
    const outcome = picture.set.outcome(picture.index);
    if (outcome === undefined) return;
    const result = await wholeResult(picture, client);
    const whole = result === undefined ? outcome : { imageUri: outcome.imageUri, result };
    lines.push(`${jsonText(lineOf(whole, picture))}\n`);
  });
  if (!isWhole) return undefined;
  await workspace.fs.writeFile(target, Buffer.from(lines.join(''), 'utf8'));
  const told = writtenText(lines.length);
  offerToOpen(told, target);
  return told;
}

function lineOf(outcome: RunOutcome, picture: PickedPicture): object {
  const place = pathOf(imageOf(picture));
  if ('result' in outcome) return resultJson(place, outcome.result, l10n.t, picture.set.order.show);
  return failureJson(place, outcome.error);
}

async function showReport(pictures: readonly PickedPicture[]): Promise<undefined> {
  const entries = pictures.flatMap(({ set, index }) => {
    const outcome = set.outcome(index);
    const path = set.order.pictures[index]?.name ?? '';
    return outcome === undefined ? [] : [{ path, outcome, ...given({ show: set.order.show }) }];
  });
  const document = await workspace.openTextDocument({
    language: 'markdown',
    content: markdownReport(promptOf(pictures), entries, undefined, l10n.t),
  });
  await window.showTextDocument(document);
}

function offerToOpen(told: string, file: Uri | undefined, isWarning = false): void {
  const open = l10n.t('Open');
  const show = isWarning ? window.showWarningMessage : window.showInformationMessage;
  void show(told, ...(file === undefined ? [] : [open])).then(choice => {
    if (choice === open && file !== undefined) void commands.executeCommand('vscode.open', file);
  });
}

function promptOf(pictures: readonly PickedPicture[]): string {
  return pictures[0]?.set.order.prompt ?? '';
}

function imageOf({ set, index }: PickedPicture): Uri {
  return Uri.parse(set.order.pictures[index]?.imageUri ?? '');
}

function pathOf(image: Uri): string {
  return image.scheme === 'file' ? imagePath(image) : image.toString();
}
