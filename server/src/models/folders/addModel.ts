/** Registers a folder as a model: a pointer file in the cache, no copy. */
import * as l10n from '@vscode/l10n';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { writeAtomically } from '../../util/files';
import { folderProblem, readModelFolder } from './modelFolder';
import { meantFolder } from './hubSnapshot';
import { modelsIn, POINTER_SUFFIX, readPointer, type ModelPointer } from './modelPlaces';

export interface AddedModel {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly pointerPath: string;
  /** True where it was registered before. */
  readonly wasThere: boolean;
}

/** @throws Failure modelMissing, modelUnsupported; cacheUnwritable is left to the caller's mapping of file errors. */
export async function addModel(folder: string, cachePath: string): Promise<AddedModel> {
  const meant = await meantFolder(folder);
  const place = await realpath(meant.path).catch(() => undefined);
  if (place === undefined || !(await stat(place)).isDirectory()) {
    throw new Failure(
      'modelMissing',
      l10n.t(
        '{0} is not a folder. Name the folder of a checkpoint, the one with config.json and *.safetensors.',
        folder,
      ),
    );
  }
  const model = await readModelFolder(place, meant.name === path.basename(meant.path) ? undefined : meant.name);
  if (model === undefined) {
    const problem = await folderProblem(place);
    if (problem !== undefined) {
      throw new Failure('modelUnsupported', l10n.t('{0} cannot be used as a model. {1}', folder, problem));
    }
    const inside = await modelsIn(place);
    const [only] = inside;
    if (inside.length === 1 && only !== undefined) return addModel(only.path, cachePath);
    throw new Failure(
      'modelMissing',
      inside.length === 0
        ? l10n.t('{0} is not a model. Name the folder with config.json and *.safetensors in it.', folder)
        : l10n.t(
          '{0} is not a model. It holds several; name one of them: {1}.',
          folder,
          inside.map(found => found.path).join(', '),
        ),
    );
  }
  if (model.problem !== undefined) {
    throw new Failure('modelUnsupported', l10n.t('{0} cannot be used as a model. {1}', folder, model.problem));
  }
  return register(place, model.name, cachePath);
}

/** Registers an adapter beside its base, under the name of its folder. Both are absolute. */
export function addAdapter(adapterPath: string, basePath: string, cachePath: string): Promise<AddedModel> {
  return writePointer({ folder: basePath, adapter: adapterPath }, path.basename(adapterPath), cachePath);
}

/** Writes the pointer under a name that is free. */
export function register(
  folder: string,
  name: string,
  cachePath: string,
  isDownload = false,
): Promise<AddedModel> {
  return writePointer({ folder, ...(isDownload ? { isDownload } : {}) }, name, cachePath);
}

async function writePointer(
  content: Omit<ModelPointer, 'formatVersion' | 'name'>,
  name: string,
  cachePath: string,
): Promise<AddedModel> {
  const { folder, adapter } = content;
  const base = name.replaceAll('/', '--').replace(/[^\w.@-]+/g, '-').replace(/^[.-]+/, '').slice(0, 100) || 'model';
  for (let count = 1;; count++) {
    const suffix = count === 1 ? '' : `-${count}`;
    const pointerPath = path.join(cachePath, 'models', `${base}${suffix}${POINTER_SUFFIX}`);
    const id = `${name}${suffix}`;
    const existing = await readPointer(pointerPath);
    if (existing?.folder === folder && existing.adapter === adapter) {
      return { id: existing.name ?? id, path: folder, pointerPath, wasThere: true };
    }
    const isTaken = await stat(pointerPath).then(() => true, () => false);
    if (isTaken) continue;
    const pointer: ModelPointer = { formatVersion: 1, ...content, name: id };
    await writeAtomically(pointerPath, `${JSON.stringify(pointer)}\n`);
    return { id, path: folder, pointerPath, wasThere: false };
  }
}
