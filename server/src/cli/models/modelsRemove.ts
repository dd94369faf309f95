import { bytesText } from '../../../../paligemma/src/words';
import { Failure } from '../../../../paligemma/src/failures';
import { ownCachePath } from '../../models/folders/cachePath';
import {
  planPartialRemoval,
  planRemoval,
  planServerRemoval,
  remove,
  type Removal,
} from '../../models/catalog/removeModel';
import { isServerName } from '../../../../paligemma/src/serverNames';
import { findServer } from '../../models/servers/servers';
import { ownCatalog } from './ownCatalog';
import { UsageError } from '../terminal/options';
import { canAsk, isAgreed } from '../terminal/question';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** Deletes after a question, and tells how much was freed. */
export async function removeInstalled(context: VerbContext, word: string): Promise<ExitCode> {
  const { terminal, values } = context;
  const removal = await plan(context, word);
  const { id, paths, bytes, note } = removal;
  if (paths.length > 0 && values.yes !== true && !(await isConfirmed(context, removal))) {
    terminal.note('Nothing was removed.');
    return 1;
  }
  await remove(removal);
  if (values.json === true) {
    await terminal.print(
      JSON.stringify({ id, bytesFreed: bytes, removed: paths, ...(note === undefined ? {} : { note }) }),
    );
  } else await terminal.print(paths.length === 0 ? 'nothing to remove' : `${bytesText(bytes)} freed`);
  if (values.json !== true && note !== undefined) terminal.note(note);
  return 0;
}

/** An installed model, or what an interrupted download left. */
async function plan(context: VerbContext, word: string): Promise<Removal> {
  const catalog = ownCatalog(context);
  const cache = ownCachePath();
  if (isServerName(word)) {
    const server = findServer(word, await catalog.servers());
    if (server !== undefined) return planServerRemoval(server, cache);
  }
  const { revision } = context.values;
  const name = revision === undefined || revision === 'main' ? word : `${word}@${revision}`;
  try {
    return await planRemoval(await catalog.inspect(name), cache);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'modelMissing') throw error;
    const [id = '', version = 'main'] = name.split('@');
    const left = await planPartialRemoval(id, version, cache);
    if (left === undefined) throw error;
    return left;
  }
}

/** @throws UsageError where nobody can be asked. */
async function isConfirmed(context: VerbContext, { paths, bytes, note }: Removal): Promise<boolean> {
  const { terminal } = context;
  if (!canAsk()) throw new UsageError('Nobody can be asked here; --yes removes without a question.');
  for (const place of paths) terminal.note(place);
  if (note !== undefined) terminal.note(note);
  return isAgreed(context, `Delete these, ${bytesText(bytes)}?`);
}
