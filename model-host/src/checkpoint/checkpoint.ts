/** A Hugging Face checkpoint folder: its sizes and where each tensor lies. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../../paligemma/src/failures';
import { readConfig, type PaliGemmaConfig } from './config';
import { canonicalName } from './names';
import { FileRefused, readPlainFile } from './plainFile';
import { readSafetensorsHeader, type StoredTensor } from './safetensors';
import { shown } from './shown';

/** Published ones have some hundred kilobytes. */
const MAX_INDEX_BYTES = 64 * 2 ** 20;
/** No file system takes a longer name. */
const MAX_NAME = 255;
/** Ids are kept in three bytes. */
const MAX_VOCABULARY = 2 ** 24;

export interface Checkpoint {
  readonly folder: string;
  readonly config: PaliGemmaConfig;
  /** Rows of the embedding table; read from the tensor, as configs of re-saved checkpoints disagree. */
  readonly vocabularySize: number;
  /** Sum over the model's tensors as stored. */
  readonly bytes: number;
  /** A tensor by its canonical name. @throws HostError tensorMissing, tensorMismatch */
  tensor(name: string, shape: readonly number[]): StoredTensor;
}

/**
 * Opens a checkpoint: one `model.safetensors`, or the shards that `model.safetensors.index.json` names.
 * Reads headers only.
 * @throws HostError of the model kinds; nothing is written.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  if (!(await isFolder(folder))) {
    throw new HostError(
      'modelMissing',
      `There is no model folder ${folder}. Give the folder of a PaliGemma 2 checkpoint.`,
    );
  }
  const config = await readConfig(folder);
  const tensors = new Map<string, StoredTensor>();
  for (const file of await weightFiles(folder)) {
    for (const tensor of await readSafetensorsHeader(path.join(folder, file))) {
      const name = canonicalName(tensor.name);
      if (name !== undefined) tensors.set(name, tensor);
    }
  }
  const tensor = (name: string, shape: readonly number[]) => checkedTensor(folder, tensors, name, shape);
  const vocabularySize = tensors.get('language.embed_tokens.weight')?.shape[0] ?? 0;
  if (vocabularySize > MAX_VOCABULARY) {
    throw new HostError(
      'tensorMismatch',
      `The embedding table in ${folder} has ${vocabularySize} rows; a vocabulary has at most ${MAX_VOCABULARY}. Download the checkpoint again.`,
    );
  }
  tensor('language.embed_tokens.weight', [vocabularySize, config.text.hiddenSize]);
  const bytes = [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { folder, config, vocabularySize, bytes, tensor };
}

function checkedTensor(
  folder: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new HostError(
      'tensorMissing',
      `The checkpoint ${folder} has no tensor "${name}" that its config.json asks for. A *.safetensors file is missing or belongs to another model; download the checkpoint again.`,
    );
  }
  const isSame = tensor.shape.length === shape.length && tensor.shape.every((dim, axis) => dim === shape[axis]);
  if (!isSame) {
    throw new HostError(
      'tensorMismatch',
      `The tensor "${tensor.name.slice(0, 200)}" in ${tensor.file} has the shape [${
        tensor.shape.slice(0, 20).join(', ')
      }]; config.json asks for [${
        shape.join(', ')
      }]. config.json and weights belong to different models; download the checkpoint again.`,
    );
  }
  return tensor;
}

/** Files that hold tensors, by name inside `folder`. */
async function weightFiles(folder: string): Promise<string[]> {
  const indexFile = path.join(folder, 'model.safetensors.index.json');
  let text: string;
  try {
    text = (await readPlainFile(indexFile, MAX_INDEX_BYTES)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ['model.safetensors'];
    const why = error instanceof FileRefused ? error.message : `cannot be read (${(error as Error).message})`;
    throw new HostError('weightsCorrupt', `${indexFile} ${why}. Download it again.`, { cause: error });
  }
  const names = new Set(shardNames(text, indexFile));
  for (const name of names) {
    // A shard name is data from a download: it must not lead out of the folder.
    if (path.basename(name) !== name || name.includes('\\') || name === '..' || name === '' || name.length > MAX_NAME) {
      throw new HostError(
        'weightsCorrupt',
        `${indexFile} names the file ${shown(name)}, which is not a plain file name. Download the checkpoint again.`,
      );
    }
  }
  return [...names];
}

function shardNames(text: string, indexFile: string): string[] {
  try {
    const { weight_map: map } = JSON.parse(text) as { weight_map?: unknown };
    if (typeof map === 'object' && map !== null) {
      const names = Object.values(map);
      if (names.length > 0 && names.every(name => typeof name === 'string')) return names;
    }
  } catch (error) {
    throw new HostError('weightsCorrupt', `${indexFile} is not valid JSON. Download it again.`, { cause: error });
  }
  throw new HostError('weightsCorrupt', `${indexFile} has no usable weight_map. Download it again.`);
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(entry => entry.isDirectory(), () => false);
}
