/** Embedding and merged decoder of a published folder, as the generation loop drives them. */
import * as l10n from '@vscode/l10n';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextConfig } from '../checkpoint/config';
import { halves, widenToFloat32 } from '../checkpoint/floats';
import { Failure } from '../../../paligemma/src/failures';
import type { SequenceCache, SequenceDecoder } from '../model/runnableModel';
import type { Prediction, RunHooks } from '../runtime/prediction';
import { checkPromptLength } from '../runtime/promptLength';
import { booleanTensor, bytesOfTensor, floatTensor, halfTensor, integerTensor, type Tensor } from '../runtime/ort';
import { elementTypes, type DeclaredValue } from './onnxFile';
import type { PublishedGraph } from './publishedGraph';

/** Names of inputs and outputs. Source: transformers.js 4.3 `models/modeling_utils.js`. */
const names = {
  ids: 'input_ids',
  embeds: 'inputs_embeds',
  positions: 'position_ids',
  mask: 'attention_mask',
  keptLogits: 'num_logits_to_keep',
  cacheBranch: 'use_cache_branch',
  logits: 'logits',
} as const;
const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

class OnnxCache implements SequenceCache {
  length = 0;
  /** By input name. */
  tensors = new Map<string, Tensor>();

  constructor(readonly capacity: number) {}

  release(): void {
    this.tensors.clear();
  }
}

export interface OnnxDecoderParts {
  readonly embed: PublishedGraph;
  readonly decoder: PublishedGraph;
  readonly config: TextConfig;
  readonly keepsLogits: boolean;
}

export class OnnxDecoder implements SequenceDecoder {
  private readonly pastInputs: readonly DeclaredValue[];

  /** @throws Failure modelUnsupported where the graphs ask for what is not known here. */
  constructor(private readonly parts: OnnxDecoderParts) {
    const { embed, decoder, config } = parts;
    const known: readonly string[] = Object.values(names);
    const unknown = [...decoder.inputs.keys()].find(name => !known.includes(name) && !PAST.test(name));
    if (unknown !== undefined) throw unfit(decoder, l10n.t('It asks for the input “{0}”.', unknown));
    this.pastInputs = [...decoder.inputs.values()].filter(({ name }) => PAST.test(name));
    if (this.pastInputs.length !== 2 * config.layers) {
      throw unfit(
        decoder,
        l10n.t(
          'It takes the keys and values of {0} layers, but config.json has {1}.',
          this.pastInputs.length / 2,
          config.layers,
        ),
      );
    }
    const misfit = this.pastInputs.find(({ shape }) =>
      !agrees(shape, [undefined, config.kvHeads, undefined, config.headDim])
    );
    if (misfit !== undefined) {
      throw unfit(
        decoder,
        l10n.t(
          'Its input “{0}” does not have the {1} heads of {2} that config.json asks for.',
          misfit.name,
          config.kvHeads,
          config.headDim,
        ),
      );
    }
    if (!decoder.inputs.has(names.embeds) || !decoder.outputs.has(names.logits)) {
      throw unfit(decoder, l10n.t('It has no input “{0}” or no output “{1}”.', names.embeds, names.logits));
    }
    if (!agrees(decoder.inputs.get(names.embeds)?.shape ?? [], [undefined, undefined, config.hiddenSize])) {
      throw unfit(decoder, l10n.t('Its width is not the {0} of config.json.', config.hiddenSize));
    }
    if (!embed.inputs.has(names.ids) || embed.outputs.size === 0) {
      throw unfit(embed, l10n.t('It has no input “{0}”.', names.ids));
    }
  }

  newCache(): OnnxCache {
    return new OnnxCache(this.parts.config.maxPositions);
  }

  /** One native run: these graphs cannot be interrupted in it. */
  async prefill(
    cache: OnnxCache,
    imageFeatures: Float32Array,
    textIds: readonly number[],
    hooks: RunHooks,
  ): Promise<Prediction> {
    const { hiddenSize } = this.parts.config;
    const imageTokens = imageFeatures.length / hiddenSize;
    checkPromptLength(textIds.length, imageTokens, cache.capacity);
    hooks.signal.throwIfAborted();
    const text = await this.embed(textIds);
    const embeds = new Float32Array(imageFeatures.length + text.length);
    embeds.set(imageFeatures);
    embeds.set(text, imageFeatures.length);
    for (const input of this.pastInputs) {
      cache.tensors.set(
        input.name,
        this.float(input, new Float32Array(0), [1, this.parts.config.kvHeads, 0, this.parts.config.headDim]),
      );
    }
    cache.length = 0;
    return this.run(cache, embeds, hooks);
  }

  async decode(cache: OnnxCache, id: number, hooks: RunHooks): Promise<Prediction> {
    hooks.signal.throwIfAborted();
    return this.run(cache, await this.embed([id]), hooks);
  }

  /**
   * What the last layer keeps of the first position of a prompt without picture; empty for a decoder of one layer,
   * where it says nothing.
   */
  async firstPosition(ids: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    const { layers, kvHeads, headDim } = this.parts.config;
    if (layers < 2) return new Float32Array(0);
    const cache = this.newCache();
    await this.prefill(cache, new Float32Array(0), ids, { signal });
    const keys = floatsOfAny(cache.tensors.get(`past_key_values.${layers - 1}.key`));
    return Float32Array.from(
      { length: kvHeads * headDim },
      (_, index) => keys[Math.floor(index / headDim) * ids.length * headDim + (index % headDim)] ?? NaN,
    );
  }

  async release(): Promise<void> {
    await Promise.allSettled([this.parts.embed.session.release(), this.parts.decoder.session.release()]);
  }

  private async embed(ids: readonly number[]): Promise<Float32Array> {
    const { embed } = this.parts;
    const output = [...embed.outputs.keys()][0] ?? '';
    const outputs = await embed.session.run({ [names.ids]: integerTensor(ids, [1, ids.length]) }, [output]);
    return floatsOfAny(outputs[output]);
  }

  private async run(cache: OnnxCache, embeds: Float32Array, { signal, onGroup }: RunHooks): Promise<Prediction> {
    const { decoder, config } = this.parts;
    const count = embeds.length / config.hiddenSize;
    const total = cache.length + count;
    const optional: Readonly<Record<string, () => Tensor>> = {
      // One row without padding: whatever the graph makes of the mask, nothing is hidden by it.
      [names.mask]: () => integerTensor(new Array<number>(total).fill(1), [1, total]),
      // Positions begin at 1, as in training. Source: transformers 5.23 `processing_paligemma.py`; transformers.js 4.3
      // alike.
      [names.positions]: () =>
        integerTensor(Array.from({ length: count }, (_, index) => cache.length + index + 1), [1, count]),
      [names.keptLogits]: () => integerTensor([1], decoder.inputs.get(names.keptLogits)?.shape.length === 0 ? [] : [1]),
      [names.cacheBranch]: () => booleanTensor(cache.length > 0),
    };
    const feeds: Record<string, Tensor> = {
      ...Object.fromEntries(cache.tensors),
      [names.embeds]: this.float(decoder.inputs.get(names.embeds), embeds, [1, count, config.hiddenSize]),
    };
    for (const [name, make] of Object.entries(optional)) if (decoder.inputs.has(name)) feeds[name] = make();
    signal.throwIfAborted();
    const outputs = await decoder.session.run(feeds, [
      names.logits,
      ...this.pastInputs.map(({ name }) => presentOf(name)),
    ]);
    for (const { name } of this.pastInputs) {
      const present = outputs[presentOf(name)];
      if (present !== undefined) cache.tensors.set(name, present);
    }
    cache.length = total;
    onGroup?.(1, 1);
    await nextTurn();
    return this.prediction(outputs[names.logits]);
  }

  private prediction(tensor: Tensor | undefined): Prediction {
    const all = floatsOfAny(tensor);
    const size = tensor?.dims.at(-1) ?? all.length;
    const { id, probability } = best(all.subarray(all.length - size));
    if (!Number.isFinite(probability)) {
      throw new Failure(
        'nonFiniteLogits',
        l10n.t(
          'The model produced numbers that are not finite; its weights may be damaged, or too coarse in 16 bits. Download the folder again, or choose another weight type.',
        ),
      );
    }
    return this.parts.keepsLogits ? { id, probability, logits: all.slice(all.length - size) } : { id, probability };
  }

  private float(input: DeclaredValue | undefined, values: Float32Array, shape: readonly number[]): Tensor {
    return input?.elementType === elementTypes.float16 ? halfTensor(halves(values), shape) : floatTensor(values, shape);
  }
}

/** float32 or float16 values as float32. */
export function floatsOfAny(tensor: Tensor | undefined): Float32Array {
  if (tensor === undefined) return new Float32Array(0);
  return widenToFloat32(bytesOfTensor(tensor), tensor.type === 'float16' ? 'F16' : 'F32');
}

/** The first of the largest logits, and its share after softmax. */
function best(logits: Float32Array): { readonly id: number; readonly probability: number } {
  let id = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[id]!) id = i;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - logits[id]!);
  return { id, probability: 1 / sum };
}

function presentOf(past: string): string {
  return past.replace('past_key_values', 'present');
}

/** Whether declared sizes can be these; what either side leaves free is no contradiction. */
function agrees(declared: readonly (number | undefined)[], wanted: readonly (number | undefined)[]): boolean {
  return declared.length === 0
    || (declared.length === wanted.length
      && declared.every((size, axis) => size === undefined || wanted[axis] === undefined || size === wanted[axis]));
}

/** @param complaint A sentence. */
function unfit({ file }: PublishedGraph, complaint: string): Failure {
  return new Failure(
    'modelUnsupported',
    l10n.t(
      '{0} is not the decoder of a PaliGemma 2 in the layout of transformers.js. {1} Graphs and config.json may belong to different models; use a folder such as onnx-community/paligemma2-3b-pt-224, or the original checkpoint.',
      file,
      complaint,
    ),
  );
}
