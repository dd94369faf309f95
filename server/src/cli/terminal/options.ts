/** The options of the command line: the one table, how they are read, and what is wrong with them. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { existingChoices, pictureForms, singleForms } from '../../../../batch/src/forms';
import {
  attentionModes,
  deviceNames,
  weightTypes,
  type AttentionMode,
  type DeviceName,
  type WeightType,
} from '../../../../paligemma/src/facts';
import { kindNames, type KindName } from '../../../../paligemma/src/kinds/kinds';
import { evaluationMetrics } from '../../../../datasets/src/evaluation/metricName';
import { tuningMethods } from '../../contract/tuning';
import { MOST_TILES, tileChoiceOf, tilesAskedFor, type TileChoice } from '../../../../paligemma/src/tileChoice';

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface OptionRow {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** It may be given several times. */
  readonly multiple?: true;
  /** What stands for the value in help; absent for a switch. */
  readonly value?: string;
  /** The word behind the value belongs to the option too, where there is one. */
  readonly takesWord?: true;
  readonly help: string;
}

export const optionTable = {
  lang: { type: 'string', value: 'CODE', help: 'language of the answer, for example de (default: en)' },
  model: {
    type: 'string',
    value: 'ID|FOLDER|URL',
    help:
      'model by name, the folder of a checkpoint, or the address of an inference server; "demo" is the bundled one (default: the best one installed)',
  },
  device: { type: 'string', value: deviceNames.join('|'), help: 'where the model runs (default: auto)' },
  'gpu-layers': {
    type: 'string',
    value: 'N',
    help: 'layers of the model on the graphics card, the others on the CPU (default: as many as its memory holds)',
  },
  weights: {
    type: 'string',
    value: weightTypes.join('|'),
    help:
      'how weights are stored: int4 is small and fast, int8 closer, f16 for graphics cards, f32 exact (default: int4)',
  },
  adapter: { type: 'string', value: 'FOLDER', help: 'LoRA adapter (PEFT) to merge into the model' },
  attention: {
    type: 'string',
    value: attentionModes.join('|'),
    help: 'full: as the model was trained; sliding: as Hugging Face transformers runs it (default: full)',
  },
  'max-new-tokens': {
    type: 'string',
    value: 'N',
    help: 'longest answer in tokens (default: a limit that fits the task)',
  },
  show: {
    type: 'string',
    value: kindNames.join('|'),
    help:
      'what the answers are and how they are printed, for example a table in columns (default: what they look like)',
  },
  tiles: {
    type: 'string',
    value: 'auto|off|CxR',
    help:
      'ocr, detect, segment: read a large picture in parts, in columns and rows such as 3x2, or in as many as it needs (default: off)',
  },
  json: { type: 'boolean', help: 'one JSON object per line' },
  overlay: {
    type: 'string',
    value: 'FOLDER',
    help: 'also write NAME.overlay.png with boxes and masks drawn, for each picture, into this folder',
  },
  recursive: { type: 'boolean', help: 'accept folders: all pictures in them and in their subfolders' },
  'files-from': {
    type: 'string',
    value: 'FILE|-',
    help: 'also take pictures from a list: one name per line, or each ended by NUL; - is standard input',
  },
  'with-path': { type: 'boolean', help: 'print path and tab before each answer, for a single picture too' },
  raw: { type: 'boolean', help: 'print the answer as the model wrote it, on a terminal too' },
  output: {
    type: 'string',
    value: `${[...pictureForms, ...singleForms].join('|')} PATH`,
    takesWord: true,
    help:
      'write the answers into files: sidecars, yolo and voc into the folder PATH or, without one, beside the pictures; jsonl, markdown and coco into the file PATH',
  },
  existing: {
    type: 'string',
    value: existingChoices.join('|'),
    help:
      'what happens to files of --output that are there: skip runs only what is missing, so that the same command goes on where it stopped (default: skip)',
  },
  'no-text-layer': { type: 'boolean', help: 'ocr: let the model read PDF pages that bring their own text, too' },
  'no-cache': { type: 'boolean', help: 'neither look up nor store results' },
  prompt: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help:
      'bench: the prompt (default: caption en); data draft: what is asked of each picture, may be given several times',
  },
  runs: { type: 'string', value: 'N', help: 'bench: how many runs are measured (default: 5)' },
  against: {
    type: 'string',
    value: 'MODEL|ADAPTER',
    help: 'evaluate: a second model, or an adapter for the same one, that answers the same lines for comparison',
  },
  metric: {
    type: 'string',
    value: `auto|${evaluationMetrics.join('|')}`,
    help: 'evaluate: what every line is judged by (default: auto, what suits its task)',
  },
  limit: {
    type: 'string',
    value: 'N',
    help: 'evaluate: the first N lines only; tune: evaluate the first N held-out lines (default there: 200)',
  },
  report: {
    type: 'string',
    value: 'FOLDER',
    help: 'evaluate: also write a page with the worst lines beside their pictures into this folder',
  },
  all: { type: 'boolean', help: 'list: also the published checkpoints that could be downloaded' },
  revision: { type: 'string', value: 'NAME', help: 'download, remove: branch, tag or commit (default: main)' },
  to: {
    type: 'string',
    value: 'FOLDER|FORM',
    help:
      'download: the folder for the checkpoint (default: in the cache); data convert: the form of OUT (default: by its name)',
  },
  from: {
    type: 'string',
    value: 'FORM',
    help: 'data convert: the form of what is read (default: by its name and content)',
  },
  classes: {
    type: 'string',
    value: 'FILE',
    help: 'data convert: names of classes, one a line: the numbers that they have or get',
  },
  'mask-codec': {
    type: 'string',
    value: 'FILE',
    help: 'data convert: vae-oid.npz, by which masks and <seg> tokens become each other (default: that of the model)',
  },
  'keep-partial': {
    type: 'boolean',
    help: 'data convert: write pictures of which some annotations are wrong too, with the right ones',
  },
  parts: { type: 'string', value: 'NAME=SHARE,...', help: 'data split: the parts, such as train=0.8,valid=0.2' },
  seed: { type: 'string', value: 'N', help: 'data split: another number is another split (default: 0)' },
  'token-stdin': { type: 'boolean', help: 'download: read the Hugging Face access token from standard input' },
  'no-convert': { type: 'boolean', help: 'download: convert on the first run instead of now' },
  'delete-source': { type: 'boolean', help: 'download: keep the converted model only' },
  yes: { type: 'boolean', short: 'y', help: 'remove, add: do not ask' },
  'model-name': { type: 'string', value: 'NAME', help: 'add: which model of the server, if it serves several' },
  resolution: {
    type: 'string',
    value: 'N',
    help: "add: side of the pictures that the server's model takes, if it cannot be determined: 224, 448 or 896",
  },
  out: {
    type: 'string',
    value: 'FOLDER',
    help:
      'data split: where the parts go (default: beside the file); tune: a new folder for the result, or that of a training to go on with',
  },
  valid: { type: 'string', value: 'FILE', help: 'tune: held-out lines, which show what was learnt' },
  'no-evaluation': { type: 'boolean', help: 'tune: do not evaluate the held-out lines after the training' },
  method: {
    type: 'string',
    value: tuningMethods.join('|'),
    help:
      'tune: lora trains an adapter, qlora the same over a base of four bits on a graphics card, full all weights (default: lora)',
  },
  settings: { type: 'string', value: 'FILE', help: 'tune: JSON with epochs, batch, learningRate and others' },
  python: { type: 'string', value: 'PATH', help: 'tune: the Python that trains (default: the one on the PATH)' },
  fix: { type: 'boolean', help: 'check: write what has one right value; all else keeps its bytes' },
  stdio: { type: 'boolean', help: 'talk over standard input and output' },
  help: { type: 'boolean', short: 'h', help: 'show help' },
  version: { type: 'boolean', short: 'v', help: 'show the version' },
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionName = keyof typeof optionTable;
export type OptionValues = {
  readonly [K in OptionName]?: (typeof optionTable)[K] extends { readonly multiple: true } ? readonly string[]
    : (typeof optionTable)[K]['type'] extends 'string' ? string
    : boolean;
};

export interface CommandLine {
  readonly positionals: readonly string[];
  readonly values: OptionValues;
  /**
   * Where the word behind an option's value stands among the positionals, for options that may take one; absent where
   * another option, `--` or nothing stands there.
   */
  readonly wordsBehind: { readonly [K in OptionName]?: number };
}

/** @throws UsageError for an unknown option, one without its value, or one that takes a word and is given twice. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  try {
    const { positionals, values, tokens } = parseArgs({
      args: [...argv],
      options: optionTable,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
    return { positionals, values, wordsBehind: wordsBehind(tokens) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split('. To specify')[0]?.replace(/\.?$/, '.') ?? message);
  }
}

type Token = ReturnType<
  typeof parseArgs<{ tokens: true; options: typeof optionTable; allowPositionals: true }>
>['tokens'][number];

function wordsBehind(tokens: readonly Token[]): CommandLine['wordsBehind'] {
  const words: { [K in OptionName]?: number } = {};
  const places = tokens.filter(({ kind }) => kind === 'positional').map(({ index }) => index);
  const seen = new Set<OptionName>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !('takesWord' in optionTable[token.name])) continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice.`);
    seen.add(token.name);
    const word = places.indexOf(token.index + (token.inlineValue === true ? 1 : 2));
    if (word >= 0) words[token.name] = word;
  }
  return words;
}

/** Options that decide how a picture is run. */
export interface RunOptions {
  readonly model: string | undefined;
  readonly device: DeviceName;
  /** At least 0; undefined: as many as fit. */
  readonly gpuLayers: number | undefined;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  /** Absolute. */
  readonly adapterPath: string | undefined;
  /** At least 1; undefined: a limit that fits the task. */
  readonly maxNewTokens: number | undefined;
  /** Undefined: what the answers look like. */
  readonly show: KindName | undefined;
  readonly tiles: TileChoice | undefined;
  readonly json: boolean;
  /** Absolute. */
  readonly overlayPath: string | undefined;
  readonly useStore: boolean;
  readonly usesTextLayer: boolean;
}

/** @throws UsageError naming the option and what it takes. */
export function readRunOptions(values: OptionValues): RunOptions {
  const folder = (name: 'adapter' | 'overlay') => {
    const value = values[name];
    if (value === '') throw new UsageError(`--${name} needs a folder.`);
    return value === undefined ? undefined : path.resolve(value);
  };
  return {
    model: values.model,
    device: oneOf('device', deviceNames, values.device) ?? 'auto',
    gpuLayers: readLayers(values['gpu-layers']),
    weights: oneOf('weights', weightTypes, values.weights) ?? 'int4',
    attention: oneOf('attention', attentionModes, values.attention) ?? 'full',
    adapterPath: folder('adapter'),
    maxNewTokens: readCount('max-new-tokens', values['max-new-tokens']),
    show: oneOf('show', kindNames, values.show),
    tiles: readTiles(values.tiles),
    json: values.json ?? false,
    overlayPath: folder('overlay'),
    useStore: values['no-cache'] !== true,
    usesTextLayer: values['no-text-layer'] !== true,
  };
}

function readTiles(value: string | undefined): TileChoice | undefined {
  if (value === undefined) return undefined;
  const choice = tileChoiceOf(value);
  if (choice !== undefined) return choice;
  const count = tilesAskedFor(value);
  throw new UsageError(
    count === undefined
      ? `--tiles takes auto, off, or columns and rows such as 3x2, not "${value}".`
      : `--tiles ${value} would be ${count} parts; a picture is read in ${MOST_TILES} at most.`,
  );
}

/** None is a number too. */
function readLayers(value: string | undefined): number | undefined {
  return value === '0' ? 0 : readCount('gpu-layers', value);
}

/** @throws UsageError for anything that is not a language code such as `en` or `zh-CN`. */
export function readLanguage(values: OptionValues): string {
  const language = values.lang ?? 'en';
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$/.test(language)) {
    throw new UsageError(`--lang takes a language code such as en or de, not "${language}".`);
  }
  return language;
}

export function oneOf<T extends string>(
  name: OptionName,
  allowed: readonly T[],
  value: string | undefined,
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find(candidate => candidate === value);
  if (found === undefined) throw new UsageError(`--${name} takes one of ${allowed.join(', ')}, not "${value}".`);
  return found;
}

/** @throws UsageError for anything but a whole number of 1 or more; undefined where the option is absent. */
export function readCount(name: OptionName, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(`--${name} takes a whole number of 1 or more, not "${value}".`);
  }
  return count;
}
