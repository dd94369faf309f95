/**
 * Builds the folder that transformers.js loads, from the same checkpoint: vision tower float32, embedding float16, decoder
 * 4-bit in blocks of 32 with one float32 scale each and no accuracy level, as the published converter writes them.
 * Source: huggingface/transformers.js `scripts/quantize.py` (q4: block_size 32, is_symmetric, accuracy_level None).
 */
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../model-host/src/checkpoint/checkpoint';
import { TensorReader } from '../../model-host/src/checkpoint/safetensors';
import { bytesOf, DataFile } from '../../model-host/src/convert/dataFile';
import type { ExternalData } from '../../model-host/src/graph/graphBuilder';
import { peerDecoderGraph, peerEmbedGraph, peerVisionGraph, type PeerWeights, type Quantized } from './peerGraphs';
import { configJson, imageTokens, type BenchShape } from './shapes';

const BLOCK_SIZE = 32;
const PIECE_VALUES = 4 * 2 ** 20;
export const peerFiles = { vision: 'vision_encoder.onnx', embed: 'embed_tokens_fp16.onnx', decoder: 'decoder_model_merged_q4.onnx' } as const;

export async function buildPeerFolder(folder: string, checkpointFolder: string, shape: BenchShape): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  const onnx = path.join(partial, 'onnx');
  await mkdir(onnx, { recursive: true });
  const checkpoint = await openCheckpoint(checkpointFolder);
  const reader = new TensorReader();
  try {
    for (const [file, build] of [[peerFiles.vision, peerVisionGraph], [peerFiles.embed, peerEmbedGraph], [peerFiles.decoder, peerDecoderGraph]] as const) {
      const data = await DataFile.create(onnx, `${file}_data`);
      const graph = await build(shape, new PeerWeightFile(checkpoint, reader, data));
      await data.finish();
      await writeFile(path.join(onnx, file), graph.model());
    }
  } finally {
    await reader.close();
  }
  await writeFile(path.join(partial, 'config.json'), JSON.stringify({ ...configJson(shape), 'transformers.js_config': { use_external_data_format: Object.fromEntries(Object.values(peerFiles).map(file => [file, true])) } }, undefined, 1));
  await writeFile(path.join(partial, 'preprocessor_config.json'), JSON.stringify(preprocessor(shape), undefined, 1));
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) await cp(path.join(checkpointFolder, name), path.join(partial, name));
  await rename(partial, folder);
}

function preprocessor(shape: BenchShape): Record<string, unknown> {
  const side = shape.vision.imageSizePx;
  return {
    do_normalize: true, do_rescale: true, do_resize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5], resample: 3, rescale_factor: 1 / 255,
    image_processor_type: 'SiglipImageProcessor', image_seq_length: imageTokens(shape), processor_class: 'PaliGemmaProcessor', size: { height: side, width: side },
  };
}

/** Copies tensors of the checkpoint into one data file, in the forms that the peer's graphs hold. */
class PeerWeightFile implements PeerWeights {
  constructor(private readonly checkpoint: Checkpoint, private readonly reader: TensorReader, private readonly file: DataFile) {}

  async plain(name: string, shape: readonly number[], change?: (value: number) => number): Promise<ExternalData> {
    const values = await this.reader.all(this.checkpoint.tensor(name, shape));
    return this.file.append(change === undefined ? values : values.map(change));
  }

  async transposed(name: string, rows: number, columns: number): Promise<ExternalData> {
    const values = await this.reader.all(this.checkpoint.tensor(name, [rows, columns]));
    const turned = new Float32Array(values.length);
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
    return this.file.append(turned);
  }

  async half(name: string, rows: number, columns: number): Promise<ExternalData> {
    const data = this.file.reserve(rows * columns * 2);
    await this.eachPiece(name, rows, columns, async (start, values) => {
      const halves = new Uint16Array(values.length);
      for (let i = 0; i < values.length; i++) halves[i] = normalHalf(values[i]!);
      await this.file.write(data, start * columns * 2, new Uint8Array(halves.buffer));
    });
    return data;
  }

  async quantized(name: string, rows: number, columns: number): Promise<Quantized> {
    const blocks = Math.ceil(columns / BLOCK_SIZE);
    const data = this.file.reserve((rows * blocks * BLOCK_SIZE) / 2);
    const scales = this.file.reserve(rows * blocks * 4);
    await this.eachPiece(name, rows, columns, async (start, values) => {
      const piece = quantizeByLargest(values, values.length / columns, columns);
      await this.file.write(data, (start * blocks * BLOCK_SIZE) / 2, piece.data);
      await this.file.write(scales, start * blocks * 4, bytesOf(piece.scales));
    });
    return { rows, columns, blocks, blockSize: BLOCK_SIZE, data, scales };
  }

  private async eachPiece(name: string, rows: number, columns: number, write: (start: number, values: Float32Array) => Promise<void>): Promise<void> {
    const tensor = this.checkpoint.tensor(name, [rows, columns]);
    const step = Math.max(1, Math.floor(PIECE_VALUES / columns));
    for (let start = 0; start < rows; start += step) await write(start, await this.reader.rows(tensor, start, Math.min(step, rows - start)));
  }
}

/** Symmetric: the weight of the largest magnitude becomes −8. */
function quantizeByLargest(values: Float32Array, rows: number, columns: number): { data: Uint8Array; scales: Float32Array } {
  const blocks = Math.ceil(columns / BLOCK_SIZE);
  const data = new Uint8Array((rows * blocks * BLOCK_SIZE) / 2).fill(0x88);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * BLOCK_SIZE;
      const end = Math.min(start + BLOCK_SIZE, (row + 1) * columns);
      let extreme = 0;
      for (let i = start; i < end; i++) if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
      const index = row * blocks + block;
      scales[index] = extreme / -8;
      const inverse = extreme === 0 ? 0 : -8 / extreme;
      for (let i = start; i < end; i++) {
        const level = Math.max(0, Math.min(15, Math.round(values[i]! * inverse) + 8));
        const byte = (index * BLOCK_SIZE + (i - start)) >> 1;
        data[byte] = (i - start) % 2 === 0 ? (data[byte]! & 0xf0) | level : (data[byte]! & 0x0f) | (level << 4);
      }
    }
  }
  return { data, scales };
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** binary16 of a value whose magnitude is below 65504; values below the smallest normal become 0. */
function normalHalf(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  return exponent <= 0 ? sign : sign | ((exponent << 10) + (((bits & 0x7fffff) + 0x1000) >>> 13));
}
