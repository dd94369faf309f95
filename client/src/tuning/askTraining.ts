/** What a training needs to know, asked with good defaults. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Uri, l10n } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import type { TuneParams, TuningMethod } from '../../../server/src/contract/tuning';
import { given } from '../../../paligemma/src/given';
import { window } from '../common/window';
import { pickModel } from '../models/pickModel';
import { freeFolder, unfinishedIn, validFirst } from './trainingPlaces';

export type Training = Omit<TuneParams, 'partialResultToken'>;

/** @param file Absolute. @param models Those that are there. @returns undefined where the person does not want it. */
export async function askTraining(file: string, models: readonly ModelInfo[]): Promise<Training | undefined> {
  const folder = path.dirname(file);
  const names = await readdir(folder);
  const usable = models.filter(model => isTrainable(model));
  const model = await pickModel(
    usable,
    l10n.t('Fine-Tune on {0}', path.basename(file)),
    l10n.t('The model that learns'),
  );
  if (model === undefined) return undefined;
  const method = await askMethod();
  if (method === undefined) return undefined;
  const valid = await askValid(file, names);
  if (valid === undefined) return undefined;
  const out = await askOut(file, names, method);
  return out === undefined
    ? undefined
    : { file, model: model.id, method, out, ...given({ valid: valid.file }) };
}

function isTrainable({ server, adapter, problem, path: place }: ModelInfo): boolean {
  return server === undefined && adapter === undefined && problem === undefined && place !== undefined;
}

async function askMethod(): Promise<TuningMethod | undefined> {
  const items: readonly (QuickPickItem & { readonly method: TuningMethod })[] = [
    {
      label: 'LoRA',
      detail: l10n.t('An adapter of some megabytes, beside the model. The usual choice'),
      method: 'lora',
    },
    {
      label: 'QLoRA',
      detail: l10n.t('The same over a model of four bits: less memory, on an NVIDIA graphics card only'),
      method: 'qlora',
    },
    {
      label: l10n.t('All weights'),
      detail: l10n.t('A whole new checkpoint; needs many times the memory and a disk for it'),
      method: 'full',
    },
  ];
  return (await window.showQuickPick(items, { title: l10n.t('How to Train'), ignoreFocusOut: true }))?.method;
}

async function askValid(file: string, names: readonly string[]): Promise<{ readonly file?: string } | undefined> {
  const other = l10n.t('Another File…');
  const items: readonly (QuickPickItem & { readonly file?: string })[] = [
    ...validFirst(names, path.basename(file)).map(name => ({ label: name, file: path.join(path.dirname(file), name) })),
    { label: l10n.t('None'), detail: l10n.t('Nothing will show whether the model has learnt the task or the lines') },
    { label: other },
  ];
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Held-Out Lines'),
    placeHolder: l10n.t('Lines that are not trained on, which the model answers now and then'),
    ignoreFocusOut: true,
  });
  if (choice?.label !== other) return choice === undefined ? undefined : given({ file: choice.file });
  const [chosen] = await window.showOpenDialog({ filters: { JSONL: ['jsonl'] }, title: l10n.t('Held-Out Lines') })
    ?? [];
  return chosen === undefined ? undefined : { file: chosen.fsPath };
}

async function askOut(file: string, names: readonly string[], method: TuningMethod): Promise<string | undefined> {
  const folder = path.dirname(file);
  const other = l10n.t('Another Folder…');
  const fresh = path.join(folder, freeFolder(names, path.basename(file), method));
  const items: readonly (QuickPickItem & { readonly folder?: string })[] = [
    ...(await unfinishedIn(folder, names)).map(name => ({
      label: name,
      detail: l10n.t('Goes on with the training that was interrupted there'),
      folder: path.join(folder, name),
    })),
    { label: path.basename(fresh), detail: l10n.t('A new folder beside the file'), folder: fresh },
    { label: other },
  ];
  const choice = await window.showQuickPick(items, { title: l10n.t('Folder for the Result'), ignoreFocusOut: true });
  if (choice?.label !== other) return choice?.folder;
  return (await window.showSaveDialog({ defaultUri: Uri.file(fresh), title: l10n.t('Folder for the Result') }))?.fsPath;
}
