import { UsageError } from '../terminal/options';
import { runSubVerb, subVerbHelp, subVerbOptions, type SubVerbs } from '../terminal/subVerbs';
import { runOptionNames, type Verb } from '../terminal/verb';

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
  convert: {
    usage: 'IN... OUT',
    summary: 'the same data set in another form, masks included',
    options: ['json', 'from', 'to', 'classes', 'mask-codec', 'keep-partial', 'existing'],
    takes: [2, Infinity],
    run: async (context, words) => (await import('./dataConvert')).convertSets(context, words),
  },
  split: {
    usage: 'FILE',
    summary: 'a file of lines in parts, copies of a picture together in one',
    options: ['json', 'parts', 'seed', 'out', 'existing'],
    takes: [1, 1],
    run: async (context, words) => (await import('./dataSplit')).splitSet(context, words),
  },
  draft: {
    usage: 'FOLDER OUT.jsonl',
    summary: 'lines by the model for all pictures of a folder, to be looked at by a person',
    options: ['prompt', 'existing', ...runOptionNames],
    takes: [2, 2],
    run: async (context, words) => (await import('./dataDraft')).draftLines(context, words),
  },
};

export const data: Verb = {
  name: 'data',
  usage: 'data ACTION ...',
  summary: 'data sets: what is wrong with them and in them, other forms, parts, first drafts',
  details: ['', ...subVerbHelp(subVerbs, 20)],
  options: subVerbOptions(subVerbs),
  async run(context) {
    const [name, ...words] = context.positionals;
    if (name === undefined) throw new UsageError(`data needs a word: ${Object.keys(subVerbs).join(', ')}.`);
    return runSubVerb('data', subVerbs, name, words, context);
  },
};
