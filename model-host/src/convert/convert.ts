/** Turns a Hugging Face checkpoint into a folder of our own graphs, tensor by tensor. */
import * as l10n from '@vscode/l10n';
import { copyFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeFolder, makeNewFolder } from '../../../system/src/makeFolder';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint';
import { hasOwnHead } from '../checkpoint/head';
import { openAdapter, type Adapter } from '../checkpoint/lora';
import { HEAD } from '../checkpoint/modelTensors';
import { TensorReader } from '../checkpoint/safetensors';
import { Failure } from '../../../paligemma/src/failures';
import type { AttentionMode, WeightType } from '../../../paligemma/src/facts';
import { decoderGraph, keysGraph } from '../graph/decoder';
import type { DecoderLayerWeights, DecoderSharedWeights, LayerGroup } from '../graph/decoderWeights';
import type { GraphBuilder } from '../graph/graphBuilder';
import { visionGraph, type VisionWeights } from '../graph/vision';
import { refuseOnnxFolder } from '../checkpoint/onnxLayout';
import { findMaskDecoder } from '../output/maskDecoderFile';
import { Tokenizer } from '../tokenizer/tokenizer';
import { DataFile } from './dataFile';
import { fasterProduct, type EightBitProduct } from './eightBitProduct';
import { KernelPool } from './kernelPool';
import { layerGroups, layersPerGroup, positionsPerRun, visionGroups } from './layerGroups';
import { modelTokenizer } from './modelTokenizer';
import { decoderLayerWeights, sharedWeights, visionTypes, visionWeights } from './modelWeights';
import {
  digestOf,
  FORMAT_VERSION,
  MANIFEST_FILE,
  TOKENIZER_FILE,
  type Manifest,
  type ManifestFile,
  type ManifestGroup,
} from '../manifest/manifest';
import { WeightWriter, type WeightWriterOptions } from './weightWriter';
import { writeFailure } from '../util/writeFailure';

export interface ConvertOptions {
  readonly sourcePath: string;
  /** Must not exist, or be empty; appears whole or not at all. */
  readonly outPath: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  readonly adapterPath?: string;
  /** Folders whose tokenizer may serve where the checkpoint's form brings none. */
  readonly tokenizerPaths?: readonly string[];
  /** Worker threads; chosen by the machine and the size of the checkpoint where left out. */
  readonly threads?: number;
  /** Multiplications of one native run at most; chosen for two cores where left out. */
  readonly runProducts?: number;
  /**
   * How the 8-bit matrices of the vision tower are multiplied; measured on this machine for large checkpoints where
   * left out.
   */
  readonly towerProduct?: EightBitProduct;
  /** Bytes of weights read so far, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Below this the start of threads, or a measurement, takes longer than it saves. */
const LARGE_BYTES = 64 * 2 ** 20;
/** Threads at most: beyond this the disk is slower than they are. */
const MAX_THREADS = 8;

/**
 * Converts into a temporary folder beside `outPath` and renames it at the end.
 * @throws Failure of the model and cache kinds; DOMException AbortError between pieces of tensors. Nothing is left
 *   behind.
 */
export async function convertCheckpoint(options: ConvertOptions, signal: AbortSignal): Promise<Manifest> {
  await refuseOnnxFolder(options.sourcePath);
  const checkpoint = await openCheckpoint(options.sourcePath);
  const tokenizer = await modelTokenizer(checkpoint, options.tokenizerPaths ?? [], signal);
  const folder = `${options.outPath}.partial-${process.pid}-${Date.now().toString(36)}`;
  try {
    await makeFolder(path.dirname(folder));
    // Made here and now: where others may write, one of that name may be somebody's trap.
    await makeNewFolder(folder);
  } catch (error) {
    throw writeFailure(folder, error);
  }
  const kernels = new KernelPool(
    options.threads ?? (checkpoint.bytes < LARGE_BYTES ? 0 : Math.min(MAX_THREADS, availableParallelism())),
  );
  try {
    await writeFile(path.join(folder, TOKENIZER_FILE), tokenizer).catch((error: unknown) => {
      throw writeFailure(folder, error);
    });
    const conversion: Conversion = { folder, checkpoint, kernels, options, signal };
    const graphs = await writeGraphs(conversion, Tokenizer.fromBytes(tokenizer));
    const maskDecoder = await copyMaskDecoder(options.sourcePath, folder);
    const manifest = await writeManifest(conversion, graphs, maskDecoder);
    await moveInto(folder, options.outPath);
    return manifest;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await kernels.close();
  }
}

/** What every step of one conversion works with. `folder`: where it writes. */
interface Conversion {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly kernels: KernelPool;
  readonly options: ConvertOptions;
  readonly signal: AbortSignal;
}

/** What a manifest says of the graphs. */
type Graphs = Pick<Manifest, 'visionFiles' | 'isTowerMapped' | 'groups'>;

async function writeGraphs(conversion: Conversion, tokenizer: Tokenizer): Promise<Graphs> {
  const { folder, checkpoint, kernels, options, signal } = conversion;
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
    const headIsOwn = await hasOwnHead(checkpoint, reader, name => adapter?.changes(name) === true, signal);
    writer = new WeightWriter({
      kernels,
      ...writerOptions(checkpoint, reader, options, { adapter, headIsOwn }, signal),
    });
    const product = options.towerProduct ?? await bestProduct(folder, checkpoint, options.weights);
    const visionFiles = await writeTower(
      conversion,
      await visionWeights(writer, checkpoint.config, await create('vision.data'), options.weights, product),
    );
    const shared = await sharedWeights(
      writer,
      checkpoint,
      tokenizer,
      { file: await create('shared.data'), headFile: headIsOwn ? await create('head.data') : undefined },
      options.weights,
    );
    const groups: ManifestGroup[] = [];
    for (
      const group of layerGroups(checkpoint.config.text.layers, layersPerGroup(checkpoint.config, options.runProducts))
    ) {
      const data = await create(`decoder-${twoDigits(group.firstLayer)}.data`);
      const layers = [];
      for (let layer = group.firstLayer; layer < group.endLayer; layer++) {
        layers.push(await decoderLayerWeights(writer, checkpoint.config.text, layer, data, options.weights));
      }
      groups.push(await writeGroup(conversion, group, shared, layers));
    }
    await writer.finish();
    adapter?.checkAllUsed();
    await Promise.all(files.map(file => file.finish()));
    return { visionFiles, isTowerMapped: product === 'float32' && visionTypes[options.weights] === 'int8', groups };
  } finally {
    await writer?.settle();
    await reader.close();
    await Promise.allSettled(files.map(file => file.close()));
  }
}

/** Small towers, and those that have no 8-bit weights, are not worth a measurement. */
async function bestProduct(folder: string, checkpoint: Checkpoint, weights: WeightType): Promise<EightBitProduct> {
  const isMeasured = checkpoint.bytes >= LARGE_BYTES && visionTypes[weights] === 'int8';
  return isMeasured ? fasterProduct(folder, checkpoint.config.vision) : 'blocks';
}

async function writeTower({ folder, checkpoint, options }: Conversion, weights: VisionWeights): Promise<string[]> {
  const { vision, text } = checkpoint.config;
  const files: string[] = [];
  for (const group of visionGroups(vision, options.runProducts)) {
    const file = `vision-${twoDigits(group.firstBlock)}.onnx`;
    await writeModel(folder, file, visionGraph(vision, text.hiddenSize, weights, group));
    files.push(file);
  }
  return files;
}

async function writeGroup(
  { folder, checkpoint, options }: Conversion,
  group: LayerGroup,
  shared: DecoderSharedWeights,
  layers: readonly DecoderLayerWeights[],
): Promise<ManifestGroup> {
  const decoder = {
    config: checkpoint.config.text,
    vocabularySize: checkpoint.vocabularySize,
    isSliding: options.attention === 'sliding',
  };
  const file = `decoder-${twoDigits(group.firstLayer)}.onnx`;
  await writeModel(folder, file, decoderGraph(decoder, group, shared, layers));
  const { firstLayer, endLayer } = group;
  const positions = positionsPerRun(checkpoint.config, options.runProducts);
  const [layer] = layers;
  if (positions === undefined || layers.length > 1 || layer === undefined) return { file, firstLayer, endLayer };
  const keysFile = `keys-${twoDigits(firstLayer)}.onnx`;
  await writeModel(folder, keysFile, keysGraph(decoder, group, shared, layer));
  return { file, firstLayer, endLayer, pieces: { keysFile, positions } };
}

function twoDigits(index: number): string {
  return String(index).padStart(2, '0');
}

function writerOptions(
  checkpoint: Checkpoint,
  reader: TensorReader,
  options: ConvertOptions,
  { adapter, headIsOwn }: { readonly adapter: Adapter | undefined; readonly headIsOwn: boolean },
  signal: AbortSignal,
): Omit<WeightWriterOptions, 'kernels'> {
  let done = 0;
  const headBytes = checkpoint.tensor(HEAD, checkpoint.shapes.get(HEAD) ?? []).byteLength;
  // A copy of the embedding that is stored is not read, and a head made from the embedding is a second reading.
  const total = checkpoint.bytes + (headIsOwn ? headBytes : 0) - (checkpoint.hasHead ? headBytes : 0);
  return {
    checkpoint,
    reader,
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

async function writeModel(folder: string, name: string, graph: GraphBuilder): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(file, graph.model()).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
}

async function copyMaskDecoder(source: string, folder: string): Promise<string | undefined> {
  const found = await findMaskDecoder([source, path.dirname(source)]);
  if (found === undefined) return undefined;
  const name = path.basename(found);
  await copyFile(found, path.join(folder, name)).catch((error: unknown) => {
    throw writeFailure(path.join(folder, name), error);
  });
  return name;
}

async function writeManifest(
  { folder, checkpoint, kernels, options, signal }: Conversion,
  graphs: Graphs,
  maskDecoder: string | undefined,
): Promise<Manifest> {
  const files = await Promise.all(
    (await readdir(folder)).sort().map(name => describeFile(folder, name, kernels, signal)),
  );
  const contents: Omit<Manifest, 'digest'> = {
    formatVersion: FORMAT_VERSION,
    name: options.name,
    source: {
      path: options.sourcePath,
      ...(options.adapterPath === undefined ? {} : { adapterPath: options.adapterPath }),
      fingerprint: options.fingerprint,
      ...(checkpoint.form === undefined ? {} : { form: checkpoint.form }),
    },
    weights: options.weights,
    attention: options.attention,
    config: checkpoint.config,
    vocabularySize: checkpoint.vocabularySize,
    ...graphs,
    ...(maskDecoder === undefined ? {} : { maskDecoder }),
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
  const manifest: Manifest = { ...contents, digest: digestOf(contents) };
  const file = path.join(folder, MANIFEST_FILE);
  await writeFile(file, JSON.stringify(manifest, undefined, 1)).catch((error: unknown) => {
    throw writeFailure(file, error);
  });
  return manifest;
}

async function describeFile(
  folder: string,
  name: string,
  kernels: KernelPool,
  signal: AbortSignal,
): Promise<ManifestFile> {
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
    if (!hasManifest) {
      throw isTaken
        ? new Failure(
          'cacheUnwritable',
          l10n.t('{0} exists already and is not empty. Choose another folder or delete it.', outPath),
          { cause: error },
        )
        : writeFailure(outPath, error);
    }
    await rm(folder, { recursive: true, force: true });
  }
}
