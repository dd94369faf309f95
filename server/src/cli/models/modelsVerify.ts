import { formText } from '../../../../paligemma/src/weightForms';
import { bytesText } from '../../../../paligemma/src/words';
import { given } from '../../../../paligemma/src/given';
import { findServer } from '../../models/servers/servers';
import { verifyModel } from '../../models/catalog/verifyModel';
import { ownCatalog } from './ownCatalog';
import { readRunOptions } from '../terminal/options';
import { escapeLine } from '../terminal/output';
import { verifyServer } from './serverVerify';
import { openSession } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** One line a file: status, tab, path. Exit code 1 where one is damaged or missing, or the model cannot be used. */
export async function verify(context: VerbContext, name: string): Promise<ExitCode> {
  const { terminal, values, interrupt } = context;
  const catalog = ownCatalog(context);
  const server = findServer(name, await catalog.servers());
  if (server !== undefined) {
    const session = openSession(context, readRunOptions({}));
    return verifyServer(context, session, server).finally(() => session.close());
  }
  const inspected = await catalog.inspect(name);
  const files = await verifyModel(
    inspected,
    (done, total) =>
      terminal.progress.update({
        fraction: done / Math.max(1, total),
        text: `reading, ${bytesText(done)} of ${bytesText(total)}`,
      }),
    interrupt.token,
  );
  terminal.progress.hide();
  const bad = files.filter(({ status }) => status === 'damaged' || status === 'missing');
  const { id, problem, form } = inspected.model;
  const isOk = bad.length === 0 && problem === undefined;
  if (values.json === true) {
    await terminal.print(
      JSON.stringify({ id, ok: isOk, files, ...given({ form: form && formText(form), problem }) }),
    );
  } else for (const { status, path } of files) await terminal.print(`${status}\t${escapeLine(path)}`);
  if (form !== undefined) terminal.note(`Weights: ${formText(form)}.`);
  const unknown = files.filter(({ status }) => status === 'unknown').length;
  if (unknown > 0) terminal.note(`Note: for ${unknown} files no hash is known, so only their presence was checked.`);
  if (bad.length > 0) {
    terminal.note(
      `${bad.length} of ${files.length} files are not as they should be. "paligemma models remove ${id}" and a new download cure that; a damaged conversion alone is made anew after its folder is deleted.`,
    );
  }
  // What never was there has no file that could be missing.
  if (problem !== undefined) terminal.note(`${id} cannot be used: ${problem}`);
  return isOk ? 0 : 1;
}
