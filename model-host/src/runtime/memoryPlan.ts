/**
 * What a model takes of each memory, and which of its graphs fit onto a GPU. Estimates, made before anything is loaded.
 */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import type { Manifest } from '../manifest/manifest';
import type { Device } from './ort';

/** Where each graph runs. */
export interface Placement {
  readonly vision: Device;
  /** One for each group of layers of the manifest. */
  readonly groups: readonly Device[];
}

/** Bytes. */
export interface MemoryNeed {
  readonly weights: number;
  /** Keys and values of one run. */
  readonly cache: number;
  /** What passes between the nodes of the largest graph. */
  readonly activations: number;
  readonly total: number;
}

/** Positions counted beside the image tokens: the longest prompts and answers of the training. */
const TEXT_POSITIONS = 512;
const FLOAT_BYTES = 4;
/** Of the scores of an attention: as they come, capped, as weights. */
const SCORE_COPIES = 3;
/** The runtime keeps freed buffers of a GPU in sizes that it may need again. */
const GPU_SLACK = 2;
/** Part of a GPU's memory that a model may take: the screen has its share. */
const GPU_PART = 0.9;
/** Query rows of one score matrix of the tower at most. Source: `graph/vision.ts`. */
const TOWER_QUERY_ROWS = 1024;

interface WeightBytes {
  readonly vision: number;
  /** Of each group of layers, without what the ends have beside their layers. */
  readonly groups: readonly number[];
  /** The first group looks tokens up in it. */
  readonly embedding: number;
  /** The last group multiplies by it: the embedding again, unless the checkpoint has a matrix of its own. */
  readonly head: number;
}

export function weightBytes(manifest: Manifest): WeightBytes {
  const data = (name: string) =>
    manifest.files.filter(file =>
      file.name === `${name}.data` || (file.name.startsWith(`${name}-`) && file.name.endsWith('.data'))
    ).reduce((sum, { bytes }) => sum + bytes, 0);
  const embedding = data('shared');
  return {
    vision: data('vision'),
    groups: manifest.groups.map(({ file }) => data(file.replace(/\.onnx$/, ''))),
    embedding,
    head: data('head') || embedding,
  };
}

/** What the graphs that `placement` puts on `device` take there. */
export function memoryNeed(manifest: Manifest, placement: Placement, device: Device): MemoryNeed {
  const { text, vision } = manifest.config;
  const positions = vision.imageTokens + TEXT_POSITIONS;
  const here = manifest.groups.map((group, index) => ({ ...group, index })).filter(({ index }) =>
    placement.groups[index] === device
  );
  const hasTower = placement.vision === device;
  const layers = here.reduce((sum, { firstLayer, endLayer }) => sum + endLayer - firstLayer, 0);
  const bytes = weightBytes(manifest);
  // Where both are the same bytes, each graph holds them all the same.
  const ends = (here.some(({ index }) => index === 0) ? bytes.embedding : 0)
    + (here.some(({ index }) => index === manifest.groups.length - 1) ? bytes.head : 0);
  const weights = (hasTower ? bytes.vision : 0) + ends
    + here.reduce((sum, { index }) => sum + (bytes.groups[index] ?? 0), 0);
  const cache = 2 * layers * text.kvHeads * text.headDim * FLOAT_BYTES * positions;
  const slack = device === 'cpu' ? 1 : GPU_SLACK;
  // Where a prompt runs in pieces, only those of one piece are there at once.
  const rows = device === 'cpu' ? Math.min(positions, here[0]?.pieces?.positions ?? positions) : positions;
  const ofLayer = layers === 0
    ? 0
    : rows * (3 * text.intermediateSize + 6 * text.hiddenSize) + SCORE_COPIES * text.heads * rows * positions;
  const tokens = vision.imageTokens;
  // One matrix is widened to float32 at a time.
  const ofTower = hasTower
    ? vision.intermediateSize * vision.hiddenSize + tokens * (2 * vision.intermediateSize + 8 * vision.hiddenSize)
      + SCORE_COPIES * vision.heads * Math.min(TOWER_QUERY_ROWS, tokens) * tokens
    : 0;
  const activations = slack * FLOAT_BYTES * Math.max(ofLayer, ofTower);
  return { weights, cache, activations, total: weights + cache + activations };
}

/** Everything on one device. */
export function allOn(manifest: Manifest, device: Device): Placement {
  return { vision: device, groups: manifest.groups.map(() => device) };
}

/**
 * The vision tower and the last groups of layers on the GPU, the others on the CPU: the last group has the output
 * matrix, which is the most work of all.
 * @param gpuLayers Layers on the GPU at most, in whole groups; 0 puts everything on the CPU.
 */
export function splitAt(manifest: Manifest, gpu: Device, gpuLayers: number): Placement {
  const layers = manifest.groups.at(-1)?.endLayer ?? 0;
  const groups = manifest.groups.map(({ firstLayer }): Device => (layers - firstLayer <= gpuLayers ? gpu : 'cpu'));
  return { vision: gpuLayers > 0 ? gpu : 'cpu', groups };
}

/** As much on the GPU as its memory holds; everything where its size is not known. `undefined` where nothing fits. */
export function fitToGpu(manifest: Manifest, gpu: Device, gpuBytes: number | undefined): Placement | undefined {
  if (gpuBytes === undefined) return allOn(manifest, gpu);
  const layers = manifest.groups.at(-1)?.endLayer ?? 0;
  const tries = [layers, ...manifest.groups.slice(1).map(({ firstLayer }) => layers - firstLayer)];
  return tries.map(count => splitAt(manifest, gpu, count)).find(placement =>
    memoryNeed(manifest, placement, gpu).total <= gpuBytes * GPU_PART
  );
}

/**
 * Refuses what cannot work before minutes are spent on trying.
 * @param memory Bytes that there are; undefined where that is not known.
 * @throws Failure outOfMemory
 */
export function checkMemory(
  manifest: Manifest,
  placement: Placement,
  memory: { readonly cpu: number; readonly gpu: number | undefined },
): void {
  for (const device of new Set([placement.vision, ...placement.groups])) {
    const { total } = memoryNeed(manifest, placement, device);
    const there = device === 'cpu' ? memory.cpu : memory.gpu;
    if (there === undefined || total <= there) continue;
    throw new Failure(
      'outOfMemory',
      device === 'cpu'
        ? l10n.t(
          '{0} with {1} weights needs about {2} of memory; this machine has {3}. Choose a smaller model, a lower resolution or the weight type int4.',
          manifest.name,
          manifest.weights,
          gigabytes(total),
          gigabytes(there),
        )
        : l10n.t(
          '{0} with {1} weights needs about {2} of GPU memory; this machine has {3}. Choose the device auto, which leaves part of the model to the CPU, or fewer layers on the GPU, a smaller model or the weight type int4.',
          manifest.name,
          manifest.weights,
          gigabytes(total),
          gigabytes(there),
        ),
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
