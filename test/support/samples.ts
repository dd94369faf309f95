/** The sample pictures and the answers that the reference implementation gave on them in float32. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const samplesFolder = path.resolve('media/samples');

interface Sample {
  readonly image: string;
  /** Prompt → suffix. */
  readonly answers: Readonly<Record<string, string>>;
}

const samples = JSON.parse(readFileSync(path.join(samplesFolder, 'samples.json'), 'utf8')) as readonly Sample[];

export const sampleImages: readonly string[] = samples.map(sample => sample.image);

/** Absolute path of a sample picture such as `01.png`. */
export function samplePath(image: string): string {
  return path.join(samplesFolder, image);
}

/** The recorded answer. @throws Error where none was recorded: a test that compares with nothing must not pass. */
export function recordedAnswer(image: string, prompt: string): string {
  const answer = samples.find(sample => sample.image === image)?.answers[prompt];
  if (answer === undefined) throw new Error(`no recorded answer of ${image} to "${prompt}"`);
  return answer;
}

/** Prompts of a picture that start with these words, with their answers. */
export function recordedPrompts(image: string, start: string): readonly (readonly [prompt: string, suffix: string])[] {
  return Object.entries(samples.find(sample => sample.image === image)?.answers ?? {}).filter(([prompt]) =>
    prompt.startsWith(start)
  );
}
