/**
 * Builds the folder that transformers.js loads, from the same checkpoint. The benchmark's: vision tower float32,
 * embedding float16, decoder 4-bit in blocks of 32 with one float32 scale each and no accuracy level, as the published
 * converter writes them. Source: huggingface/transformers.js `scripts/quantize.py` (q4: block_size 32, is_symmetric,
 * accuracy_level None).
 */
import { halves } from '../../model-host/src/checkpoint/floats';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../model-host/src/checkpoint/checkpoint';
import { TensorReader } from '../../model-host/src/checkpoint/safetensors';
import { bytesOf, DataFile } from '../../model-host/src/convert/dataFile';
import type { OnnxGraphName, OnnxType } from '../../paligemma/src/facts';
import type { ExternalData, GraphBuilder, Value } from '../../model-host/src/graph/graphBuilder';
import { peerDecoderGraph, peerEmbedGraph, peerVisionGraph, type PeerWeights } from './peerGraphs';
import {
  integerProduct,
  normalFloatProduct,
  quantizeByLargest,
  quantizeInteger,
  quantizeNormalFloat,
} from './peerTypes';
import { configJson, imageTokens, type BenchShape } from './shapes';

const BLOCK_SIZE = 32;
const PIECE_VALUES = 4 * 2 ** 20;

/** A graph in one of its published types. */
export type PeerFile = readonly [graph: OnnxGraphName, type: OnnxType];
const benchFiles: readonly PeerFile[] = [['vision_encoder', 'fp32'], ['embed_tokens', 'fp16'], [
  'decoder_model_merged',
  'q4',
]];
const builders = {
  vision_encoder: peerVisionGraph,
  embed_tokens: peerEmbedGraph,
  decoder_model_merged: peerDecoderGraph,
};

export async function buildPeerFolder(
  folder: string,
  checkpointFolder: string,
  shape: BenchShape,
  files: readonly PeerFile[] = benchFiles,
): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  const onnx = path.join(partial, 'onnx');
  await mkdir(onnx, { recursive: true });
  const checkpoint = await openCheckpoint(checkpointFolder);
  const reader = new TensorReader();
  try {
    for (const [name, type] of files) {
      const file = peerFileName(name, type);
      const data = await DataFile.create(onnx, `${file}_data`);
      const graph = await builders[name](shape, new PeerWeightFile(checkpoint, reader, data, type));
      await data.finish();
      await writeFile(path.join(onnx, file), graph.model());
    }
  } finally {
    await reader.close();
  }
  await writeFile(
    path.join(partial, 'config.json'),
    JSON.stringify(
      {
        ...configJson(shape),
        'transformers.js_config': {
          use_external_data_format: Object.fromEntries(files.map(([name, type]) => [peerFileName(name, type), true])),
          kv_cache_dtype: { q4f16: 'float16', fp16: 'float16' },
        },
      },
      undefined,
      1,
    ),
  );
  await writeFile(path.join(partial, 'preprocessor_config.json'), JSON.stringify(preprocessor(shape), undefined, 1));
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
    await cp(path.join(checkpointFolder, name), path.join(partial, name));
  }
  await rename(partial, folder);
}

function peerFileName(graph: OnnxGraphName, type: OnnxType): string {
  return `${graph}${type === 'fp32' ? '' : `_${type}`}.onnx`;
}

function preprocessor(shape: BenchShape): Record<string, unknown> {
  const side = shape.vision.imageSizePx;
  return {
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    resample: 3,
    rescale_factor: 1 / 255,
    image_processor_type: 'SiglipImageProcessor',
    image_seq_length: imageTokens(shape),
    processor_class: 'PaliGemmaProcessor',
    size: { height: side, width: side },
  };
}

/** Copies tensors of the checkpoint into one data file, in the forms that the peer's graphs hold. */
class PeerWeightFile implements PeerWeights {
  readonly cacheType: 'float32' | 'float16';
  readonly tableType: 'float32' | 'float16';

  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly reader: TensorReader,
    private readonly file: DataFile,
    private readonly type: OnnxType,
  ) {
    this.cacheType = type === 'fp16' || type === 'q4f16' ? 'float16' : 'float32';
    this.tableType = type === 'fp32' ? 'float32' : 'float16';
  }

  async plain(name: string, shape: readonly number[], change?: (value: number) => number): Promise<ExternalData> {
    const values = await this.reader.all(this.checkpoint.tensor(name, shape));
    return this.file.append(change === undefined ? values : values.map(change));
  }

  async product(
    graph: GraphBuilder,
    scope: string,
    x: Value,
    name: string,
    rows: number,
    columns: number,
  ): Promise<Value> {
    switch (this.type) {
      case 'fp32':
        return graph.node('MatMul', scope, [
          x,
          graph.external(name, 'float32', [columns, rows], await this.transposed(name, rows, columns)),
        ]);
      case 'fp16': {
        const half = graph.external(name, 'float16', [columns, rows], await this.transposed(name, rows, columns, true));
        return graph.node('MatMul', scope, [x, graph.node('Cast', `${scope}/weight`, [half], { to: 1 })]);
      }
      case 'q4':
      case 'q4f16':
        return this.blockProduct(graph, scope, x, name, rows, columns);
      case 'bnb4': {
        const { data, scales } = quantizeNormalFloat(await this.values(name, rows, columns));
        return normalFloatProduct(graph, scope, x, name, {
          rows,
          columns,
          data: await this.store(data),
          scales: await this.store(scales),
        });
      }
      case 'quantized':
      case 'int8':
      case 'uint8': {
        const isSigned = this.type !== 'uint8';
        const { data, scale } = quantizeInteger(
          turned(await this.values(name, rows, columns), rows, columns),
          isSigned,
        );
        return integerProduct(graph, scope, x, name, { rows, columns, isSigned, scale, data: await this.store(data) });
      }
    }
  }

  private async blockProduct(
    graph: GraphBuilder,
    scope: string,
    x: Value,
    name: string,
    rows: number,
    columns: number,
  ): Promise<Value> {
    const isHalf = this.type === 'q4f16';
    const blocks = Math.ceil(columns / BLOCK_SIZE);
    const { data, scales } = await this.quantized(name, rows, columns, isHalf);
    const matrix = graph.external(name, 'uint8', [rows, blocks, BLOCK_SIZE / 2], data);
    const factors = graph.external(`${name}.scales`, isHalf ? 'float16' : 'float32', [rows, blocks], scales);
    const attributes = { K: columns, N: rows, bits: 4, block_size: BLOCK_SIZE };
    if (!isHalf) return graph.contrib('MatMulNBits', scope, [x, matrix, factors], attributes);
    const product = graph.contrib('MatMulNBits', scope, [
      graph.node('Cast', `${scope}/half`, [x], { to: 10 }),
      matrix,
      factors,
    ], attributes);
    return graph.node('Cast', scope, [product], { to: 1 });
  }

  private async store(
    { buffer, byteOffset, byteLength }: Float32Array | Uint16Array | Uint8Array,
  ): Promise<ExternalData> {
    const data = this.file.reserve(byteLength);
    await this.file.write(data, 0, new Uint8Array(buffer, byteOffset, byteLength));
    return data;
  }

  private values(name: string, rows: number, columns: number): Promise<Float32Array> {
    return this.reader.all(this.checkpoint.tensor(name, [rows, columns]));
  }

  private async transposed(name: string, rows: number, columns: number, isHalf = false): Promise<ExternalData> {
    const values = turned(await this.values(name, rows, columns), rows, columns);
    return this.store(isHalf ? halves(values) : values);
  }

  async half(name: string, rows: number, columns: number): Promise<ExternalData> {
    const data = this.file.reserve(rows * columns * 2);
    await this.eachPiece(name, rows, columns, async (start, values) => {
      await this.file.write(data, start * columns * 2, new Uint8Array(halves(values).buffer));
    });
    return data;
  }

  private async quantized(
    name: string,
    rows: number,
    columns: number,
    isHalf: boolean,
  ): Promise<{ readonly data: ExternalData; readonly scales: ExternalData }> {
    const blocks = Math.ceil(columns / BLOCK_SIZE);
    const scaleBytes = isHalf ? 2 : 4;
    const data = this.file.reserve((rows * blocks * BLOCK_SIZE) / 2);
    const scales = this.file.reserve(rows * blocks * scaleBytes);
    await this.eachPiece(name, rows, columns, async (start, values) => {
      const piece = quantizeByLargest(values, values.length / columns, columns, BLOCK_SIZE);
      await this.file.write(data, (start * blocks * BLOCK_SIZE) / 2, piece.data);
      await this.file.write(
        scales,
        start * blocks * scaleBytes,
        isHalf ? new Uint8Array(halves(piece.scales).buffer) : bytesOf(piece.scales),
      );
    });
    return { data, scales };
  }

  private async eachPiece(
    name: string,
    rows: number,
    columns: number,
    write: (start: number, values: Float32Array) => Promise<void>,
  ): Promise<void> {
    const tensor = this.checkpoint.tensor(name, [rows, columns]);
    const step = Math.max(1, Math.floor(PIECE_VALUES / columns));
    for (let start = 0; start < rows; start += step) {
      await write(start, await this.reader.rows(tensor, start, Math.min(step, rows - start)));
    }
  }
}

function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}
