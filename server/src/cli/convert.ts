import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import { given } from '../../../paligemma/src/given';
import { formText } from '../../../paligemma/src/weightForms';
import { CancelledError } from '../util/cancellation';
import { toFailure } from '../util/failure';
import { readRunOptions, UsageError } from './terminal/options';
import { jsonFailure, textFailure } from './terminal/output';
import type { ExitCode, Verb, VerbContext } from './terminal/verb';

export const convert: Verb = {
  name: 'convert',
  usage: 'convert FOLDER OUT',
  summary: 'convert a checkpoint to a folder of graphs',
  details: [
    'FOLDER is a checkpoint, or the name of an installed model; OUT must not exist yet, or be empty. Prints the folder.',
    'Running a model converts it automatically; this verb is for keeping or moving the converted folder.',
  ],
  options: ['weights', 'attention', 'adapter', 'json'],
  async run(context) {
    const [source, out, ...more] = context.positionals;
    if (source === undefined || out === undefined || out === '' || more.length > 0) {
      throw new UsageError('A checkpoint folder and a new folder are needed.');
    }
    return convertFolder(context, source, path.resolve(out));
  },
};

async function convertFolder(context: VerbContext, source: string, outPath: string): Promise<ExitCode> {
  const { terminal, interrupt, values } = context;
  const options = readRunOptions(values);
  const [{ openSession }, { describeProgress }, { meantFolder }, { adapterNote }] = await Promise.all([
    import('./terminal/session'),
    import('../runs/runProgress'),
    import('../models/folders/hubSnapshot'),
    import('../models/folders/adapterNote'),
  ]);
  const session = openSession(context, options);
  const { weights, attention, adapterPath, json } = options;
  try {
    const model = await session.catalog.choose(source);
    const { path: sourcePath, tokenizerPaths } = model;
    if (sourcePath === undefined) {
      throw new Failure(
        'modelElsewhere',
        l10n.t('{0} runs on a server; only a checkpoint on this machine can be converted. Name its folder.', source),
      );
    }
    const adapter = adapterPath === undefined ? undefined : (await meantFolder(adapterPath)).path;
    const note = await adapterNote({ id: model.id, path: sourcePath }, adapter);
    if (note !== undefined) terminal.note(`Note: ${note}`);
    const params = {
      sourcePath,
      outPath,
      weights,
      attention,
      ...given({ adapterPath: adapter, tokenizerPaths }),
    };
    const result = await session.host.use(client =>
      client.convert(params, progress =>
        terminal.progress.update({
          fraction: progress.kind === 'phase' ? progress.done / Math.max(1, progress.total) : 0,
          text: describeProgress(progress),
        }), interrupt.token), interrupt.token);
    if (result.form !== undefined) terminal.note(`Weights: ${formText(result.form)}.`);
    await terminal.print(json ? JSON.stringify(result) : result.path);
    terminal.note(`${(result.bytes / 1e6).toFixed(1)} MB in ${(result.elapsedMs / 1000).toFixed(1)} s.`);
    return 0;
  } catch (error) {
    await new Promise(resolve => setImmediate(resolve));
    if (error instanceof CancelledError || interrupt.token.isCancellationRequested) throw new CancelledError();
    const failure = toFailure(error);
    if (json) await terminal.print(jsonFailure(undefined, failure));
    else terminal.note(textFailure(undefined, failure));
    return 1;
  } finally {
    await session.close();
  }
}
