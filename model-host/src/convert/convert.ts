/** Turns a Hugging Face checkpoint into a folder of our own graphs, tensor by tensor. */
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import type { PaliGemmaConfig } from '../checkpoint/config';
import { openAdapter } from '../checkpoint/lora';
import { TensorReader } from '../checkpoint/safetensors';
import { HostError } from '../contract/errors';
import type { AttentionMode, WeightType } from '../contract/paligemma';
import { decoderGraph } from '../graph/decoder';
import type { GraphBuilder } from '../graph/graphBuilder';
import { visionGraph } from '../graph/vision';
import { compileTokenizer } from '../tokenizer/compile';
import { Tokenizer } from '../tokenizer/tokenizer';
import { DataFile } from './dataFile';
import { KernelPool } from './kernelPool';
import { decoderLayerWeights, sharedWeights, visionWeights } from './modelWeights';
import { digestOf, FORMAT_VERSION, MANIFEST_FILE, TOKENIZER_FILE, VISION_FILE, type Manifest, type ManifestFile, type ManifestGroup } from './manifest';
import { WeightWriter, type WeightWriterOptions } from './weightWriter';
import { writeFailure } from './writeFailure';

export interface ConvertOptions {
  readonly sourcePath: string;
  /** Must not exist, or be empty; appears whole or not at all. */
  readonly outPath: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly adapterPath?: string;
  /** Worker threads; chosen by the machine and the size of the checkpoint where left out. */
  readonly threads?: number;
  /** Bytes of weights read so far, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Layers of one graph at most. */
const LAYERS_PER_GROUP = 7;
/**
 * Multiplications of one graph's prefill at most, where one layer is not more: a native run cannot be interrupted, and two
 * cores do some 70 billion a second, so that a cancel is heard within about two seconds.
 */
const GROUP_PREFILL_PRODUCTS = 1.7e11;
/** Decoder graphs at least, where there are layers enough. */
const MIN_GROUPS = 2;
/** Below this the start of threads takes longer than they save. */
const THREADS_FROM_BYTES = 64 * 2 ** 20;
/** Threads at most: beyond this the disk is slower than they are. */
const MAX_THREADS = 8;
/** Names under which a checkpoint may bring the decoder of its `<seg>` tokens. */
const MASK_DECODERS = ['mask-decoder.safetensors', 'vae-oid.npz'] as const;

/**
 * Converts into a temporary folder beside `outPath` and renames it at the end.
 * @throws HostError of the model and cache kinds; DOMException AbortError between pieces of tensors. Nothing is left behind.
 */
export async function convertCheckpoint(options: ConvertOptions, signal: AbortSignal): Promise<Manifest> {
  const checkpoint = await openCheckpoint(options.sourcePath);
  const tokenizer = await compileTokenizer(options.sourcePath, signal);
  const folder = `${options.outPath}.partial-${process.pid}-${Date.now().toString(36)}`;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
  const kernels = new KernelPool(options.threads ?? (checkpoint.bytes < THREADS_FROM_BYTES ? 0 : Math.min(MAX_THREADS, availableParallelism())));
  try {
    await writeFile(path.join(folder, TOKENIZER_FILE), tokenizer).catch((error: unknown) => { throw writeFailure(folder, error); });
    const groups = await writeGraphs(folder, checkpoint, Tokenizer.fromBytes(tokenizer), kernels, options, signal);
    const maskDecoder = await copyMaskDecoder(options.sourcePath, folder);
    const manifest = await writeManifest(folder, checkpoint, groups, kernels, options, maskDecoder, signal);
    await moveInto(folder, options.outPath);
    return manifest;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await kernels.close();
  }
}

async function writeGraphs(folder: string, checkpoint: Checkpoint, tokenizer: Tokenizer, kernels: KernelPool, options: ConvertOptions, signal: AbortSignal): Promise<ManifestGroup[]> {
  const reader = new TensorReader();
  let writer: WeightWriter | undefined;
  const files: DataFile[] = [];
  const create = async (name: string) => {
    const file = await DataFile.create(folder, name);
    files.push(file);
    return file;
  };
  try {
    const adapter = options.adapterPath === undefined ? undefined : await openAdapter(options.adapterPath, checkpoint);
    writer = new WeightWriter({ kernels, ...writerOptions(checkpoint, reader, options, signal, adapter) });
    const vision = await visionWeights(writer, checkpoint.config, await create('vision.data'), options.weights);
    await writeModel(folder, VISION_FILE, visionGraph(checkpoint.config.vision, checkpoint.config.text.hiddenSize, vision));
    const shared = await sharedWeights(writer, checkpoint, tokenizer, await create('shared.data'), options.weights);
    const groups: ManifestGroup[] = [];
    for (const group of layerGroups(checkpoint.config.text.layers, layersPerGroup(checkpoint.config))) {
      const name = `decoder-${String(group.firstLayer).padStart(2, '0')}`;
      const data = await create(`${name}.data`);
      const layers = [];
      for (let layer = group.firstLayer; layer < group.endLayer; layer++) layers.push(await decoderLayerWeights(writer, checkpoint.config.text, layer, data, options.weights));
      const decoder = { config: checkpoint.config.text, vocabularySize: checkpoint.vocabularySize, isSliding: options.attention === 'sliding' };
      await writeModel(folder, `${name}.onnx`, decoderGraph(decoder, group, shared, layers));
      groups.push({ file: `${name}.onnx`, firstLayer: group.firstLayer, endLayer: group.endLayer });
    }
    await writer.finish();
    adapter?.checkAllUsed();
    await Promise.all(files.map(file => file.finish()));
    return groups;
  } finally {
    await writer?.settle();
    await reader.close();
    await Promise.allSettled(files.map(file => file.close()));
  }
}

function writerOptions(checkpoint: Checkpoint, reader: TensorReader, options: ConvertOptions, signal: AbortSignal, adapter: Awaited<ReturnType<typeof openAdapter>> | undefined): Omit<WeightWriterOptions, 'kernels'> {
  let done = 0;
  const total = checkpoint.bytes;
  return {
    checkpoint, reader,
    ...(adapter === undefined ? {} : { transform: adapter.merge }),
    onBytes: async bytes => {
      done += bytes;
      options.onProgress(done, total);
      // A long conversion must hear a cancel: file work alone can keep the poll phase from coming round.
      await nextTurn();
      signal.throwIfAborted();
    },
  };
}

/** Layers whose prefill of a picture with a short prompt is one tolerably short run; at least 1. */
export function layersPerGroup({ text, vision }: PaliGemmaConfig): number {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = text;
  const weights = hiddenSize * (headDim * (2 * heads + 2 * kvHeads) + 3 * intermediateSize);
  return Math.max(1, Math.min(LAYERS_PER_GROUP, Math.floor(GROUP_PREFILL_PRODUCTS / (weights * vision.imageTokens))));
}

/** Even groups of at most `limit` layers. */
export function layerGroups(layers: number, limit: number): { firstLayer: number; endLayer: number; isFirst: boolean; isLast: boolean }[] {
  const count = Math.max(Math.min(MIN_GROUPS, layers), Math.ceil(layers / limit));
  return Array.from({ length: count }, (_, index) => ({
    firstLayer: Math.floor((index * layers) / count),
    endLayer: Math.floor(((index + 1) * layers) / count),
    isFirst: index === 0,
    isLast: index === count - 1,
  }));
}

async function writeModel(folder: string, name: string, graph: GraphBuilder): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(file, graph.model()).catch((error: unknown) => { throw writeFailure(file, error); });
}

/** A decoder for masks lies in the checkpoint's folder or, where several checkpoints share it, beside it. */
async function copyMaskDecoder(source: string, folder: string): Promise<string | undefined> {
  for (const candidate of [source, path.dirname(source)].flatMap(place => MASK_DECODERS.map(name => path.join(place, name)))) {
    const name = path.basename(candidate);
    const isThere = await stat(candidate).then(entry => entry.isFile(), () => false);
    if (!isThere) continue;
    await copyFile(candidate, path.join(folder, name)).catch((error: unknown) => { throw writeFailure(path.join(folder, name), error); });
    return name;
  }
  return undefined;
}

async function writeManifest(folder: string, checkpoint: Checkpoint, groups: readonly ManifestGroup[], kernels: KernelPool, options: ConvertOptions, maskDecoder: string | undefined, signal: AbortSignal): Promise<Manifest> {
  const files = await Promise.all((await readdir(folder)).sort().map(name => describeFile(folder, name, kernels, signal)));
  const contents: Omit<Manifest, 'digest'> = {
    formatVersion: FORMAT_VERSION,
    name: options.name,
    source: { path: options.sourcePath, ...(options.adapterPath === undefined ? {} : { adapterPath: options.adapterPath }), fingerprint: options.fingerprint },
    weights: options.weights,
    attention: options.attention,
    config: checkpoint.config,
    vocabularySize: checkpoint.vocabularySize,
    groups,
    ...(maskDecoder === undefined ? {} : { maskDecoder }),
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
  const manifest: Manifest = { ...contents, digest: digestOf(contents) };
  const file = path.join(folder, MANIFEST_FILE);
  await writeFile(file, JSON.stringify(manifest, undefined, 1)).catch((error: unknown) => { throw writeFailure(file, error); });
  return manifest;
}

async function describeFile(folder: string, name: string, kernels: KernelPool, signal: AbortSignal): Promise<ManifestFile> {
  const file = path.join(folder, name);
  const sha256 = await kernels.hash(file);
  signal.throwIfAborted();
  return { name, bytes: (await stat(file)).size, sha256 };
}

/** Another process may have finished the same conversion first: then its folder stays and ours goes. */
async function moveInto(folder: string, outPath: string): Promise<void> {
  try {
    await rename(folder, outPath);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
    const hasManifest = isTaken && (await stat(path.join(outPath, MANIFEST_FILE)).then(() => true, () => false));
    if (!hasManifest) throw isTaken ? new HostError('cacheUnwritable', `${outPath} exists already and is not empty. Choose another folder or delete it.`, { cause: error }) : writeFailure(outPath, error);
    await rm(folder, { recursive: true, force: true });
  }
}
