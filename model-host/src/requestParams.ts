/** Reads what came over the channel: untyped until it was looked at. Whoever sends something else gets a failure of the table, not a bug. */
import path from 'node:path';
import { HostError } from './contract/errors';
import { attentionModes, deviceNames, weightTypes, type Region } from './contract/paligemma';
import type { ConvertParams, GenerateParams, InitializeParams, ModelSpec, OverlayParams, ThumbnailParams } from './contract/protocol';

type Json = Readonly<Record<string, unknown>>;

/** @throws HostError `badArgument`, as all of them. */
export function readInitializeParams(value: unknown): InitializeParams {
  const params = record(value, 'initialize');
  check(typeof params['protocolVersion'] === 'number', 'initialize', 'protocolVersion, a number');
  check(isPath(params['cachePath']), 'initialize', 'cachePath, an absolute path');
  return value as InitializeParams;
}

export function readGenerateParams(value: unknown): GenerateParams {
  const params = record(value, 'generate');
  checkModel(params['model']);
  check(isPath(params['imagePath']), 'generate', 'imagePath, an absolute path');
  check(typeof params['prefix'] === 'string', 'generate', 'prefix, a string');
  check(isCount(params['maxNewTokens']), 'generate', 'maxNewTokens, a whole number of 1 or more');
  check(params['locDivisor'] === 1023 || params['locDivisor'] === 1024, 'generate', 'locDivisor, 1023 or 1024');
  check(typeof params['progressToken'] === 'string', 'generate', 'progressToken, a string');
  return value as GenerateParams;
}

export function readConvertParams(value: unknown): ConvertParams {
  const params = record(value, 'convert');
  check(isPath(params['sourcePath']) && isPath(params['outPath']), 'convert', 'sourcePath and outPath, absolute paths');
  checkConversion('convert', params);
  check(typeof params['progressToken'] === 'string', 'convert', 'progressToken, a string');
  return value as ConvertParams;
}

export function readOverlayParams(value: unknown): OverlayParams {
  const params = record(value, 'overlay');
  check(isPath(params['imagePath']) && isPath(params['outPath']), 'overlay', 'imagePath and outPath, absolute paths');
  check(isRegions(params['regions']), 'overlay', 'regions, as a run told them');
  return value as OverlayParams;
}

export function readThumbnailParams(value: unknown): ThumbnailParams {
  const params = record(value, 'thumbnail');
  check(isPath(params['imagePath']), 'thumbnail', 'imagePath, an absolute path');
  check(typeof params['maxSidePx'] === 'number', 'thumbnail', 'maxSidePx, a number');
  check(params['regions'] === undefined || isRegions(params['regions']), 'thumbnail', 'regions, as a run told them, or none');
  return value as ThumbnailParams;
}

function checkModel(value: unknown): asserts value is ModelSpec {
  const model = record(value, 'generate');
  check(isPath(model['path']), 'generate', 'the path of a model, absolute');
  check(deviceNames.some(name => name === model['device']), 'generate', `a device, one of ${deviceNames.join(', ')}`);
  checkConversion('generate', model);
}

function checkConversion(request: string, { weights, attention, adapterPath }: Json): void {
  check(weightTypes.some(type => type === weights), request, `weights, one of ${weightTypes.join(', ')}`);
  check(attentionModes.some(mode => mode === attention), request, `attention, one of ${attentionModes.join(', ')}`);
  check(adapterPath === undefined || isPath(adapterPath), request, 'adapterPath, an absolute path or none');
}

function record(value: unknown, request: string): Json {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), request, 'an object');
  return value as Json;
}

function check(holds: boolean, request: string, expected: string): asserts holds {
  if (!holds) throw new HostError('badArgument', `The request “${request}” to the model host is not well formed: it needs ${expected}. Parts of two versions may be mixed; reinstall the extension.`);
}

/** No file system takes a path with a NUL in it. */
function isPath(value: unknown): boolean {
  return typeof value === 'string' && path.isAbsolute(value) && !value.includes('\0');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isRegions(value: unknown): value is readonly Region[] {
  return Array.isArray(value) && value.every(isRegion);
}

function isRegion(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { label, box, mask } = value as Json;
  if (typeof label !== 'string' || typeof box !== 'object' || box === null) return false;
  const { x1, y1, x2, y2 } = box as Json;
  return [x1, y1, x2, y2].every(Number.isFinite) && (mask === undefined || (typeof mask === 'object' && mask !== null && typeof (mask as Json)['png'] === 'string'));
}
