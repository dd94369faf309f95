/** A checkpoint folder, of Hugging Face or another form that is read: its sizes and where each tensor lies. */
import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import {
  bigVisionFile,
  missingShard,
  modelProblem,
  weightPlace,
  type FolderFacts,
  type FolderProblem,
} from '../../../paligemma/src/folderContents';
import { quantizedProblem, unreadQuantization, type TensorType } from '../../../paligemma/src/quantization';
import { shown } from '../../../paligemma/src/shown';
import type { WeightForm } from '../../../paligemma/src/weightForms';
import { openBigVision } from './bigVision';
import { readConfig, unread, type CheckpointConfig, type PaliGemmaConfig } from './config';
import { readFolderFacts } from './folderFacts';
import { joinForms, type Gathered } from './forms';
import { EMBEDDING, HEAD, isUnread, modelTensors } from './modelTensors';
import { canonicalName } from './names';
import { readPlainFile } from '../../../system/src/plainFile';
import {
  readSafetensorsHeader,
  type ModelTensor,
  type SafetensorsHeader,
  type StoredCodes,
  type StoredTensor,
} from './safetensors';

/** Published ones have some hundred kilobytes. */
const MAX_INDEX_BYTES = 64 * 2 ** 20;
/** No file system takes a longer name. */
const MAX_NAME = 255;
/** Ids are kept in three bytes. */
const MAX_VOCABULARY = 2 ** 24;

export interface Checkpoint {
  readonly folder: string;
  readonly config: PaliGemmaConfig;
  /** Rows of the embedding table. */
  readonly vocabularySize: number;
  /** Sum over the model's tensors as stored. */
  readonly bytes: number;
  /**
   * Whether an output matrix is stored beside the embedding. Without one both names give the same tensor.
   */
  readonly hasHead: boolean;
  /** Shapes that the config asks for, by canonical name; what an adapter may change. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** How the weights are stored; undefined for plain numbers in the form of transformers. */
  readonly form: WeightForm | undefined;
  /** A tensor by its canonical name. @throws Failure tensorMissing, tensorMismatch */
  tensor(name: string, shape: readonly number[]): ModelTensor;
}

/**
 * Opens a checkpoint: the files that transformers would read, by their headers only. Every tensor is there in the shape
 * that the config asks for, and none is left over.
 * @throws Failure of the model kinds; nothing is written.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  if (!(await isFolder(folder))) {
    throw new Failure(
      'modelMissing',
      l10n.t('There is no model folder {0}. Give the folder of a PaliGemma 2 checkpoint.', folder),
    );
  }
  const facts = await readFolderFacts(folder);
  const problem = modelProblem(facts);
  if (problem !== undefined) throw unusable(folder, problem);
  const { config: { tiesHead, vocabularySize: saidRows, ...config }, stored, form } = await openWeights(folder, facts);
  if (tiesHead) shareHead(stored);
  const vocabularySize = stored.get(EMBEDDING)?.shape[0] ?? 0;
  if (vocabularySize > MAX_VOCABULARY) {
    throw new Failure(
      'tensorMismatch',
      l10n.t(
        'The embedding table in {0} has {1} rows; a vocabulary has at most {2}. Download the checkpoint again.',
        folder,
        vocabularySize,
        MAX_VOCABULARY,
      ),
    );
  }
  const shapes = modelTensors(config, saidRows ?? vocabularySize);
  refuseUnmerged(folder, stored);
  if (!tiesHead && !stored.has(HEAD)) throw headMissing(folder);
  const tensor = (name: string, shape: readonly number[]) => checkedTensor(folder, stored, name, shape);
  for (const [name, shape] of shapes) tensor(name, shape);
  refuseLeftOver(folder, stored, shapes);
  return {
    folder,
    config,
    vocabularySize,
    bytes: [...new Set(stored.values())].reduce((sum, { byteLength }) => sum + byteLength, 0),
    hasHead: stored.get(HEAD) !== stored.get(EMBEDDING),
    shapes,
    form,
    tensor,
  };
}

interface OpenedWeights {
  readonly config: CheckpointConfig;
  /** By canonical name. */
  readonly stored: Map<string, ModelTensor>;
  readonly form: WeightForm | undefined;
}

async function openWeights(folder: string, facts: FolderFacts): Promise<OpenedWeights> {
  const archive = bigVisionFile(facts);
  if (archive !== undefined) {
    checkPlainName(archive, folder);
    const { sizes, tensors } = await openBigVision(path.join(folder, archive));
    return { config: sizes.config, stored: new Map(tensors), form: { kind: 'bigVision' } };
  }
  const config = await readConfig(folder);
  const gathered = await readTensors(folder, facts);
  const shapes = modelTensors(config, config.vocabularySize ?? 1);
  const { tensors, form } = await joinForms(gathered, name => shapes.get(name));
  return { config, stored: tensors, form };
}

/**
 * Tied weights are stored once, under either name. Source: transformers 5.23 `modeling_utils.py`, tie_weights.
 */
function shareHead(stored: Map<string, ModelTensor>): void {
  const head = stored.get(HEAD);
  const embedding = stored.get(EMBEDDING);
  if (head === undefined && embedding !== undefined) stored.set(HEAD, embedding);
  if (embedding === undefined && head !== undefined) stored.set(EMBEDDING, head);
}

/** By canonical name. */
async function readTensors(folder: string, facts: FolderFacts): Promise<Gathered> {
  const stored = new Map<string, StoredTensor | StoredCodes>();
  const unlike: TensorType[] = [];
  const names: string[] = [];
  let format: string | undefined;
  const { files, fileOf } = await weightFiles(folder, facts);
  const headers = new Map<string, SafetensorsHeader>();
  for (const file of files) headers.set(file, await readSafetensorsHeader(path.join(folder, file)));
  const held = new Map(
    [...headers].map(([file, { tensors, codes }]) => [file, new Set([...tensors, ...codes].map(({ name }) => name))]),
  );
  for (const [file, header] of headers) {
    format ??= header.format;
    unlike.push(...header.others);
    for (const tensor of [...header.tensors, ...header.codes]) {
      // Shards of an earlier state may hold a tensor as well: the index says which counts, if it is right.
      const said = fileOf.get(tensor.name) ?? file;
      if (said !== file && held.get(said)?.has(tensor.name) === true) continue;
      names.push(tensor.name);
      const name = canonicalName(tensor.name);
      if (name === undefined || isUnread(name)) continue;
      const other = stored.get(name);
      if (other !== undefined) throw twice(folder, tensor, other);
      stored.set(name, tensor);
    }
  }
  refuseQuantized(folder, facts, stored, unlike);
  if (!stored.has(EMBEDDING) && !stored.has(HEAD)) {
    refuseUnmerged(folder, stored);
    throw foreignNames(folder, names);
  }
  return { stored, writer: format, config: facts.config };
}

function refuseQuantized(
  folder: string,
  { config }: FolderFacts,
  stored: ReadonlyMap<string, StoredTensor | StoredCodes>,
  unlike: readonly TensorType[],
): void {
  const all = [...stored.values()].map(({ name, type }) => ({ name, dtype: type }));
  const by = unreadQuantization([...unlike, ...all], config);
  if (by !== undefined) throw unusable(folder, quantizedProblem(by));
  const wide = unlike.find(({ name }) => {
    const canonical = canonicalName(name);
    return canonical !== undefined && !isUnread(canonical) && !stored.has(canonical);
  });
  if (wide !== undefined) {
    throw unusable(folder, {
      reason: 'modelUnsupported',
      problem: l10n.t(
        'Its tensor {0} is stored as {1}, and only bf16, f16 and f32 are read. Save the model again in one of them.',
        shown(wide.name),
        shown(wide.dtype),
      ),
    });
  }
}

function foreignNames(folder: string, names: readonly string[]): Failure {
  const [first] = names;
  return new Failure(
    'tensorMissing',
    first === undefined
      ? l10n.t('The weights in {0} hold no tensors. Download the checkpoint again.', folder)
      : l10n.t(
        'The checkpoint {0} has no tensor “{1}”: its names, such as {2}, are not those of PaliGemma 2 in transformers. Save the model with model.save_pretrained(FOLDER), without the wrapper of its trainer.',
        folder,
        EMBEDDING,
        shown(first),
      ),
  );
}

function twice(folder: string, { name }: { readonly name: string }, other: { readonly name: string }): Failure {
  return new Failure(
    'tensorMismatch',
    l10n.t(
      'The checkpoint {0} holds one tensor twice, as {1} and as {2}, so it is unclear which counts. Save the model again with model.save_pretrained(FOLDER).',
      folder,
      shown(other.name),
      shown(name),
    ),
  );
}

/** An adapter's shell keeps weights under other names, so that they would seem to be missing. */
function refuseUnmerged(folder: string, stored: ReadonlyMap<string, { readonly name: string }>): void {
  const tensor = [...stored].find(([name]) => /\.(?:lora_\w+|base_layer|modules_to_save|original_module)\./.test(name))
    ?.[1];
  if (tensor === undefined) return;
  throw new Failure(
    'tensorMismatch',
    l10n.t(
      'The checkpoint {0} holds the tensor {1}, of an adapter that was not merged. Merge it with PEFT (merge_and_unload) before saving.',
      folder,
      shown(tensor.name),
    ),
  );
}

function headMissing(folder: string): Failure {
  return new Failure(
    'tensorMissing',
    l10n.t(
      'config.json in {0} says tie_word_embeddings: false, but the weights hold no {1}. Where the output matrix is the embedding again, as in the published checkpoints, set it to true; else save the model again with its head.',
      folder,
      HEAD,
    ),
  );
}

/** What is stored and not asked for would have changed the answers: a deeper model, biases. */
function refuseLeftOver(
  folder: string,
  stored: ReadonlyMap<string, ModelTensor>,
  shapes: ReadonlyMap<string, readonly number[]>,
): void {
  const left = [...stored].find(([name]) => !shapes.has(name));
  if (left === undefined) return;
  throw new Failure(
    'tensorMismatch',
    l10n.t(
      'The checkpoint {0} holds the tensor {1}, which a PaliGemma 2 of its config.json does not have. config.json and weights belong to different models; download the checkpoint again.',
      folder,
      shown(left[1].name),
    ),
  );
}

function unusable(folder: string, { reason, problem }: FolderProblem): Failure {
  return new Failure(reason, l10n.t('{0} cannot be used as a model. {1}', folder, problem));
}

function checkedTensor(
  folder: string,
  tensors: ReadonlyMap<string, ModelTensor>,
  name: string,
  shape: readonly number[],
): ModelTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new Failure(
      'tensorMissing',
      l10n.t(
        'The checkpoint {0} has no tensor “{1}” that its config.json asks for. A *.safetensors file is missing or belongs to another model; download the checkpoint again.',
        folder,
        name,
      ),
    );
  }
  const isSame = tensor.shape.length === shape.length && tensor.shape.every((dim, axis) => dim === shape[axis]);
  if (!isSame) {
    throw new Failure(
      'tensorMismatch',
      l10n.t(
        'The tensor “{0}” in {1} has the shape [{2}]; config.json asks for [{3}]. config.json and weights belong to different models; download the checkpoint again.',
        tensor.name.slice(0, 200),
        tensor.file,
        tensor.shape.slice(0, 20).join(', '),
        shape.join(', '),
      ),
    );
  }
  return tensor;
}

interface WeightFiles {
  /** Names inside of the folder. */
  readonly files: readonly string[];
  /** Of each stored name, where an index tells. */
  readonly fileOf: ReadonlyMap<string, string>;
}

async function weightFiles(folder: string, facts: FolderFacts): Promise<WeightFiles> {
  const place = weightPlace(facts);
  if (place === undefined || place.kind === 'archive') {
    throw new Failure(
      'weightsMissing',
      l10n.t(
        'There are no weights in {0}: model.safetensors is missing. Download the checkpoint again; all of its *.safetensors files are needed.',
        folder,
      ),
    );
  }
  const from = place.kind === 'index' ? path.join(folder, place.file) : folder;
  if (place.kind === 'files') {
    for (const name of place.files) checkPlainName(name, from);
    return { files: place.files, fileOf: new Map() };
  }
  checkPlainName(place.file, folder);
  let text: string;
  try {
    text = (await readPlainFile(from, MAX_INDEX_BYTES)).toString('utf8');
  } catch (error) {
    throw new Failure('weightsCorrupt', unread(from, error), { cause: error });
  }
  const fileOf = new Map(weightMap(text, from));
  const files = [...new Set(fileOf.values())];
  for (const name of files) checkPlainName(name, from);
  const lost = files.find(name => !facts.files.has(name));
  if (lost !== undefined) throw unusable(folder, missingShard(lost));
  return { files, fileOf };
}

/** A file's name is data from a download: it must not lead out of the folder. */
function checkPlainName(name: string, from: string): void {
  if (path.basename(name) !== name || /[\\/]/.test(name) || name === '..' || name === '' || name.length > MAX_NAME) {
    throw new Failure(
      'weightsCorrupt',
      l10n.t(
        '{0} names the file {1}, which is not a plain file name. Download the checkpoint again.',
        from,
        shown(name),
      ),
    );
  }
}

/** Tensor to file. */
function weightMap(text: string, indexFile: string): [string, string][] {
  try {
    const { weight_map: map } = JSON.parse(text) as { weight_map?: unknown };
    if (typeof map === 'object' && map !== null) {
      const entries = Object.entries(map);
      if (entries.length > 0 && entries.every(([, name]) => typeof name === 'string')) {
        return entries as [string, string][];
      }
    }
  } catch (error) {
    throw new Failure('weightsCorrupt', l10n.t('{0} is not valid JSON. Download it again.', indexFile), {
      cause: error,
    });
  }
  throw new Failure('weightsCorrupt', l10n.t('{0} has no usable weight_map. Download it again.', indexFile));
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(entry => entry.isDirectory(), () => false);
}
