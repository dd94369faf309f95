import { addModel } from '../../models/folders/addModel';
import { openCache, ownCachePath } from '../../models/folders/cachePath';
import { isServerName, readServerName } from '../../../../paligemma/src/serverNames';
import { readCount, readRunOptions, UsageError } from '../terminal/options';
import { agreeToServer } from '../terminal/serverConsent';
import { openSession } from '../terminal/session';
import { addAdapterFolder } from './modelsAddAdapter';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** Prints the name that `--model` takes from now on. */
export async function addFolderOrServer(context: VerbContext, word: string): Promise<ExitCode> {
  if (isServerName(word)) {
    if (context.values.model !== undefined) throw new UsageError('--model belongs to the folder of an adapter.');
    return addServers(context, word);
  }
  const foreign = (['model-name', 'resolution', 'yes'] as const).find(name => context.values[name] !== undefined);
  if (foreign !== undefined) throw new UsageError(`--${foreign} belongs to the address of a server, not to a folder.`);
  return addFolder(context, word);
}

async function addFolder(context: VerbContext, folder: string): Promise<ExitCode> {
  const { terminal, values } = context;
  const added = await addAdapterFolder(context, folder);
  if (added !== undefined) return added;
  if (values.model !== undefined) {
    throw new UsageError(`--model belongs to an adapter, and ${folder} holds none alone.`);
  }
  const cache = await openCache(ownCachePath());
  const { id, path, pointerPath, wasThere } = await addModel(folder, cache);
  await terminal.print(values.json === true ? JSON.stringify({ id, path, pointer: pointerPath, wasThere }) : id);
  if (values.json !== true && wasThere) terminal.note('It was registered already.');
  return 0;
}

async function addServers(context: VerbContext, address: string): Promise<ExitCode> {
  const { terminal, values } = context;
  const named = readServerName(address);
  const session = openSession(context, readRunOptions({}));
  try {
    const found = await agreeToServer(context, session, {
      urls: named.urls,
      model: values['model-name'] ?? named.model,
      resolutionPx: readCount('resolution', values.resolution),
    });
    if (found === undefined) {
      terminal.note('Nothing was added.');
      return 1;
    }
    const { id, server, notes } = found;
    await terminal.print(values.json === true ? JSON.stringify({ id, ...server, notes }) : id);
    return 0;
  } finally {
    await session.close();
  }
}
