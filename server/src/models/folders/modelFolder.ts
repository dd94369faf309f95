/** What a folder says about the model in it, read with care: a broken folder is a finding, never a crash. */
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
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
import { modelSizes, sizeOfWidth } from './memory';
import { readOnnxGraphs, type OnnxGraphs } from './onnxGraphs';

export interface ModelFolder {
  /** Absolute. */
  readonly path: string;
  /** Base name of the folder, or the name that a converted folder carries. */
  readonly name: string;
  readonly kind: CheckpointKind;
  readonly resolutionPx?: number;
  /** Absent for a decoder of another width than the published ones. */
  readonly size?: ModelSize;
  /** Bytes on disk. */
  readonly bytes: number;
  /** Set for a folder that the host converted. */
  readonly conversion?: Conversion;
  /** Set for a folder of transformers.js graphs, used without conversion: the weight types that are there. */
  readonly graphs?: { readonly weights: readonly WeightType[] };
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
}

/** Larger ones are not what they claim to be; real ones have a few kilobytes. */
const LONGEST_JSON = 4 << 20;
/** A folder with one of these is meant to be a model. */
const MARKS = ['config.json', 'manifest.json'] as const;
const INDEX_FILE = 'model.safetensors.index.json';

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
  const isModel = hasWeights || graphs !== undefined || MARKS.some(name => names.has(name));
  if (!isModel) return undefined;
  const base = { path: folderPath, bytes: files.reduce((sum, file) => sum + file.bytes, graphs?.bytes ?? 0) };
  const conversion = names.has('manifest.json') ? await readConversion(folderPath) : undefined;
  if (conversion !== undefined) {
    return {
      ...base,
      name: conversion.name,
      kind: kindOfName(conversion.name),
      ...resolutionOfName(conversion.name),
      ...sizeOfName(conversion.name),
      conversion,
    };
  }
  const known = {
    ...base,
    name,
    kind: kindOfName(name),
    ...(graphs === undefined ? {} : { graphs: { weights: graphs.weights } }),
  };
  if (!names.has('config.json')) {
    return { ...known, problem: 'It has no config.json; copy the checkpoint again, with all its files.' };
  }
  const missing = hasWeights ? await missingWeights(folderPath, names) : missingGraph(graphs, names);
  return {
    ...known,
    ...resolutionOfName(name),
    ...(await readConfig(name, path.join(folderPath, 'config.json'))),
    ...(missing === undefined
      ? {}
      : { problem: `It has no ${missing}; copy the checkpoint again, with all its files.` }),
  };
}

/** What a folder without weights of a checkpoint lacks. */
function missingGraph(graphs: OnnxGraphs | undefined, names: ReadonlySet<string>): string | undefined {
  if (graphs === undefined) return '*.safetensors file';
  return graphs.missing ?? (names.has('tokenizer.json') ? undefined : 'tokenizer.json');
}

/** Reads `manifest.json`; undefined where there is none that can be understood. */
export async function readConversion(folderPath: string): Promise<Conversion | undefined> {
  const manifest = await readJson(path.join(folderPath, 'manifest.json'));
  if (!isRecord(manifest)) return undefined;
  const { name, weights, attention, source } = manifest;
  const isKnown = typeof name === 'string' && isOneOf(weightTypes, weights) && isOneOf(attentionModes, attention);
  if (!isKnown) return undefined;
  const sourcePath = isRecord(source) && typeof source['path'] === 'string' ? source['path'] : undefined;
  return { name, weights, attention, ...(sourcePath === undefined ? {} : { sourcePath }) };
}

/** The first file that the index names and that is not there, as after a download that broke off. */
async function missingWeights(folderPath: string, names: ReadonlySet<string>): Promise<string | undefined> {
  if (!names.has(INDEX_FILE)) return undefined;
  const index = await readJson(path.join(folderPath, INDEX_FILE));
  const map = isRecord(index) && isRecord(index['weight_map']) ? index['weight_map'] : {};
  return Object.values(map).find((file): file is string => typeof file === 'string' && !names.has(file));
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

async function readConfig(
  name: string,
  filePath: string,
): Promise<{ readonly resolutionPx?: number; readonly size?: ModelSize; readonly problem?: string }> {
  const config = await readJson(filePath);
  if (!isRecord(config)) return { problem: 'Its config.json cannot be read as JSON; copy the file again.' };
  const type = config['model_type'];
  if (type !== 'paligemma') {
    return {
      problem: `Its config.json describes ${
        typeof type === 'string' ? `a model of type "${type}"` : 'no model type'
      }, not a PaliGemma model.`,
    };
  }
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

async function listFiles(folderPath: string): Promise<{ readonly name: string; readonly bytes: number }[] | undefined> {
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

async function readJson(filePath: string): Promise<unknown> {
  try {
    const file = await open(filePath, 'r');
    try {
      const { size } = await file.stat();
      return size > LONGEST_JSON ? undefined : (JSON.parse(await file.readFile('utf8')) as unknown);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function isOneOf<T>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
