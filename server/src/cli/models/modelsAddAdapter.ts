import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import type { ChosenFolder } from '../../models/catalog/catalog';
import { addAdapter } from '../../models/folders/addModel';
import { openCache, ownCachePath } from '../../models/folders/cachePath';
import { meantFolder } from '../../models/folders/hubSnapshot';
import { readAdapterFolder, type AdapterFolder } from '../../models/folders/modelFolder';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { ownCatalog } from './ownCatalog';

/**
 * Registers an adapter of PEFT with its base: that of `--model`, or the one that its config names, if it is here. Prints
 * the name that `--model` takes from now on.
 * @returns undefined, and does nothing, where the folder holds no adapter alone.
 * @throws Failure `adapterInvalid`, `modelMissing`, `modelElsewhere`, `modelUnsupported`
 */
export async function addAdapterFolder(context: VerbContext, folder: string): Promise<ExitCode | undefined> {
  const { terminal, values } = context;
  const place = (await meantFolder(folder)).path;
  const found = await readAdapterFolder(place);
  if (found === undefined) return undefined;
  if (found.problem !== undefined) {
    throw new Failure('adapterInvalid', `${folder} cannot be used as an adapter. ${found.problem}`);
  }
  const base = await baseOf(context, path.basename(place), found);
  const { id, pointerPath, wasThere } = await addAdapter(place, base.path, await openCache(ownCachePath()));
  await terminal.print(
    values.json === true
      ? JSON.stringify({ id, path: base.path, adapter: place, pointer: pointerPath, wasThere })
      : id,
  );
  if (values.json !== true) terminal.note(wasThere ? 'It was registered already.' : `It is merged into ${base.id}.`);
  return 0;
}

async function baseOf(context: VerbContext, name: string, { base: told }: AdapterFolder): Promise<ChosenFolder> {
  const { model } = context.values;
  const wanted = model ?? told;
  if (wanted === undefined) {
    throw new Failure(
      'modelMissing',
      `${name} does not say what it was trained on. Name the model: --model ID or FOLDER.`,
    );
  }
  // A config is a document of whoever made it.
  const chosen = await ownCatalog(context).choose(wanted, model === undefined ? 'document' : 'person').catch(
    (error: unknown) => {
      if (model !== undefined || !(error instanceof Failure)) throw error;
      throw new Failure(
        error.reason,
        `${name} was trained on ${wanted}. ${error.message} Or name the model with --model.`,
        { cause: error },
      );
    },
  );
  if (chosen.path === undefined) {
    throw new Failure('modelElsewhere', `${wanted} runs on a server; an adapter needs a checkpoint on this machine.`);
  }
  if (chosen.adapterPath !== undefined || chosen.conversion !== undefined) {
    throw new Failure(
      'modelUnsupported',
      `${wanted} is no checkpoint that an adapter can be merged into. Name the one with *.safetensors: --model ID or FOLDER.`,
    );
  }
  return chosen;
}
