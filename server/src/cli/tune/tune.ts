import path from 'node:path';
import { atProcessEnd } from '../../../../system/src/processEnd';
import { jsonText } from '../../../../paligemma/src/answers/json';
import { given } from '../../../../paligemma/src/given';
import { tuningMethods, type TrainerEvent, type TuneResult } from '../../contract/tuning';
import { ownCachePath } from '../../models/folders/cachePath';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { systemTimers } from '../../util/timers';
import { ownCatalog } from '../models/ownCatalog';
import { oneOf, readCount, readRunOptions, UsageError } from '../terminal/options';
import { jsonFailure, textFailure } from '../terminal/output';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, Verb, VerbContext } from '../terminal/verb';
import type { TuneWish } from '../../tuning/tune';
import type { ResultEvaluation } from './evaluateResult';
import { eventLine, stepProgress } from './eventLines';

/** Of held-out lines, unless more are asked for: an evaluation is not to take longer than the training. */
const EVALUATED_LINES = 200;

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
    'With --valid the held-out lines are evaluated last, by the model as it was and as it is now, with --weights and --device;',
    'Ctrl+C leaves that out, and the same command goes on there.',
    '--json prints what the trainer says, an object a line, then the model, then {event: "evaluated", when, set, summary}.',
    'Several graphics cards: accelerate launch tuning/tune.py, with the same words.',
  ],
  options: [
    'model',
    'out',
    'valid',
    'method',
    'settings',
    'python',
    'no-evaluation',
    'limit',
    'weights',
    'device',
    'json',
  ],
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
    const evaluation = readEvaluation(context, path.resolve(file));
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
    }, evaluation);
  },
};

/** Undefined where none is wanted, or nothing was held out. @throws UsageError before anything is trained. */
function readEvaluation({ values }: VerbContext, file: string): ResultEvaluation | undefined {
  const { valid, weights, device, json } = values;
  const options = readRunOptions({ ...given({ weights, device, json }), 'no-text-layer': true });
  const limit = readCount('limit', values.limit) ?? EVALUATED_LINES;
  if (valid === undefined || values['no-evaluation'] === true) return undefined;
  return { file, valid: path.resolve(valid), limit, options };
}

/** Trains, tells the model, and evaluates it. */
async function trainHere(
  context: VerbContext,
  wish: TuneWish,
  evaluation: ResultEvaluation | undefined,
): Promise<ExitCode> {
  const { terminal, values } = context;
  const isJson = values.json === true;
  const result = await trained(context, wish);
  if (result === undefined) return 1;
  const { id, path: folder, kind, base } = result;
  if (isJson) await terminal.print(jsonText({ event: 'model', id, path: folder, kind, base }));
  else {
    terminal.note(`${shownPath(folder)} is in the list of models as ${id}.`);
    await terminal.print(folder);
  }
  if (evaluation === undefined) return 0;
  const { evaluateResult } = await import('./evaluateResult');
  await evaluateResult(context, result, evaluation);
  return 0;
}

/** Undefined where it failed, which is told. @throws CancelledError. */
async function trained(context: VerbContext, wish: TuneWish): Promise<TuneResult | undefined> {
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
    const result = await train(wish, {
      catalog: ownCatalog(context),
      cachePath: ownCachePath(),
      packageRoot: path.dirname(distPath),
      log,
      timers: systemTimers,
      onEvent,
      onStart: endNow => atProcessEnd(endNow),
    }, interrupt.token);
    await printing;
    return result;
  } catch (error) {
    await printing;
    if (error instanceof CancelledError) {
      terminal.note('The same command goes on from the last checkpoint.');
      throw error;
    }
    const failure = toFailure(error);
    if (isJson) await terminal.print(jsonFailure(undefined, failure));
    else terminal.note(textFailure(undefined, failure));
    return undefined;
  } finally {
    told.dispose();
  }
}
