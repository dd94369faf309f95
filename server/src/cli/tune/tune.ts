import path from 'node:path';
import { atProcessEnd } from '../../../../system/src/processEnd';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { tuningMethods, type TrainerEvent } from '../../contract/tuning';
import { ownCachePath } from '../../models/folders/cachePath';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { systemTimers } from '../../util/timers';
import { ownCatalog } from '../models/ownCatalog';
import { oneOf, UsageError } from '../terminal/options';
import { jsonFailure, textFailure } from '../terminal/output';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, Verb, VerbContext } from '../terminal/verb';
import type { TuneWish } from '../../tuning/tune';
import { eventLine, stepProgress } from './eventLines';

export const tune: Verb = {
  name: 'tune',
  usage: 'tune FILE --model MODEL --out FOLDER',
  summary: 'fine-tune a model on lines of picture, prompt and answer, with your own Python',
  details: [
    'FILE holds JSON lines with image, prefix and suffix; paths of pictures are meant from where it lies. FOLDER is new.',
    '',
    'Python needs PyTorch, transformers, peft and accelerate: pip install -r tuning/requirements.txt, in this package.',
    'Ctrl+C stops after the step with a checkpoint, and the same command goes on from there; a second Ctrl+C ends at once.',
    'Afterwards the model is in the list under the name of its folder: paligemma caption picture.png --model NAME.',
    '--json prints what the trainer says, an object a line, and the model at the end.',
    'Several graphics cards: accelerate launch tuning/tune.py, with the same words.',
  ],
  options: ['model', 'out', 'valid', 'method', 'settings', 'python', 'json'],
  async run(context) {
    const [file, ...more] = context.positionals;
    const { model, out, valid, settings, python } = context.values;
    if (file === undefined || more.length > 0) throw new UsageError('tune takes one file with lines.');
    if (model === undefined || model === '') throw new UsageError('tune needs a model: --model ID or FOLDER.');
    if (out === undefined || out === '') throw new UsageError('tune needs a folder for the result: --out FOLDER.');
    const empty = Object.entries({ valid, settings, python }).find(([, value]) => value === '');
    if (empty !== undefined) {
      throw new UsageError(`--${empty[0]} needs a ${empty[0] === 'python' ? 'program' : 'file'}.`);
    }
    const method = oneOf('method', tuningMethods, context.values.method) ?? 'lora';
    return trainHere(context, {
      file: path.resolve(file),
      model,
      out: path.resolve(out),
      method,
      nameOrigin: 'person',
      ...(valid === undefined ? {} : { valid: path.resolve(valid) }),
      ...(settings === undefined ? {} : { settings: path.resolve(settings) }),
      // A path is meant from here; a name is looked for where programs are.
      ...(python === undefined ? {} : { python: /[\\/]/.test(python) ? path.resolve(python) : python }),
    });
  },
};

async function trainHere(
  context: VerbContext,
  wish: TuneWish,
): Promise<ExitCode> {
  const { terminal, interrupt, values, distPath } = context;
  const isJson = values.json === true;
  const log = (process.env['PALIGEMMA_LOG'] ?? '') === ''
    ? () => undefined
    : (_level: string, _scope: string, message: string) => terminal.note(message);
  const { tune: train } = await import('../../tuning/tune');
  // A step may take minutes; the second Ctrl+C ends what the first one does not.
  interrupt.waitForEnd();
  let printing: Promise<unknown> = Promise.resolve();
  const print = (line: string) => {
    printing = printing.then(() => terminal.print(line));
  };
  const onEvent = (event: TrainerEvent) => {
    if (isJson) return print(jsonText(event));
    if (event.event === 'step') return event.past === true ? undefined : terminal.progress.update(stepProgress(event));
    const line = eventLine(event);
    if (line !== undefined) terminal.note(line);
  };
  const told = interrupt.token.onCancellationRequested(() =>
    terminal.note('Stopping after this step, with a checkpoint. Press Ctrl+C again to end at once.')
  );
  try {
    const { id, path: folder, kind, base } = await train(wish, {
      catalog: ownCatalog(context),
      cachePath: ownCachePath(),
      packageRoot: path.dirname(distPath),
      log,
      timers: systemTimers,
      onEvent,
      onStart: endNow => atProcessEnd(endNow),
    }, interrupt.token);
    await printing;
    if (isJson) await terminal.print(jsonText({ event: 'model', id, path: folder, kind, base }));
    else {
      terminal.note(`${shownPath(folder)} is in the list of models as ${id}.`);
      await terminal.print(folder);
    }
    return 0;
  } catch (error) {
    await printing;
    if (error instanceof CancelledError) {
      terminal.note('The same command goes on from the last checkpoint.');
      throw error;
    }
    const failure = toFailure(error);
    if (isJson) await terminal.print(jsonFailure(undefined, failure));
    else terminal.note(textFailure(undefined, failure));
    return 1;
  } finally {
    told.dispose();
  }
}
