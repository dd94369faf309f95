import { runSubVerb, subVerbHelp, subVerbOptions, type SubVerbs } from '../terminal/subVerbs';
import type { Verb } from '../terminal/verb';

/** Loaded one by one, so that help and mistakes are answered without them. */
const subVerbs: SubVerbs = {
  list: {
    usage: '',
    summary: 'the models on this machine, the preferred one first; --all: what could be downloaded',
    options: ['json', 'all'],
    takes: [0, 0],
    run: async context => (await import('./modelsList')).listModels(context),
  },
  download: {
    usage: 'ID',
    summary: 'get a checkpoint from Hugging Face and convert it; continues where it was interrupted',
    takes: [1, 1],
    options: ['json', 'revision', 'to', 'token-stdin', 'no-convert', 'delete-source', 'weights', 'attention', 'device'],
    run: async (context, [id = '']) => (await import('./modelsDownload')).downloadModel(context, id),
  },
  add: {
    usage: 'FOLDER|URL',
    summary: 'register a folder where it is, an adapter too, or a model of an inference server; nothing is copied',
    options: ['json', 'model', 'model-name', 'resolution', 'yes'],
    takes: [1, 1],
    run: async (context, [word = '']) => (await import('./modelsAdd')).addFolderOrServer(context, word),
  },
  verify: {
    usage: 'ID',
    summary: 'compare every file with its known hash; ask a server again',
    options: ['json'],
    takes: [1, 1],
    run: async (context, [id = '']) => (await import('./modelsVerify')).verify(context, id),
  },
  remove: {
    usage: 'ID',
    summary: 'delete what was downloaded and converted; a folder that was added stays, a server gets no more pictures',
    options: ['json', 'revision', 'yes'],
    takes: [1, 1],
    run: async (context, [id = '']) => (await import('./modelsRemove')).removeInstalled(context, id),
  },
};

export const models: Verb = {
  name: 'models',
  usage: 'models [ACTION] ...',
  summary: 'list, download, add, verify and remove models',
  details: [
    '',
    ...subVerbHelp(subVerbs, 14),
    '',
    'Columns of the list: name, kind (mix: all tasks, ft: one task, pt: to be fine-tuned), picture side, size on disk, weights already converted, folder;',
    'with --all: download, memory needed at int4, and the weight types that this machine has memory for.',
    'Licensed checkpoints need an access token: HF_TOKEN, "hf auth login", or --token-stdin; never as an argument.',
    'An adapter (PEFT) is added with the model that it was trained on: the one that its config names, or --model.',
    'A server gets pictures only after you have agreed to it here; its key comes from PALIGEMMA_API_KEY. Several servers of one model: URL,URL.',
    'HF_ENDPOINT names a mirror; HTTPS_PROXY and NO_PROXY are respected, as are certificates from NODE_EXTRA_CA_CERTS.',
  ],
  options: subVerbOptions(subVerbs),
  async run(context) {
    const [name = 'list', ...words] = context.positionals;
    return runSubVerb('models', subVerbs, name, words, context);
  },
};
