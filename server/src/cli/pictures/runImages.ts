/** Runs one prompt on each picture that was named. */
import path from 'node:path';
import { nearestOnDisk } from '../../util/spelling';
import { Batch } from './batch';
import { readRunOptions } from '../terminal/options';
import { textLine } from '../terminal/output';
import { agreeToNamed } from '../terminal/serverConsent';
import { openSession } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** @throws CancelledError after a signal; UsageError. */
export async function runImages(context: VerbContext, prompt: string, images: readonly string[]): Promise<ExitCode> {
  const options = readRunOptions(context.values);
  const session = openSession(context, options);
  const batch = new Batch(context, session, options);
  const hasSeveral = images.length > 1;
  try {
    await batch.begin();
    await agreeToNamed(context, session, options.model);
    const model = await session.runner.prepare({ name: options.model, adapterPath: options.adapterPath });
    if (model.note !== undefined) context.terminal.note(`Note: ${model.note}`);
    return await batch.run(images.map(image => ({
      image,
      imagePath: nearestOnDisk(path.resolve(image)),
      prompt,
      model,
      maxNewTokens: options.maxNewTokens,
      format: result => textLine(image, result, hasSeveral),
    })));
  } catch (error) {
    // A model that cannot be had fails every picture: once for a person, once each for a program.
    for (const image of options.json ? images : [undefined]) await batch.fail(image, error);
    return 1;
  } finally {
    await session.close();
  }
}
