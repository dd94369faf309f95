/** Merges a PEFT LoRA adapter into weights while they are converted. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import path from 'node:path';
import { createContext, Script } from 'node:vm';
import { Failure } from '../../../paligemma/src/failures';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILE, adapterProblem } from '../../../paligemma/src/folderContents';
import { shown } from '../../../paligemma/src/shown';
import { adapterKeys } from './adapterKeys';
import type { Checkpoint } from './checkpoint';
import { readFolderFacts } from './folderFacts';
import { keyFault } from './keyTable';
import { canonicalName } from './names';
import { readPlainFile } from '../../../system/src/plainFile';
import { readSafetensorsHeader, TensorReader } from './safetensors';

/** Written ones have a few kilobytes. */
const MAX_CONFIG_BYTES = 4 * 2 ** 20;
/** All matrices of an adapter are held in memory; those of rank 64 for the 3B model have 0.4 GB. */
const MAX_MATRIX_BYTES = 4 * 2 ** 30;
/**
 * For one pattern on one name, milliseconds. Real ones take less than one; one that backtracks without end is
 * somebody's malice.
 */
const PATTERN_LIMIT_MS = 2_000;

export interface Adapter {
  /** Whether it changes the tensor of this canonical name. */
  readonly changes: (canonicalName: string) => boolean;
  /** Adds scale · B · A to the rows `start …` of a tensor, in place; leaves tensors without an adapter alone. */
  readonly merge: (canonicalName: string, start: number, values: Float32Array) => void;
  /** @throws Failure adapterInvalid where a pair of matrices met no tensor of the model. */
  readonly checkAllUsed: () => void;
}

interface Pair {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
  readonly columns: number;
  readonly scale: number;
}

/**
 * Opens `adapter_config.json` and `adapter_model.safetensors`. W ← W + s · B · A with s = alpha / r, or alpha / √r with
 * rsLoRA. Names of all generations of PEFT and transformers are understood.
 * @throws Failure adapterInvalid; of the model kinds for a damaged file.
 * Source: huggingface/peft `tuners/lora/layer.py`.
 */
export async function openAdapter(folder: string, checkpoint: Checkpoint): Promise<Adapter> {
  const problem = adapterProblem(await readFolderFacts(folder));
  if (problem !== undefined) {
    throw new Failure(problem.reason, l10n.t('{0} cannot be used as an adapter. {1}', folder, problem.problem));
  }
  const config = await readAdapterConfig(folder);
  const pairs = await readPairs(folder, config, checkpoint);
  const used = new Set<string>();
  const merge: Adapter['merge'] = (name, start, values) => {
    const pair = pairs.get(name);
    if (pair === undefined) return;
    used.add(name);
    addProduct(values, start, pair);
  };
  const checkAllUsed = () => {
    const missed = [...pairs.keys()].filter(name => !used.has(name));
    if (missed.length > 0) throw strange(folder, missed[0]!, checkpoint);
  };
  return {
    changes: name => pairs.has(name),
    merge,
    checkAllUsed,
  };
}

function strange(folder: string, name: string, checkpoint: Checkpoint): Failure {
  return invalid(
    folder,
    l10n.t(
      'It adapts {0}, which {1} does not have: it was trained on another model.',
      shown(name),
      path.basename(checkpoint.folder),
    ),
  );
}

interface AdapterConfig {
  readonly r: number;
  readonly lora_alpha: number;
  readonly use_rslora?: boolean;
  readonly rank_pattern?: Readonly<Record<string, number>>;
  readonly alpha_pattern?: Readonly<Record<string, number>>;
}

async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  let value: unknown;
  try {
    value = JSON.parse(
      (await readPlainFile(path.join(folder, ADAPTER_CONFIG_FILE), MAX_CONFIG_BYTES)).toString('utf8'),
    );
    if (!isRecord(value)) throw new Error('it holds no JSON object');
  } catch (error) {
    throw new Failure(
      'adapterInvalid',
      l10n.t(
        'The adapter folder {0} has no readable adapter_config.json. Name the folder that PEFT’s save_pretrained wrote.',
        folder,
      ),
      { cause: error },
    );
  }
  if (value['peft_type'] !== 'LORA') {
    throw invalid(folder, l10n.t('Its peft_type is {0}; only LORA can be merged.', shown(value['peft_type'])));
  }
  const fault = keyFault(value, adapterKeys, '');
  if (fault !== undefined) throw invalid(folder, l10n.t('In its adapter_config.json {0}', fault));
  const isCount = (entry: unknown) => typeof entry === 'number' && Number.isFinite(entry) && entry > 0;
  for (const key of ['rank_pattern', 'alpha_pattern'] as const) {
    const pattern = value[key] ?? {};
    if (typeof pattern !== 'object' || Array.isArray(pattern)) {
      throw invalid(folder, l10n.t('{0} in adapter_config.json is not an object.', key));
    }
  }
  if (!isCount(value['r']) || !isCount(value['lora_alpha'])) {
    throw invalid(folder, l10n.t('Its adapter_config.json lacks r or lora_alpha.'));
  }
  return value as unknown as AdapterConfig;
}

/** A trainer's wrappers may stand in front, as in `names.ts`. */
const MATRIX_NAME =
  /^(?:module\.|_orig_mod\.|_forward_module\.|_fsdp_wrapped_module\.)*base_model\.model\.(.+)\.lora_([AB])\.(?:default\.)?weight$/;

async function readPairs(
  folder: string,
  config: AdapterConfig,
  checkpoint: Checkpoint,
): Promise<Map<string, Pair>> {
  const file = path.join(folder, ADAPTER_FILE);
  const reader = new TensorReader();
  const halves = new Map<string, Partial<Record<'a' | 'b', Half>>>();
  try {
    const { tensors, others } = await readSafetensorsHeader(file);
    const [whole] = others;
    if (whole !== undefined) {
      throw invalid(
        folder,
        l10n.t(
          'Its tensor {0} is stored as {1}; only bf16, f16 and f32 are read.',
          shown(whole.name),
          shown(whole.dtype),
        ),
      );
    }
    const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > MAX_MATRIX_BYTES) {
      throw invalid(folder, l10n.t('Its matrices have {0} bytes, more than {1}.', bytes, MAX_MATRIX_BYTES));
    }
    for (const tensor of tensors) {
      const match = MATRIX_NAME.exec(tensor.name);
      const name = match?.[1] === undefined ? undefined : canonicalName(`${match[1]}.weight`);
      if (name === undefined || match === null) {
        throw invalid(
          folder,
          l10n.t('It holds the tensor {0}, which is not part of a LoRA for PaliGemma 2.', shown(tensor.name)),
        );
      }
      if (!checkpoint.shapes.has(name)) throw strange(folder, name, checkpoint);
      const half = halves.get(name) ?? {};
      half[match[2] === 'A' ? 'a' : 'b'] = { values: await reader.all(tensor), shape: tensor.shape, module: match[1]! };
      halves.set(name, half);
    }
  } finally {
    await reader.close();
  }
  return new Map([...halves].map(([name, both]) => [name, pairOf(folder, name, both, config, checkpoint)]));
}

interface Half {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Name of the adapted module as the adapter has it: what the patterns of its config are matched against. */
  readonly module: string;
}

function pairOf(
  folder: string,
  name: string,
  { a, b }: Partial<Record<'a' | 'b', Half>>,
  config: AdapterConfig,
  { shapes }: Checkpoint,
): Pair {
  if (a === undefined || b === undefined) {
    throw invalid(folder, l10n.t('One of the two matrices for {0} is missing.', name));
  }
  checkFit(folder, name, a.shape, b.shape, shapes.get(name) ?? []);
  const [rank = 0, columns = 0] = a.shape;
  const expectedRank = patternValue(folder, config.rank_pattern, a.module) ?? config.r;
  if (expectedRank !== rank) {
    throw invalid(
      folder,
      l10n.t('The matrices for {0} have rank {1}, but adapter_config.json says {2}.', name, rank, expectedRank),
    );
  }
  return { a: a.values, b: b.values, rank, columns, scale: scaleOf(folder, config, a.module, rank) };
}

/** A is [r, columns], B is [rows, r], and the tensor is [rows, columns]. */
function checkFit(
  folder: string,
  name: string,
  a: readonly number[],
  b: readonly number[],
  tensor: readonly number[],
): void {
  const [rank = 0, columns = 0] = a;
  const [rows = 0, rankOfB = 0] = b;
  if (a.length !== 2 || b.length !== 2 || rank === 0 || rank !== rankOfB) {
    throw invalid(
      folder,
      l10n.t('The two matrices for {0}, {1} and {2}, do not fit each other.', name, shapeText(a), shapeText(b)),
    );
  }
  if (tensor.length !== 2 || rows !== tensor[0] || columns !== tensor[1]) {
    throw invalid(
      folder,
      l10n.t(
        'Its matrices for {0} make {1}, but the model has {2}; it was trained on another model.',
        name,
        shapeText([rows, columns]),
        shapeText(tensor),
      ),
    );
  }
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}]`;
}

function scaleOf(folder: string, config: AdapterConfig, module: string, rank: number): number {
  const alpha = patternValue(folder, config.alpha_pattern, module) ?? config.lora_alpha;
  return config.use_rslora === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

/**
 * The value of the first key that matches the module's name or what follows one of its dots; keys are regular
 * expressions.
 * @throws Failure adapterInvalid for a pattern that is broken, or takes seconds.
 * Source: huggingface/peft `utils/other.py`, get_pattern_key: `(.*\.)?(key)$`.
 */
export function patternValue(
  folder: string,
  pattern: Readonly<Record<string, number>> | undefined,
  module: string,
): number | undefined {
  for (const [key, value] of Object.entries(pattern ?? {})) {
    let isMatch: boolean;
    try {
      isMatch = matchesInTime(`^(?:.*\\.)?(?:${key})$`, module);
    } catch (error) {
      throw invalid(
        folder,
        l10n.t(
          'The pattern {0} in adapter_config.json is not a regular expression that this program understands, or it takes too long.',
          shown(key),
        ),
        error,
      );
    }
    if (!isMatch) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || !(value > 0)) {
      throw invalid(folder, l10n.t('The pattern {0} in adapter_config.json has no positive number.', shown(key)));
    }
    return value;
  }
  return undefined;
}

const matchScript = new Script('new RegExp(pattern).test(text)');

/**
 * Whether the pattern of somebody's file matches: a bad one would keep the thread busy for years, and only a script's
 * time limit ends it. @throws Error.
 */
function matchesInTime(pattern: string, text: string): boolean {
  return matchScript.runInContext(createContext({ pattern, text }), { timeout: PATTERN_LIMIT_MS }) as boolean;
}

/** Products are summed in float64 and rounded once, as a merge in double precision does. */
function addProduct(values: Float32Array, start: number, { a, b, rank, columns, scale }: Pair): void {
  const sum = new Float64Array(columns);
  for (let row = 0; row * columns < values.length; row++) {
    sum.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = b[(start + row) * rank + k]!;
      for (let column = 0; column < columns; column++) sum[column] = sum[column]! + factor * a[k * columns + column]!;
    }
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = values[row * columns + column]! + scale * sum[column]!;
    }
  }
}

/** @param complaint A sentence. */
function invalid(folder: string, complaint: string, cause?: unknown): Failure {
  return new Failure('adapterInvalid', l10n.t('The adapter in {0} cannot be used. {1}', folder, complaint), {
    cause,
  });
}
