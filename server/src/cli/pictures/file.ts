import { UsageError } from '../terminal/options';
import { runOptionNames, type Verb } from '../terminal/verb';

export const file: Verb = {
  name: 'file',
  usage: 'file FILE.paligemma|-',
  summary: 'run every prompt of a prompt file',
  details: [
    '- is standard input; its paths start from the current folder. UTF-8, or UTF-16 with a byte order mark.',
    'In text mode each line holds picture, prompt and answer, separated by tabs. @model and @set take precedence over options.',
    'An answer that is not the expected one (=>) is reported on standard error and makes the exit code 1.',
  ],
  options: runOptionNames,
  async run(context) {
    const [filePath, ...more] = context.positionals;
    if (filePath === undefined || more.length > 0) throw new UsageError('One prompt file is needed.');
    const { runFile } = await import('./runFile');
    return runFile(context, filePath);
  },
};
