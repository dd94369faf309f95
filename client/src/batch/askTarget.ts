/** The questions before a batch: where the answers go, and what happens to files that are there already. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Uri, l10n, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { imagesInJsonl } from '../../../paligemma/src/answers/jsonl';
import { imagesInMarkdown } from '../../../paligemma/src/answers/markdown';
import { readPlainFile } from '../../../system/src/plainFile';
import { commonFolder, freeName, sidecarPaths } from '../images/answerNames';
import type { BatchOptions, BatchOutput, ExistingChoice } from './outputs';
import type { BatchTarget, FileOutput } from './plan';
import { absoluteFrom } from '../images/relativePaths';

/** A file of answers that is gone on with: those of a million pictures. */
const MOST_ANSWER_BYTES = 256 << 20;

export interface Destination {
  readonly target: BatchTarget;
  /** Indexes of pictures whose answers are there already and stay. */
  readonly skipped: ReadonlySet<number>;
}

/**
 * Undefined: the person left. One file for all is offered on disk only: nothing adds to a file of another file system.
 */
export async function askOutput(title: string, images: readonly Uri[]): Promise<BatchOutput | undefined> {
  const isOnDisk = images.every(({ scheme }) => scheme === 'file');
  const name = path.basename(sidecarPaths(images.slice(0, 1).map(image => image.fsPath))[0] ?? '');
  const items: (QuickPickItem & { readonly output: BatchOutput })[] = [
    {
      output: 'list',
      label: `$(list-unordered) ${l10n.t('Show as a List')}`,
      detail: l10n.t('A new Markdown document; nothing is saved'),
    },
    {
      output: 'sidecars',
      label: `$(files) ${l10n.t('Text File Beside Each Picture')}`,
      detail: l10n.t('For example {0}', name),
    },
    ...(isOnDisk
      ? [
        {
          output: 'jsonl' as const,
          label: `$(json) ${l10n.t('One JSONL File')}`,
          detail: l10n.t('For fine-tuning: image, prefix and suffix on each line'),
        },
        {
          output: 'markdown' as const,
          label: `$(markdown) ${l10n.t('One Markdown File')}`,
          detail: l10n.t('A list of the pictures with their alt text'),
        },
      ]
      : []),
  ];
  const choice = await window.showQuickPick(items, {
    title: `${title} · ${countText(images.length)}`,
    placeHolder: l10n.t('Where should the answers go?'),
    ignoreFocusOut: true,
  });
  return choice?.output;
}

/** Undefined: the person left. `isSingleTask`: the name of the file follows the task's. */
export async function askDestination(
  output: FileOutput,
  images: readonly Uri[],
  prompt: string,
  options: BatchOptions,
): Promise<Destination | undefined> {
  const imagePaths = images.map(image => image.fsPath);
  return output === 'sidecars' ? askSidecars(imagePaths, options) : askFile(output, imagePaths, prompt, options);
}

function countText(count: number): string {
  return count === 1 ? l10n.t('1 picture') : l10n.t('{0} pictures', count);
}

async function askSidecars(
  imagePaths: readonly string[],
  { existing }: BatchOptions,
): Promise<Destination | undefined> {
  const paths = sidecarPaths(imagePaths);
  const there = paths.map(sidecar => existsSync(sidecar));
  const count = there.filter(Boolean).length;
  const choice = count === 0 ? 'skip' : existing ?? await askExisting(
    l10n.t('{0} of {1} text files are there already.', count, paths.length),
    {
      skip: l10n.t('Keep them and skip their pictures'),
      overwrite: l10n.t('Replace what they hold'),
      rename: l10n.t('Keep them and write beside them under new names'),
    },
  );
  switch (choice) {
    case undefined:
      return undefined;
    case 'skip':
      return {
        target: { kind: 'sidecars', paths, replaces: false },
        skipped: new Set(paths.flatMap((_, index) => there[index] === true ? [index] : [])),
      };
    case 'overwrite':
      return { target: { kind: 'sidecars', paths, replaces: true }, skipped: new Set() };
    case 'rename': {
      const taken = new Set(paths);
      const renamed = paths.map(sidecar => {
        if (!existsSync(sidecar)) return sidecar;
        const name = freeName(sidecar, candidate => existsSync(candidate) || taken.has(candidate));
        taken.add(name);
        return name;
      });
      return { target: { kind: 'sidecars', paths: renamed, replaces: false }, skipped: new Set() };
    }
  }
}

async function askFile(
  kind: 'jsonl' | 'markdown',
  imagePaths: readonly string[],
  prompt: string,
  { existing }: BatchOptions,
): Promise<Destination | undefined> {
  const place = await askPlace(
    kind,
    path.join(commonFolder(imagePaths), `${fileStem(prompt)}.${kind === 'jsonl' ? 'jsonl' : 'md'}`),
    existing !== undefined,
  );
  if (place === undefined) return undefined;
  const filePath = place.path;
  // Who chose a file in the editor's own dialog was asked there.
  const choice = !existsSync(filePath) || place.isConfirmed ? 'overwrite' : existing ?? await askExisting(
    l10n.t('{0} is there already.', path.basename(filePath)),
    {
      skip: l10n.t('Add the pictures that it does not hold yet'),
      overwrite: l10n.t('Replace what it holds'),
      rename: l10n.t('Keep it and write a new file beside it'),
    },
  );
  switch (choice) {
    case undefined:
      return undefined;
    case 'overwrite':
      return { target: { kind, path: filePath, replaces: true }, skipped: new Set() };
    case 'rename':
      return { target: { kind, path: freeName(filePath, existsSync), replaces: true }, skipped: new Set() };
    case 'skip': {
      const content = (await readPlainFile(filePath, MOST_ANSWER_BYTES)).toString('utf8');
      const images = kind === 'jsonl' ? imagesInJsonl(content, prompt) : imagesInMarkdown(content);
      const known = new Set(images.map(image => absoluteFrom(filePath, image)));
      return {
        target: { kind, path: filePath, replaces: false },
        skipped: new Set(imagePaths.flatMap((imagePath, index) => known.has(imagePath) ? [index] : [])),
      };
    }
  }
}

async function askPlace(
  kind: 'jsonl' | 'markdown',
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
  const filters = kind === 'jsonl' ? { 'JSON Lines': ['jsonl'] } : { 'Markdown': ['md'] };
  const chosen = await window.showSaveDialog({ defaultUri: Uri.file(suggested), filters });
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

/** The task of a prompt as the name of a file. */
function fileStem(prompt: string): string {
  const task = /^[a-z]+/i.exec(prompt.trim())?.[0]?.toLowerCase() ?? 'answers';
  return task === 'answer' ? 'answers' : task;
}
