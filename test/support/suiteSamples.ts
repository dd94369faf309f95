/** Recorded answers for a suite inside the extension host, whose working folder is the editor's own. */
import { readFileSync } from 'node:fs';

/** Environment variable that names media/samples/samples.json. */
export const SAMPLES_FILE = 'PALIGEMMA_SUITE_SAMPLES';

/** Prompt → suffix of one sample picture. @throws Error where nothing was recorded. */
export function samplesOf(image: string): Readonly<Record<string, string>> {
  const samples = JSON.parse(readFileSync(process.env[SAMPLES_FILE] ?? '', 'utf8')) as readonly {
    readonly image: string;
    readonly answers: Readonly<Record<string, string>>;
  }[];
  const answers = samples.find(sample => sample.image === image)?.answers;
  if (answers === undefined) throw new Error(`no recorded answers on ${image}`);
  return answers;
}
