/** What a folder says about the model in it, read with care: a broken folder is a finding, never a crash. */
import * as l10n from '@vscode/l10n';
import { isCount, isOneOf, isRecord } from '../../../../paligemma/src/checks';
import { given } from '../../../../paligemma/src/given';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  ADAPTER_CONFIG_FILE,
  adapterProblem,
  architectureProblem,
  bigVisionFile,
  CONFIG_FILE,
  LFS_POINTER,
  LFS_POINTER_BYTES,
  missingShard,
  modelProblem,
  weightPlace,
  type FolderFacts,
  type JsonObject,
  type WeightPlace,
} from '../../../../paligemma/src/folderContents';
import {
  quantizationOf,
  quantizationOfTensors,
  quantizedProblem,
  unreadQuantization,
} from '../../../../paligemma/src/quantization';
import { formOfFolder, isWeightForm, type WeightForm } from '../../../../paligemma/src/weightForms';
import {
  type AttentionMode,
  attentionModes,
  type CheckpointKind,
  maskDecoderFiles,
  type WeightType,
  weightTypes,
} from '../../../../paligemma/src/facts';
import type { ModelSize } from '../../contract/protocol';
import { errorCode } from '../../util/files';
import { readPlainJson, readStart } from '../../../../system/src/plainFile';
import { modelSizes, sizeOfWidth } from './memory';
import { holdsBigVision } from './bigVisionMark';
import { readOnnxGraphs, type OnnxGraphs } from './onnxGraphs';
import { readTensorTypes } from './tensorTypes';

export interface ModelFolder {
  /** Absolute. */
  readonly path: string;
  /** Base name of the folder, or the name that a converted folder carries. */
  readonly name: string;
  readonly kind: CheckpointKind;
  readonly resolutionPx?: number;
  /** Absent for a decoder whose width is not that of a published one. */
  readonly size?: ModelSize;
  /** Bytes on disk. */
  readonly bytes: number;
  /** Set for a folder that the host converted. */
  readonly conversion?: Conversion;
  /** Set for a folder of transformers.js graphs, used without conversion: the weight types that are there. */
  readonly graphs?: { readonly weights: readonly WeightType[] };
  /** How the weights of a checkpoint are stored; absent for plain numbers in the form of transformers. */
  readonly form?: WeightForm;
  /** One sentence, set where it cannot be used as it is. */
  readonly problem?: string;
}

/** What `manifest.json` of a converted folder tells. */
export interface Conversion {
  readonly name: string;
  /** Folder of the checkpoint that it was made from. */
  readonly sourcePath?: string;
  readonly weights: WeightType;
  readonly attention: AttentionMode;
  /** Side of the picture that the model sees. */
  readonly resolutionPx?: number;
  /** How the weights of the checkpoint were stored. */
  readonly form?: WeightForm;
}

/** Larger ones are not what they claim to be; real ones have a few kilobytes. */
const LONGEST_JSON = 4 << 20;
/** Of the list of tensors: some hundred kilobytes. */
const LONGEST_INDEX = 64 << 20;
/** A folder with one of these is meant to be a model. */
const MARKS = [CONFIG_FILE, 'manifest.json'] as const;

/**
 * @param name What a checkpoint is called; kind and resolution are read from it where its config is silent.
 * @returns undefined where the folder holds neither a checkpoint nor a converted model nor graphs of transformers.js,
 *   or cannot be listed.
 */
export async function readModelFolder(
  folderPath: string,
  name = path.basename(folderPath),
): Promise<ModelFolder | undefined> {
  const files = await listFiles(folderPath);
  if (files === undefined) return undefined;
  const names = new Set(files.map(file => file.name));
  const hasWeights = files.some(({ name: file }) => file.endsWith('.safetensors') && !maskDecoderFiles.includes(file));
  const graphs = hasWeights ? undefined : await readOnnxGraphs(folderPath);
  const isModel = hasWeights || graphs !== undefined || MARKS.some(name => names.has(name))
    || await isArchiveFolder(folderPath, names);
  if (!isModel) return undefined;
  const base = { path: folderPath, bytes: files.reduce((sum, file) => sum + file.bytes, graphs?.bytes ?? 0) };
  const conversion = names.has('manifest.json') ? await readConversion(folderPath) : undefined;
  if (conversion !== undefined) {
    return {
      ...base,
      name: conversion.name,
      kind: kindOfName(conversion.name),
      ...given({ resolutionPx: conversion.resolutionPx ?? resolutionOfName(conversion.name).resolutionPx }),
      ...sizeOfName(conversion.name),
      conversion,
      ...given({ form: conversion.form }),
    };
  }
  return {
    ...base,
    name,
    kind: kindOfName(name),
    ...(graphs === undefined ? {} : { graphs: { weights: graphs.weights } }),
    ...resolutionOfName(name),
    ...await readCheckpoint(folderPath, name, files, graphs),
  };
}

/** What the config says of a checkpoint or of ready graphs, or what is wrong with the folder. */
async function readCheckpoint(
  folderPath: string,
  name: string,
  files: readonly ListedFile[],
  graphs: OnnxGraphs | undefined,
): Promise<Pick<ModelFolder, 'resolutionPx' | 'size' | 'problem' | 'form'>> {
  const facts = await readFacts(folderPath, files);
  const { config } = facts;
  const problem = graphs === undefined ? modelProblem(facts)?.problem : architectureProblem(config)?.problem;
  if (problem === undefined && bigVisionFile(facts) !== undefined) {
    return { ...sizeOfName(name), form: { kind: 'bigVision' } };
  }
  if (problem !== undefined || config === undefined) return { problem: problem ?? configProblem(facts.files) };
  const found = graphs === undefined
    ? await lookAtWeights(folderPath, facts)
    : given({ problem: missingGraph(graphs, facts.files) });
  return { ...readSizes(name, config), ...found };
}

/** An archive of NumPy may be anything: only one of a model makes a folder of them one. */
async function isArchiveFolder(folderPath: string, names: ReadonlySet<string>): Promise<boolean> {
  const archive = bigVisionFile({ files: names, config: undefined });
  return archive !== undefined && holdsBigVision(path.join(folderPath, archive));
}

/**
 * What lies in a folder that {@link readModelFolder} finds no model in, where it is something that can be named.
 */
export async function folderProblem(folderPath: string): Promise<string | undefined> {
  const files = await listFiles(folderPath);
  return files === undefined ? undefined : modelProblem(await readFacts(folderPath, files))?.problem;
}

/** A path of any system. */
const LONGEST_BASE = 1000;

/** A folder with an adapter and no checkpoint. */
export interface AdapterFolder {
  /** What its config says that it was trained on: a name, or a path of the machine where that was. */
  readonly base?: string;
  /** Whole sentences, where it is none that can be merged. */
  readonly problem?: string;
}

/** Undefined for whatever is no folder of an adapter alone. */
export async function readAdapterFolder(folderPath: string): Promise<AdapterFolder | undefined> {
  const files = await listFiles(folderPath);
  if (files?.some(({ name }) => name === ADAPTER_CONFIG_FILE) !== true) return undefined;
  const facts = await readFacts(folderPath, files);
  if (facts.config !== undefined || weightPlace(facts) !== undefined) return undefined;
  const base = facts.adapterConfig?.['base_model_name_or_path'];
  const isName = typeof base === 'string' && base !== '' && base.length <= LONGEST_BASE;
  return given({ base: isName ? base : undefined, problem: adapterProblem(facts)?.problem });
}

async function readFacts(folderPath: string, files: readonly ListedFile[]): Promise<FolderFacts> {
  const names = new Set(files.map(file => file.name));
  const small = files.filter(({ name, bytes }) =>
    bytes <= LFS_POINTER_BYTES && (name.endsWith('.safetensors') || name === 'tokenizer.json')
  );
  const starts = await Promise.all(small.map(({ name }) => readStart(path.join(folderPath, name), LFS_POINTER.length)));
  return {
    files: names,
    folders: await listFolders(folderPath),
    lfsPointers: small.filter((_, at) => starts[at]?.toString('latin1') === LFS_POINTER).map(({ name }) => name).sort(),
    config: await readObject(folderPath, names, CONFIG_FILE),
    adapterConfig: await readObject(folderPath, names, ADAPTER_CONFIG_FILE),
  };
}

async function readObject(
  folderPath: string,
  names: ReadonlySet<string>,
  name: string,
): Promise<JsonObject | undefined> {
  const value = names.has(name) ? await readPlainJson(path.join(folderPath, name), LONGEST_JSON) : undefined;
  return isRecord(value) ? value : undefined;
}

function configProblem(names: ReadonlySet<string>): string {
  return names.has(CONFIG_FILE)
    ? l10n.t('Its config.json cannot be read as JSON; copy the file again.')
    : itLacks(CONFIG_FILE);
}

/** What a folder of ready graphs lacks. */
function missingGraph(graphs: OnnxGraphs, names: ReadonlySet<string>): string | undefined {
  const missing = graphs.missing ?? (names.has('tokenizer.json') ? undefined : 'tokenizer.json');
  return missing === undefined ? undefined : itLacks(missing);
}

function itLacks(file: string): string {
  return l10n.t('It has no {0}; copy the checkpoint again, with all its files.', file);
}

/** Reads `manifest.json`; undefined where there is none that can be understood. */
export async function readConversion(folderPath: string): Promise<Conversion | undefined> {
  const manifest = await readPlainJson(path.join(folderPath, 'manifest.json'), LONGEST_JSON);
  if (!isRecord(manifest)) return undefined;
  const { name, weights, attention, source, config } = manifest;
  const form = isRecord(source) ? source['form'] : undefined;
  const isKnown = typeof name === 'string' && isOneOf(weightTypes)(weights) && isOneOf(attentionModes)(attention);
  if (!isKnown) return undefined;
  const sourcePath = isRecord(source) && typeof source['path'] === 'string' ? source['path'] : undefined;
  const vision = isRecord(config) ? config['vision'] : undefined;
  const side = isRecord(vision) ? vision['imageSizePx'] : undefined;
  return {
    name,
    weights,
    attention,
    ...given({
      sourcePath,
      resolutionPx: isCount(side) && side > 0 ? side : undefined,
      form: isWeightForm(form) ? form : undefined,
    }),
  };
}

/** What its weights lack, or are: only where they may be quantised is one of them looked into. */
async function lookAtWeights(
  folderPath: string,
  facts: FolderFacts,
): Promise<Pick<ModelFolder, 'problem' | 'form'>> {
  const place = weightPlace(facts);
  if (place === undefined || place.kind === 'archive') return { problem: itLacks('*.safetensors file') };
  const files = await filesOfPlace(folderPath, place);
  const lost = files.find(file => !facts.files.has(file));
  if (lost !== undefined) return { problem: missingShard(lost).problem };
  const [first] = files;
  if (quantizationOf(facts.config) === undefined || first === undefined) return {};
  const types = await readTensorTypes(path.join(folderPath, first));
  // A merged checkpoint may keep the config of its quantised base.
  if (types === undefined || quantizationOfTensors(types) === undefined) return {};
  const unread = unreadQuantization(types, facts.config);
  return unread === undefined ? given({ form: formOfFolder(facts) }) : { problem: quantizedProblem(unread).problem };
}

/** As far as they can be read: what is wrong with an index, the host says. */
async function filesOfPlace(
  folderPath: string,
  place: Exclude<WeightPlace, { readonly kind: 'archive' }>,
): Promise<readonly string[]> {
  if (place.kind === 'files') return place.files;
  const index = await readPlainJson(path.join(folderPath, path.basename(place.file)), LONGEST_INDEX);
  const map = isRecord(index) && isRecord(index['weight_map']) ? index['weight_map'] : {};
  return [...new Set(Object.values(map).filter(file => typeof file === 'string'))];
}

/** `pt`, `ft` or `mix` where the name has it as a part of its own, as published checkpoints do. */
export function kindOfName(name: string): CheckpointKind {
  const part = name.toLowerCase().split(/[-_./\\@]/).find(candidate =>
    candidate === 'pt' || candidate === 'ft' || candidate === 'mix'
  );
  return part === 'pt' || part === 'ft' || part === 'mix' ? part : 'unknown';
}

/** The side of the picture, where the name has one of the published ones as a part of its own. */
export function resolutionOfName(name: string): { readonly resolutionPx?: number } {
  const part = name.split(/[-_./\\@]/).findLast(candidate => /^(224|448|896)$/.test(candidate));
  return part === undefined ? {} : { resolutionPx: Number(part) };
}

/** Parameters as published names say them. */
export function sizeOfName(name: string): { readonly size?: ModelSize } {
  const parts = name.toLowerCase().split(/[-_./\\@]/);
  const size = modelSizes.find(candidate => parts.includes(candidate));
  return size === undefined ? {} : { size };
}

function readSizes(
  name: string,
  config: JsonObject,
): { readonly resolutionPx?: number; readonly size?: ModelSize } {
  const vision = config['vision_config'];
  const size = isRecord(vision) ? vision['image_size'] : undefined;
  const text = config['text_config'];
  const width = isRecord(text) ? text['hidden_size'] : undefined;
  const modelSize = sizeOfWidth(width);
  const sizes = width === undefined ? sizeOfName(name) : modelSize === undefined ? {} : { size: modelSize };
  return {
    ...(typeof size === 'number' && Number.isInteger(size) && size > 0 ? { resolutionPx: size } : {}),
    ...sizes,
  };
}

interface ListedFile {
  readonly name: string;
  readonly bytes: number;
}

/** Names of the folders in it. */
async function listFolders(folderPath: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folderPath, { withFileTypes: true }).catch(() => []);
  return new Set(entries.filter(entry => entry.isDirectory()).map(({ name }) => name));
}

async function listFiles(folderPath: string): Promise<readonly ListedFile[] | undefined> {
  try {
    const entries = await readdir(folderPath);
    const files = await Promise.all(entries.map(async name => {
      const info = await stat(path.join(folderPath, name)).catch(() => undefined);
      return info?.isFile() === true ? { name, bytes: info.size } : undefined;
    }));
    return files.filter(file => file !== undefined);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
