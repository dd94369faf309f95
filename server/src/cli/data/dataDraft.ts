/** `paligemma data draft`: a first line for each picture of a folder, by the model, marked until a person has looked at it. */
import path from 'node:path';
import { existingChoices } from '../../../../batch/src/forms';
import { runImages } from '../pictures/runImages';
import { oneOf, UsageError } from '../terminal/options';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** One prompt after the other; each of them goes on where it stopped. */
export async function draftLines(context: VerbContext, [folder = '', out = '']: readonly string[]): Promise<ExitCode> {
  const { values } = context;
  const prompts = [...new Set(values.prompt ?? [])];
  const existing = oneOf('existing', existingChoices, values.existing) ?? 'skip';
  if (existing === 'rename') throw new UsageError('--existing of data draft takes skip or overwrite.');
  if (prompts.length === 0) throw new UsageError('data draft needs --prompt, which is asked of each picture.');
  if (path.extname(out) !== '.jsonl') {
    throw new UsageError(`data draft writes JSON Lines: "${out}" should end in .jsonl.`);
  }
  let code: ExitCode = 0;
  for (const [index, prompt] of prompts.entries()) {
    const ended = await runImages(context, {
      verb: 'data draft',
      prompt,
      givesRegions: false,
      images: { words: [folder], isRecursive: true, needsNames: true },
      output: {
        form: 'jsonl',
        place: path.resolve(out),
        // The first prompt replaces what was there; the others come behind it.
        existing: index === 0 ? existing : 'skip',
        areDrafts: true,
      },
    });
    if (ended !== 0) code = ended;
  }
  return code;
}
