/** Runs one prompt on each picture that was named. */
import { UnwrittenAnswer } from '../../../../batch/src/unwritten';
import { CancelledError } from '../../util/cancellation';
import { Batch } from './batch';
import { FileOutput } from './fileOutput';
import { withPages } from './documentPages';
import { namedPictures, type NamedPicture, type NamedPictures, type PictureWords } from './namedPictures';
import type { OutputWish } from './outputWords';
import { readRunOptions, type RunOptions } from '../terminal/options';
import { answerFaults, answerLines, type Printing } from '../terminal/output';
import { agreeToNamed } from '../terminal/serverConsent';
import { openSession, type Session } from '../terminal/session';
import { given } from '../../../../paligemma/src/given';
import type { ExitCode, VerbContext } from '../terminal/verb';

export interface ImagesWish {
  readonly verb: string;
  readonly prompt: string;
  /** Whether answers are regions, which a person reads as columns. */
  readonly givesRegions: boolean;
  readonly images: PictureWords;
  /** Files for the answers; without them they go to standard output. */
  readonly output: OutputWish | undefined;
}

interface PicturesRun {
  readonly context: VerbContext;
  readonly options: RunOptions;
  readonly session: Session;
  readonly batch: Batch;
  readonly wish: ImagesWish;
  readonly hasPath: boolean;
}

/** @throws CancelledError after a signal; UsageError; Failure where a list of pictures cannot be read, or no file made. */
export async function runImages(context: VerbContext, wish: ImagesWish): Promise<ExitCode> {
  const options = readRunOptions(context.values);
  if (wish.output !== undefined && options.show !== undefined) {
    context.terminal.note('Note: --show has no effect on the files of --output.');
  }
  const named = await namedPictures(wish.images, context.interrupt.token);
  const session = openSession(context, options);
  try {
    return await runNamed(await pagesOf(named, context, session), { context, options, session, wish });
  } finally {
    await session.close();
  }
}

function pagesOf(
  named: NamedPictures,
  { interrupt: { token }, terminal }: VerbContext,
  { host }: Session,
): Promise<NamedPictures> {
  return withPages(named, {
    count: file => host.use(client => client.countPages(file, token), token),
    note: line => terminal.note(line),
  });
}

async function runNamed(
  named: NamedPictures,
  { context, options, session, wish }: Omit<PicturesRun, 'batch' | 'hasPath'>,
): Promise<ExitCode> {
  const { output, prompt, verb } = wish;
  // Never by how many there happen to be today: scripts read the columns.
  const hasPath = context.values['with-path'] === true || named.isOpen || named.pictures.length > 1;
  const files = output === undefined
    ? undefined
    : await FileOutput.open(
      { ...output, verb, prompt, named, command: commandOf(wish, options) },
      context.terminal,
    );
  const pictures = files?.pictures ?? named.pictures;
  if (pictures.length === 0) {
    await files?.end(true);
    return 0;
  }
  const batch = new Batch(context, session, options, files);
  return runPictures({ context, options, session, batch, wish, hasPath }, pictures, files);
}

/** What of a command line decides its answers; how they are printed does not. */
function commandOf({ verb, prompt, images }: ImagesWish, options: RunOptions): unknown {
  const { model, weights, attention, adapterPath, maxNewTokens, tiles, usesTextLayer } = options;
  const others = { ...given({ tiles }), ...(usesTextLayer ? {} : { usesTextLayer }) };
  return { verb, prompt, images, model, weights, attention, adapterPath, maxNewTokens, ...others };
}

async function runPictures(
  run: PicturesRun,
  pictures: readonly NamedPicture[],
  files: FileOutput | undefined,
): Promise<ExitCode> {
  const { batch } = run;
  let isWhole = false;
  try {
    const { code, wereRun } = await runEach(run, pictures);
    isWhole = wereRun && batch.left === 0;
    return code;
  } catch (error) {
    if (!(error instanceof UnwrittenAnswer)) throw error;
    await batch.fail(undefined, error);
    return 1;
  } finally {
    await files?.end(isWhole);
  }
}

/** @throws CancelledError; UnwrittenAnswer where no more answers can be written. */
async function runEach(
  { context, options, session, batch, wish: { prompt, givesRegions }, hasPath }: PicturesRun,
  pictures: readonly NamedPicture[],
): Promise<{ readonly code: ExitCode; readonly wereRun: boolean }> {
  const printing: Printing = {
    hasPath,
    show: options.show,
    isRaw: context.values.raw === true,
    isReadByPerson: context.terminal.isReadByPerson,
    givesRegions,
  };
  try {
    await batch.begin();
    await agreeToNamed(context, session, options.model);
    const model = await session.runner.prepare({ name: options.model, adapterPath: options.adapterPath });
    if (model.note !== undefined) context.terminal.note(`Note: ${model.note}`);
    const code = await batch.run(pictures.map(({ image, imagePath, failure }) => ({
      image,
      imagePath,
      failure,
      prompt,
      model,
      maxNewTokens: options.maxNewTokens,
      show: options.show,
      tiles: options.tiles,
      format: result => answerLines(image, result, printing),
      remarks: result => answerFaults(result, printing),
    })));
    return { code, wereRun: true };
  } catch (error) {
    if (error instanceof UnwrittenAnswer || error instanceof CancelledError) throw error;
    // A model that cannot be had fails every picture: once for a person, once each for a program.
    for (const image of options.json ? pictures.map(picture => picture.image) : [undefined]) {
      await batch.fail(image, error);
    }
    return { code: 1, wereRun: false };
  }
}
