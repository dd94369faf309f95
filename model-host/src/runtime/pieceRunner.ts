/** A long prompt in pieces through one layer of the decoder, where all of it would be too long a native run. */
import path from 'node:path';
import type { TextConfig } from '../checkpoint/config';
import type { ManifestGroup } from '../manifest/manifest';
import { decoderNames } from '../graph/decoderNames';
import {
  booleanTensor,
  floatTensor,
  floatsOf,
  integersOf,
  integerTensor,
  openSession,
  type Device,
  type Feeds,
  type GraphSession,
  type Tensor,
} from './ort';
import { hearMessages } from './prediction';
import type { TensorOps } from './tensorOps';

interface Piece {
  readonly start: number;
  readonly end: number;
}

interface KeysAndValues {
  readonly key: Tensor;
  readonly value: Tensor;
}

/** A prompt that runs through one layer. `length`: its positions. */
export interface WholePrompt {
  readonly carried: Feeds;
  readonly length: number;
  readonly wanted: readonly string[];
  readonly isSliding: boolean;
}

/**
 * First the keys and values of all pieces, then each piece as if it were a step: its prefix segment is the rest of the
 * prompt. The prompt attends to all of itself, so the order of keys and values does not matter. On CPUs only: a device
 * is fast enough to run the prompt as a whole.
 */
export class PieceRunner {
  private constructor(
    /** Positions of a piece at most. */
    readonly positions: number,
    private readonly layer: number,
    private readonly session: GraphSession,
    private readonly keys: GraphSession,
    private readonly config: TextConfig,
  ) {}

  /** @returns undefined where the layers of `group` run a prompt as a whole. */
  static async open(
    folder: string,
    { firstLayer, pieces }: ManifestGroup,
    device: Device,
    session: GraphSession,
    config: TextConfig,
  ): Promise<PieceRunner | undefined> {
    if (pieces === undefined || device !== 'cpu') return undefined;
    return new PieceRunner(
      pieces.positions,
      firstLayer,
      session,
      await openSession(path.join(folder, pieces.keysFile), device, []),
      config,
    );
  }

  /**
   * @param prompt `carried`: what the group's graph takes of it, `hidden`, or `input_ids` and `image_features`;
   *   `wanted`: outputs beside the layer's keys and values, `hidden_out`, or those of the last position.
   * @throws DOMException AbortError between pieces.
   */
  async run({ carried, length, wanted, isSliding }: WholePrompt, ops: TensorOps, signal: AbortSignal): Promise<Feeds> {
    const { layer } = this;
    const pieces = cut(length, Math.ceil(length / this.positions));
    const parts: KeysAndValues[] = [];
    for (const piece of pieces) {
      signal.throwIfAborted();
      const outputs = await this.keys.run({ ...slice(carried, piece), ...this.place(piece) }, [
        decoderNames.presentKey(layer),
        decoderNames.presentValue(layer),
      ]);
      parts.push({ key: outputs[decoderNames.presentKey(layer)]!, value: outputs[decoderNames.presentValue(layer)]! });
      await hearMessages();
    }
    const whole = await join(parts, ops);
    const cached = { [decoderNames.presentKey(layer)]: whole.key, [decoderNames.presentValue(layer)]: whole.value };
    const { hiddenSize } = this.config;
    const isLast = !wanted.includes(decoderNames.hiddenOut);
    const hidden = new Float32Array(isLast ? 0 : length * hiddenSize);
    const noBias = floatTensor(new Float32Array(length), [1, 1, 1, 1, length]);
    let outputs: Feeds = {};
    for (const [index, piece] of pieces.entries()) {
      // Of the last layer only the last position is read.
      if (isLast && piece.end < length) continue;
      signal.throwIfAborted();
      const rest = await join(parts.filter((_, other) => other !== index), ops);
      const size = piece.end - piece.start;
      outputs = await this.session.run({
        ...slice(carried, piece),
        ...this.place(piece),
        ...this.empty(),
        [decoderNames.hasPrefix]: booleanTensor(true),
        [decoderNames.segmentLengths]: integerTensor([length - size, size]),
        [decoderNames.prefixKey(layer)]: rest.key,
        [decoderNames.prefixValue(layer)]: rest.value,
        // Nothing is hidden: the prompt sees all of itself.
        [decoderNames.stepBias]: noBias,
        ...(isSliding ? { [decoderNames.windowBias]: noBias } : {}),
        ...(isLast ? { [decoderNames.firstKeptRow]: integerTensor([-1]) } : {}),
      }, wanted);
      if (!isLast) hidden.set(floatsOf(outputs[decoderNames.hiddenOut]), piece.start * hiddenSize);
      await hearMessages();
    }
    return isLast
      ? { ...outputs, ...cached }
      : { [decoderNames.hiddenOut]: floatTensor(hidden, [length, hiddenSize]), ...cached };
  }

  release(): Promise<void> {
    return this.keys.release();
  }

  /** Where the piece stands in the prompt. */
  private place({ start, end }: Piece): Feeds {
    return {
      [decoderNames.positionIds]: integerTensor(Array.from({ length: end - start }, (_, index) => start + index), [
        1,
        end - start,
      ]),
      [decoderNames.sequenceShape]: integerTensor([1, end - start, -1]),
    };
  }

  private empty(): Feeds {
    const { kvHeads, headDim } = this.config;
    return {
      [decoderNames.pastKey(this.layer)]: floatTensor(new Float32Array(0), [1, kvHeads, 1, headDim, 0]),
      [decoderNames.pastValue(this.layer)]: floatTensor(new Float32Array(0), [1, kvHeads, 1, 0, headDim]),
    };
  }
}

function cut(length: number, count: number): Piece[] {
  return Array.from(
    { length: count },
    (_, index) => ({ start: Math.floor((index * length) / count), end: Math.floor(((index + 1) * length) / count) }),
  );
}

/** Keys lie in columns, values in rows. */
async function join(parts: readonly KeysAndValues[], ops: TensorOps): Promise<KeysAndValues> {
  return {
    key: await ops.concat(parts.map(({ key }) => key), 4),
    value: await ops.concat(parts.map(({ value }) => value), 3),
  };
}

/** The positions of a piece, of which the image tokens come first. */
function slice(carried: Feeds, { start, end }: Piece): Feeds {
  const hidden = carried[decoderNames.hidden];
  if (hidden !== undefined) return { [decoderNames.hidden]: rows(hidden, start, end) };
  const features = carried[decoderNames.imageFeatures]!;
  const ids = integersOf(carried[decoderNames.inputIds]);
  const imageTokens = features.dims[0] ?? 0;
  return {
    [decoderNames.imageFeatures]: rows(features, Math.min(start, imageTokens), Math.min(end, imageTokens)),
    [decoderNames.inputIds]: integerTensor(ids.slice(Math.max(0, start - imageTokens), Math.max(0, end - imageTokens))),
  };
}

function rows(matrix: Tensor, start: number, end: number): Tensor {
  const [, width = 0] = matrix.dims;
  return floatTensor(floatsOf(matrix).subarray(start * width, end * width), [end - start, width]);
}
