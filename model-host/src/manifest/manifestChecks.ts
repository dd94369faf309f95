/**
 * Whether a manifest says only what a converted folder can hold. The folder may be anybody's: nothing in it is taken on
 * trust.
 */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import path from 'node:path';
import { attentionModes, weightTypes } from '../../../paligemma/src/facts';
import { isWeightForm } from '../../../paligemma/src/weightForms';

type Json = Readonly<Record<string, unknown>>;

const MAX_WHOLE = 2 ** 31;
const MAX_LAYERS = 1024;
const MAX_POSITIONS = 2 ** 20;
const visionNumbers = [
  'imageSizePx',
  'patchSizePx',
  'imageTokens',
  'hiddenSize',
  'intermediateSize',
  'layers',
  'heads',
  'layerNormEpsilon',
] as const;
const textNumbers = [
  'hiddenSize',
  'intermediateSize',
  'layers',
  'heads',
  'kvHeads',
  'headDim',
  'queryPreAttnScalar',
  'ropeTheta',
  'rmsNormEpsilon',
  'maxPositions',
  'slidingWindow',
] as const;

/** Every converted model has it, beside its graphs. */
export const TOKENIZER_FILE = 'tokenizer.bin';

/** @returns What is wrong with it, as a sentence; undefined where all is well. */
export function manifestFault(value: unknown): string | undefined {
  if (!isRecord(value)) return l10n.t('Its manifest.json is not an object.');
  const { config, visionFiles, groups, maskDecoder, files } = value;
  if (
    !isWhole(value) || !isConfig(config) || !Array.isArray(files) || !files.every(isFile) || !Array.isArray(groups)
    || !Array.isArray(visionFiles)
  ) return l10n.t('Its manifest.json is incomplete.');
  const listed = new Set((files as readonly { readonly name: string }[]).map(file => file.name));
  const outside = [...listed].find(file => !isPlainName(file));
  if (outside !== undefined) {
    return l10n.t('It names a file outside of the folder, {0}.', JSON.stringify(outside.slice(0, 200)));
  }
  if (!listed.has(TOKENIZER_FILE) || !isTower(visionFiles, listed)) {
    return l10n.t('Its manifest.json does not name all the files that a model has.');
  }
  if (!areGroups(groups as unknown[], (config['text'] as Json)['layers'] as number, listed)) {
    return l10n.t('Its manifest.json names graphs that do not make up a decoder.');
  }
  if (maskDecoder !== undefined && !(typeof maskDecoder === 'string' && listed.has(maskDecoder))) {
    return l10n.t('Its manifest.json names a mask decoder that is not one of its files.');
  }
  return undefined;
}

function isWhole({ name, source, weights, attention, vocabularySize, isTowerMapped }: Json): boolean {
  return typeof name === 'string' && typeof isTowerMapped === 'boolean' && isRecord(source)
    && typeof source['fingerprint'] === 'string' && (source['form'] === undefined || isWeightForm(source['form']))
    && weightTypes.some(type => type === weights) && attentionModes.some(mode => mode === attention)
    && isCount(vocabularySize, MAX_WHOLE);
}

function isConfig(value: unknown): value is Json {
  if (!isRecord(value)) return false;
  const { vision, text, imageTokenId, eosTokenIds } = value;
  if (!isRecord(vision) || !isRecord(text) || !isCount(imageTokenId, MAX_WHOLE)) return false;
  return Array.isArray(eosTokenIds) && eosTokenIds.length < MAX_LAYERS && eosTokenIds.every(Number.isSafeInteger)
    && visionNumbers.every(key => isPositive(vision[key])) && textNumbers.every(key => isPositive(text[key]))
    && isCount(vision['imageSizePx'], 2 ** 14) && isCount(text['layers'], MAX_LAYERS)
    && isCount(text['maxPositions'], MAX_POSITIONS)
    && isCount(text['hiddenSize'], 2 ** 17) && isCount(text['kvHeads'], 2 ** 12) && isCount(text['headDim'], 2 ** 11);
}

function isTower(visionFiles: readonly unknown[], files: ReadonlySet<string>): boolean {
  return visionFiles.length > 0 && visionFiles.every(file => typeof file === 'string' && files.has(file));
}

/** Each one goes on where the one before it ended. */
function areGroups(groups: readonly unknown[], layers: number, files: ReadonlySet<string>): boolean {
  let layer = 0;
  for (const group of groups) {
    if (!isRecord(group) || typeof group['file'] !== 'string' || !files.has(group['file'])) return false;
    if (group['pieces'] !== undefined && !arePieces(group['pieces'], files)) return false;
    if (group['firstLayer'] !== layer || !isCount(group['endLayer'], layers) || group['endLayer'] <= layer) {
      return false;
    }
    layer = group['endLayer'];
  }
  return layer === layers;
}

function arePieces(value: unknown, files: ReadonlySet<string>): boolean {
  return isRecord(value) && typeof value['keysFile'] === 'string' && files.has(value['keysFile'])
    && isCount(value['positions'], MAX_POSITIONS);
}

function isFile(value: unknown): boolean {
  return isRecord(value) && typeof value['name'] === 'string' && Number.isSafeInteger(value['bytes'])
    && typeof value['sha256'] === 'string';
}

function isPlainName(name: string): boolean {
  return path.basename(name) === name && !name.includes('\\') && name !== '' && name !== '.' && name !== '..';
}

function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most;
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
