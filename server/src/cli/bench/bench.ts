import { readCount, readRunOptions, UsageError } from '../terminal/options';
import type { Verb } from '../terminal/verb';

const DEFAULT_RUNS = 5;
const MOST_RUNS = 1000;

export const bench: Verb = {
  name: 'bench',
  usage: 'bench [IMAGE]',
  summary: 'measure how fast a model answers on this machine, and how much memory it takes',
  details: [
    'Runs one prompt on one picture, a sample picture if none is named, several times after a first run that is not counted.',
    'No stored result is used, and none is stored. Times are in milliseconds: the median, the fastest and the slowest run.',
  ],
  options: ['prompt', 'runs', 'model', 'device', 'weights', 'adapter', 'attention', 'max-new-tokens', 'json'],
  async run(context) {
    const [image, ...more] = context.positionals;
    if (more.length > 0 || image === '') throw new UsageError('At most one picture can be named.');
    const options = readRunOptions(context.values);
    const runs = readCount('runs', context.values.runs) ?? DEFAULT_RUNS;
    if (runs > MOST_RUNS) throw new UsageError(`--runs takes at most ${MOST_RUNS}.`);
    // Loaded here, so that help and mistakes are answered without it.
    const { runBench } = await import('./runBench');
    return runBench(context, { image, prompt: context.values.prompt?.at(-1) ?? 'caption en', runs, options });
  },
};
