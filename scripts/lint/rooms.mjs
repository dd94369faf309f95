/**
 * The rooms of the house, floor by floor. A file may import what lies in its own folder and what lies on a floor below,
 * never beside or above: so no circle of folders can come to be. The law between processes: contracts say what travels,
 * `paligemma/` says what is true, `metrics/` how right it is, `datasets/` what a data set says, `system/` asks the system for what may wait, `net/` speaks HTTP,
 * `batch/` writes answers into files, `drawings/` draws what pages cannot, nothing else is shared.
 * @typedef {'pure' | 'page' | 'node' | 'editor' | 'host'} Surroundings What a room may take from outside.
 */

/** What is known everywhere: no Node.js, no page, no editor. */
const groundFloor = [
  ['paligemma/src', 'paligemma/src/chemistry', 'paligemma/src/kern'],
  ['paligemma/src/kinds'],
  ['paligemma/src/answers', 'paligemma/src/results', 'paligemma/src/tiles'],
];

/** Lines of data sets and their forms, what is wrong with them, how they are changed and split, and how right answers to them are. */
const datasetRooms = ['lines', 'findings', 'forms', 'splits', 'evaluation', 'edits'].map(room =>
  `datasets/src/${room}`
);

/**
 * Each process, and what several of them share to read data sets, to judge answers, to ask the system, to speak HTTP and to write files: its floors from the ground up, what its rooms may take from outside, and the rooms of others whose
 * contracts it knows.
 * @type {readonly { name: string, knows: readonly string[], surroundings: Surroundings, floors: readonly (readonly string[])[] }[]}
 */
const processes = [
  {
    name: 'metrics',
    knows: [],
    surroundings: 'pure',
    floors: [['common'], ['captions', 'tables'], ['.']],
  },
  {
    name: 'datasets',
    knows: ['metrics/src/common', 'metrics/src/captions', 'metrics/src'],
    surroundings: 'pure',
    floors: [['lines'], ['findings', 'forms', 'splits', 'evaluation'], ['edits']],
  },
  { name: 'system', knows: [], surroundings: 'node', floors: [['.']] },
  { name: 'net', knows: [], surroundings: 'node', floors: [['.']] },
  { name: 'batch', knows: ['system/src'], surroundings: 'node', floors: [['.']] },
  { name: 'drawings', knows: ['system/src'], surroundings: 'node', floors: [['molecules', 'music']] },
  {
    name: 'model-host',
    knows: ['system/src', 'net/src'],
    surroundings: 'host',
    floors: [
      ['contract'],
      ['util', 'checkpoint', 'wire'],
      ['manifest', 'graph', 'image'],
      ['output', 'runtime'],
      ['tokenizer', 'runtime/threads'],
      ['convert', 'model', 'generation'],
      ['onnxFolder'],
      ['engines'],
      ['engines/remote'],
      ['.'],
    ],
  },
  {
    name: 'server',
    knows: [
      'metrics/src/common',
      'metrics/src/captions',
      'metrics/src',
      ...datasetRooms,
      'system/src',
      'net/src',
      'batch/src',
      'model-host/src/contract',
    ],
    surroundings: 'node',
    floors: [
      ['contract'],
      ['util', 'language/text'],
      ['language/syntax', 'imageLinks'],
      ['language/knowledge'],
      ['language/findings'],
      ['language/features', 'language/dataSets', 'workspace', 'host', 'dataSets'],
      ['models/folders'],
      ['models/servers', 'models/download'],
      ['models/catalog'],
      ['tuning'],
      ['runs'],
      ['dataSets/sources'],
      ['dataSets/targets', 'dataSets/splits', 'dataSets/checks'],
      ['evaluation'],
      ['evaluation/report'],
      ['lsp/connection', 'cli/terminal'],
      ['lsp/pictures'],
      ['lsp/requests', 'lsp/promptFiles', 'lsp/imageLinks', 'lsp/dataSets', 'cli/pictures', 'cli/models', 'cli/bench'],
      ['cli/data'],
      ['lsp', 'cli/evaluate'],
      ['cli/tune'],
      ['cli'],
    ],
  },
  {
    name: 'client',
    knows: [
      ...datasetRooms,
      'system/src',
      'batch/src',
      'drawings/src/molecules',
      'drawings/src/music',
      'model-host/src/contract',
      'server/src/contract',
    ],
    surroundings: 'editor',
    floors: [
      ['contract', 'common'],
      ['errors', 'progress'],
      ['connection'],
      ['altText', 'images', 'models'],
      ['viewer', 'results'],
      ['runs', 'evaluation'],
      ['batch', 'ocr', 'tuning'],
      ['results/view', 'dataSet'],
      ['commands'],
      ['.'],
    ],
  },
  {
    name: 'media',
    knows: [...datasetRooms, 'model-host/src/contract', 'client/src/contract'],
    surroundings: 'page',
    floors: [['dom'], ['viewer/kinds', 'clipboard'], ['viewer'], ['grid'], ['results', 'dataSet']],
  },
];

/** The folders of all sources, from the root of the repository. */
export const sourceRoots = ['paligemma/src', ...processes.map(({ name }) => rootOf(name))];

function rootOf(name) {
  return name === 'media' ? 'media' : `${name}/src`;
}

/** Rooms of a process that are as free as the ground floor. */
const pure = [/\/contract$/, /^server\/src\/language\//, /^server\/src\/imageLinks$/];

/**
 * Every room with what it may import.
 * @type {readonly { folder: string, mayImport: readonly string[], surroundings: Surroundings }[]}
 */
export const rooms = [
  ...climb(groundFloor, []).map(room => ({ ...room, surroundings: /** @type {const} */ ('pure') })),
  ...processes.flatMap(({ name, knows, surroundings, floors }) => {
    const root = rootOf(name);
    const paths = floors.map(floor => floor.map(room => (room === '.' ? root : `${root}/${room}`)));
    return climb(paths, [...groundFloor.flat(), ...knows]).map(room => ({
      ...room,
      surroundings: pure.some(pattern => pattern.test(room.folder)) ? /** @type {const} */ ('pure') : surroundings,
    }));
  }),
];

/** Each room of `floors` with those below it, and with what lies below all of them. */
function climb(floors, below) {
  const known = [...below];
  return floors.flatMap(floor => {
    const reachable = [...known];
    known.push(...floor);
    return floor.map(folder => ({ folder, mayImport: reachable }));
  });
}
