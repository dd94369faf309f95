/** Merges a PEFT LoRA adapter into weights while they are converted. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { HostError } from '../contract/errors';
import type { Checkpoint } from './checkpoint';
import { canonicalName } from './names';
import { readSafetensorsHeader, TensorReader } from './safetensors';

export interface Adapter {
  /** Adds scale · B · A to the rows `start …` of a tensor, in place; leaves tensors without an adapter alone. */
  readonly merge: (canonicalName: string, start: number, values: Float32Array, columns: number) => void;
  /** @throws HostError adapterInvalid where a pair of matrices met no tensor of the model. */
  readonly checkAllUsed: () => void;
}

interface Pair {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly rank: number;
  readonly rows: number;
  readonly columns: number;
  readonly scale: number;
}

/**
 * Opens `adapter_config.json` and `adapter_model.safetensors`. W ← W + s · B · A with s = alpha / r, or alpha / √r with
 * rsLoRA. Names of all generations of PEFT and transformers are understood.
 * @throws HostError adapterInvalid. Source: huggingface/peft `tuners/lora/layer.py`.
 */
export async function openAdapter(folder: string, checkpoint: Checkpoint): Promise<Adapter> {
  const config = await readAdapterConfig(folder);
  const pairs = await readPairs(folder, config);
  const used = new Set<string>();
  const merge: Adapter['merge'] = (name, start, values, columns) => {
    const pair = pairs.get(name);
    if (pair === undefined) return;
    if (pair.columns !== columns) throw invalid(folder, `its matrices for ${name} have ${pair.columns} columns, the model's ${columns}`);
    used.add(name);
    addProduct(values, start, pair);
  };
  const checkAllUsed = () => {
    const missed = [...pairs.keys()].filter(name => !used.has(name));
    if (missed.length > 0) throw invalid(folder, `it adapts ${missed[0]} and ${missed.length - 1} other tensors that ${path.basename(checkpoint.folder)} does not have`);
  };
  return { merge, checkAllUsed };
}

interface AdapterConfig {
  readonly r: number;
  readonly lora_alpha: number;
  readonly use_rslora?: boolean;
  readonly rank_pattern?: Readonly<Record<string, number>>;
  readonly alpha_pattern?: Readonly<Record<string, number>>;
}

async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(await readFile(path.join(folder, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new HostError('adapterInvalid', `The adapter folder ${folder} has no readable adapter_config.json. Give the folder that PEFT's save_pretrained wrote.`, { cause: error });
  }
  if (value['peft_type'] !== 'LORA') throw invalid(folder, `its peft_type is ${JSON.stringify(value['peft_type'])}; only LORA can be merged`);
  for (const key of ['use_dora', 'fan_in_fan_out'] as const) if (value[key] === true) throw invalid(folder, `it uses ${key}, which cannot be merged`);
  if (Array.isArray(value['modules_to_save']) && value['modules_to_save'].length > 0) throw invalid(folder, 'it replaces whole modules (modules_to_save); merge it with PEFT first and use the merged checkpoint');
  const isCount = (entry: unknown) => typeof entry === 'number' && entry > 0;
  if (!isCount(value['r']) || !isCount(value['lora_alpha'])) throw invalid(folder, 'r or lora_alpha is missing in adapter_config.json');
  return value as unknown as AdapterConfig;
}

async function readPairs(folder: string, config: AdapterConfig): Promise<Map<string, Pair>> {
  const file = path.join(folder, 'adapter_model.safetensors');
  const reader = new TensorReader();
  const halves = new Map<string, Partial<Record<'a' | 'b', Half>>>();
  try {
    for (const tensor of await readSafetensorsHeader(file)) {
      const match = /^base_model\.model\.(.+)\.lora_([AB])\.(?:default\.)?weight$/.exec(tensor.name);
      const name = match?.[1] === undefined ? undefined : canonicalName(`${match[1]}.weight`);
      if (name === undefined || match === null) throw invalid(folder, `it holds the tensor ${tensor.name}, which is not part of a LoRA for PaliGemma 2`);
      const half = halves.get(name) ?? {};
      half[match[2] === 'A' ? 'a' : 'b'] = { values: await reader.all(tensor), shape: tensor.shape, module: match[1]! };
      halves.set(name, half);
    }
  } finally {
    await reader.close();
  }
  return new Map([...halves].map(([name, { a, b }]) => [name, pairOf(folder, name, a, b, config)]));
}

interface Half {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  /** Name of the adapted module as the adapter has it: what the patterns of its config are matched against. */
  readonly module: string;
}

function pairOf(folder: string, name: string, a: Half | undefined, b: Half | undefined, config: AdapterConfig): Pair {
  if (a === undefined || b === undefined) throw invalid(folder, `one of the two matrices for ${name} is missing`);
  const [rank = 0, columns = 0] = a.shape;
  const [rows = 0, rankOfB = 0] = b.shape;
  if (rank === 0 || rank !== rankOfB) throw invalid(folder, `the two matrices for ${name} do not fit each other`);
  const expectedRank = patternValue(folder, config.rank_pattern, a.module) ?? config.r;
  if (expectedRank !== rank) throw invalid(folder, `the matrices for ${name} have rank ${rank}, adapter_config.json says ${expectedRank}`);
  return { a: a.values, b: b.values, rank, rows, columns, scale: scaleOf(folder, config, a.module, rank) };
}

function scaleOf(folder: string, config: AdapterConfig, module: string, rank: number): number {
  const alpha = patternValue(folder, config.alpha_pattern, module) ?? config.lora_alpha;
  return config.use_rslora === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

/** A pattern that backtracks without end is somebody's malice; an honest one takes microseconds. */
const PATTERN_LIMIT_MS = 2_000;
/** Without these a pattern is tried once at each place and cannot backtrack. */
const BACKTRACKING = /[*+?{|(]/;

/**
 * The value of the first key that matches the module's name or what follows one of its dots; keys are regular expressions.
 * @throws HostError adapterInvalid for a pattern that is broken, or takes seconds.
 * Source: huggingface/peft `utils/other.py`, get_pattern_key: `(.*\.)?(key)$`.
 */
export function patternValue(folder: string, pattern: Readonly<Record<string, number>> | undefined, module: string): number | undefined {
  for (const [key, value] of Object.entries(pattern ?? {})) {
    if (!matches(folder, key, module)) continue;
    if (typeof value !== 'number' || !(value > 0)) throw invalid(folder, `the pattern ${JSON.stringify(key)} in adapter_config.json has no positive number`);
    return value;
  }
  return undefined;
}

function matches(folder: string, key: string, module: string): boolean {
  const source = `^(?:.*\\.)?(?:${key})$`;
  try {
    if (!BACKTRACKING.test(key)) return new RegExp(source).test(module);
    // Elsewhere nothing could end it: a regular expression does not hear a cancel.
    return runInNewContext('new RegExp(source).test(module)', { source, module }, { timeout: PATTERN_LIMIT_MS }) === true;
  } catch (error) {
    const isEndless = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw invalid(folder, `the pattern ${JSON.stringify(key)} in adapter_config.json ${isEndless ? 'takes too long to match' : 'is not a regular expression that this program understands'}`, error);
  }
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
    for (let column = 0; column < columns; column++) values[row * columns + column] = values[row * columns + column]! + scale * sum[column]!;
  }
}

function invalid(folder: string, complaint: string, cause?: unknown): HostError {
  return new HostError('adapterInvalid', `The adapter in ${folder} cannot be used: ${complaint}.`, { cause });
}
