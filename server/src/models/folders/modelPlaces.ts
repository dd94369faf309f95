/** The places where models are looked for, and what lies there. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILE } from '../../../../paligemma/src/folderContents';
import { given } from '../../../../paligemma/src/given';
import type { ModelOrigin } from '../../contract/protocol';
import { readPlainJson } from '../../../../system/src/plainFile';
import { readRecord, nameOfFolder } from './downloadRecord';
import { meantFolder, readCachedRepository } from './hubSnapshot';
import { readModelFolder, type ModelFolder } from './modelFolder';
import { PARTIAL_SUFFIX } from './partialFolder';

export interface FoundModel extends ModelFolder {
  readonly origin: ModelOrigin;
  /** The file in `<cache>/models` that names a folder elsewhere. */
  readonly pointerPath?: string;
  /** Set for an adapter that was registered, absolute; `path` is its base then. */
  readonly adapterPath?: string;
}

/** A folder that the user registered: `<cache>/models/<name>.json`. The folder itself is never touched. */
export interface ModelPointer {
  readonly formatVersion: 1;
  /** Absolute. */
  readonly folder: string;
  /** What it is called here; default: its folder's name. */
  readonly name?: string;
  /** True where the program itself filled the folder, at the user's wish of place: then removing deletes it as well. */
  readonly isDownload?: boolean;
  /** Absolute folder of a LoRA adapter: what is registered is the adapter, and `folder` the model that it belongs to. */
  readonly adapter?: string;
}

export const POINTER_SUFFIX = '.json';
/** A path and a name. */
const LONGEST_POINTER = 1 << 20;

/** What `<cache>/models` holds: downloads, registered folders, folders and links that the user put there. */
export async function modelsInCache(cachePath: string): Promise<readonly FoundModel[]> {
  const folder = path.join(cachePath, 'models');
  const names = (await readdir(folder).catch(() => [])).sort().filter(name => !name.includes(PARTIAL_SUFFIX));
  const found = await Promise.all(names.map(async name => {
    const place = path.join(folder, name);
    if (name.endsWith(POINTER_SUFFIX)) {
      const pointed = await readPointedModel(place);
      if (pointed !== undefined) return [pointed];
    }
    const record = await readRecord(place);
    const model = await readModelFolder(place, nameOfFolder(name));
    if (model === undefined) return hubModels(folder, name);
    return [{
      ...model,
      name: model.conversion === undefined ? model.name : nameOfFolder(name),
      origin: record === undefined ? 'folder' as const : 'downloaded' as const,
    }];
  }));
  return found.flat();
}

/** A folder that is a model itself, or holds some, in plain folders or in the layout of the Hugging Face cache. */
export async function modelsIn(folder: string): Promise<readonly FoundModel[]> {
  const meant = await meantFolder(folder);
  const own = await readModelFolder(meant.path, meant.name);
  if (own !== undefined) return [{ ...own, origin: 'folder' }];
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.sort().filter(name => !name.endsWith(PARTIAL_SUFFIX)).map(async name => {
      const model = await readModelFolder(path.join(folder, name));
      return model === undefined ? hubModels(folder, name) : [{ ...model, origin: 'folder' as const }];
    }),
  );
  return found.flat();
}

/** The PaliGemma models in Hugging Face's own cache, used where they lie. */
export async function modelsInHubCache(folder: string): Promise<readonly FoundModel[]> {
  const names = await readdir(folder).catch(() => []);
  return (await Promise.all(names.sort().map(name => hubModels(folder, name)))).flat();
}

/**
 * The PaliGemma models of one repository. The current commit carries the plain name; the others go by
 * `<name>@<first digits of the commit>`.
 */
async function hubModels(folder: string, name: string): Promise<readonly FoundModel[]> {
  if (!/paligemma/i.test(name)) return [];
  const repository = await readCachedRepository(path.join(folder, name));
  if (repository === undefined) return [];
  const { id, commits, current, snapshotsPath } = repository;
  const models = await Promise.all(
    commits.map(commit =>
      readModelFolder(path.join(snapshotsPath, commit), commit === current ? id : `${id}@${commit.slice(0, 7)}`)
    ),
  );
  return models.filter(model => model !== undefined).map(model => ({ ...model, origin: 'huggingFaceCache' as const }));
}

/** @returns undefined for a file that is no pointer; a model with a problem where its folder is gone. */
async function readPointedModel(pointerPath: string): Promise<FoundModel | undefined> {
  const pointer = await readPointer(pointerPath);
  if (pointer === undefined) return undefined;
  const name = pointer.name ?? path.basename(pointerPath, POINTER_SUFFIX);
  const model = await readModelFolder(pointer.folder, name);
  if (pointer.adapter !== undefined && model !== undefined) {
    return pointedAdapter({ ...model, name, origin: 'added', pointerPath }, pointer.adapter);
  }
  if (model !== undefined) return { ...model, name, origin: 'added', pointerPath };
  return {
    path: pointer.folder,
    name,
    kind: 'unknown',
    bytes: 0,
    origin: 'added',
    pointerPath,
    ...given({ adapterPath: pointer.adapter }),
    problem: l10n.t(
      'Its folder {0} is gone or no longer contains a model. Restore it, or remove the model from the list.',
      pointer.folder,
    ),
  };
}

/** An adapter as a model of its own: it answers the tasks that it was tuned for. */
async function pointedAdapter(base: FoundModel, adapterPath: string): Promise<FoundModel> {
  const adapter = { ...base, kind: 'ft' as const, adapterPath };
  const sizes = await Promise.all(
    [ADAPTER_CONFIG_FILE, ADAPTER_FILE].map(name => stat(path.join(adapterPath, name)).catch(() => undefined)),
  );
  return sizes.every(info => info?.isFile() === true)
    ? { ...adapter, bytes: sizes.reduce((sum, info) => sum + (info?.size ?? 0), 0) }
    : {
      ...adapter,
      bytes: 0,
      problem: l10n.t(
        'Its folder {0} is gone or no longer contains an adapter. Restore it, or remove the model from the list.',
        adapterPath,
      ),
    };
}

/** undefined if the file is not one of ours. */
export async function readPointer(pointerPath: string): Promise<ModelPointer | undefined> {
  const value = await readPlainJson(pointerPath, LONGEST_POINTER);
  return isRecord(value) && value['formatVersion'] === 1 && typeof value['folder'] === 'string'
      && path.isAbsolute(value['folder'])
      && (value['adapter'] === undefined || (typeof value['adapter'] === 'string' && path.isAbsolute(value['adapter'])))
    ? (value as unknown as ModelPointer)
    : undefined;
}
