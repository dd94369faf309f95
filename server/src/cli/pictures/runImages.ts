/** Runs one prompt on each picture that was named. */
import { Batch } from './batch';
import { namedPictures, type PictureWords } from './namedPictures';
import { readRunOptions } from '../terminal/options';
import { regionLines, textLine } from '../terminal/output';
import { agreeToNamed } from '../terminal/serverConsent';
import { openSession } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

export interface ImagesWish {
  readonly prompt: string;
  /** Whether answers are regions, which a person reads as columns. */
  readonly givesRegions: boolean;
  readonly images: PictureWords;
}

/** @throws CancelledError after a signal; UsageError; Failure where a list of pictures cannot be read. */
export async function runImages(
  context: VerbContext,
  { prompt, givesRegions, images }: ImagesWish,
): Promise<ExitCode> {
  const options = readRunOptions(context.values);
  const { pictures, isOpen } = await namedPictures(images, context.interrupt.token);
  // Never by how many there happen to be today: scripts read the columns.
  const hasPath = context.values['with-path'] === true || isOpen || pictures.length > 1;
  const hasColumns = givesRegions && context.values.raw !== true && context.terminal.isReadByPerson;
  const session = openSession(context, options);
  const batch = new Batch(context, session, options);
  try {
    await batch.begin();
    await agreeToNamed(context, session, options.model);
    const model = await session.runner.prepare({ name: options.model, adapterPath: options.adapterPath });
    if (model.note !== undefined) context.terminal.note(`Note: ${model.note}`);
    return await batch.run(pictures.map(({ image, imagePath, failure }) => ({
      image,
      imagePath,
      failure,
      prompt,
      model,
      maxNewTokens: options.maxNewTokens,
      format: result => hasColumns ? regionLines(image, result, hasPath) : [textLine(image, result, hasPath)],
    })));
  } catch (error) {
    // A model that cannot be had fails every picture: once for a person, once each for a program.
    for (const image of options.json ? pictures.map(picture => picture.image) : [undefined]) {
      await batch.fail(image, error);
    }
    return 1;
  } finally {
    await session.close();
  }
}
