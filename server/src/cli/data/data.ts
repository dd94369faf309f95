import { UsageError } from '../terminal/options';
import { runSubVerb, subVerbHelp, subVerbOptions, type SubVerbs } from '../terminal/subVerbs';
import type { Verb } from '../terminal/verb';

/** Loaded one by one, so that help and mistakes are answered without them. */
const subVerbs: SubVerbs = {
  check: {
    usage: 'FILE|FOLDER...',
    summary: 'what is wrong with lines and pictures, before a training finds out; --fix: write what is certain',
    options: ['json', 'model', 'fix'],
    takes: [1, Infinity],
    run: async (context, words) => (await import('./dataCheck')).checkData(context, words),
  },
  stats: {
    usage: 'FILE...',
    summary: 'how many lines, pictures, labels, prefixes and tokens there are',
    options: ['json', 'model'],
    takes: [1, Infinity],
    run: async (context, files) => (await import('./dataStats')).tellStats(context, files),
  },
};

export const data: Verb = {
  name: 'data',
  usage: 'data ACTION ...',
  summary: 'data sets: what is in them, other forms of them, parts of them, first drafts',
  details: ['', ...subVerbHelp(subVerbs, 20)],
  options: subVerbOptions(subVerbs),
  async run(context) {
    const [name, ...words] = context.positionals;
    if (name === undefined) throw new UsageError(`data needs a word: ${Object.keys(subVerbs).join(', ')}.`);
    return runSubVerb('data', subVerbs, name, words, context);
  },
};
