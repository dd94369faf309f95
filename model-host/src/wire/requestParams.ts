/**
 * Reads what came over the channel: untyped until it was looked at. Whoever sends something else gets a failure of the
 * table, not a bug.
 */
import * as l10n from '@vscode/l10n';
import { isAbsentOr, isBoolean, isListOf, isOneOf, isRecord, isStringArray } from '../../../paligemma/src/checks';
import { isBox, isMask, isRegion } from '../../../paligemma/src/runResult';
import type { Box } from '../../../paligemma/src/facts';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import { MOST_TILES, tileCount, type TileGrid } from '../../../paligemma/src/tileChoice';
import { serverDialects } from '../contract/inferenceServer';
import { attentionModes, deviceNames, locDivisors, weightTypes } from '../../../paligemma/src/facts';
import { MOST_MASK_PIXELS } from '../contract/protocol';
import type {
  ConvertParams,
  CountPagesParams,
  CountTokensParams,
  EncodeMasksParams,
  GenerateParams,
  InitializeParams,
  LikenessParams,
  OverlayParams,
  ProbeServerParams,
  SuffixRegionsParams,
  ThumbnailParams,
  TilesParams,
  UniteMasksParams,
} from '../contract/protocol';

type Json = Readonly<Record<string, unknown>>;

/** Above that of any model: what is sent has this side squared. */
const MAX_RESOLUTION_PX = 4096;

/** @throws Failure `badArgument`, as all of them. */
export function readInitializeParams(value: unknown): InitializeParams {
  const params = record(value, 'initialize');
  check(typeof params['protocolVersion'] === 'number', 'initialize', 'protocolVersion, a number');
  check(isPath(params['cachePath']), 'initialize', 'cachePath, an absolute path');
  return value as InitializeParams;
}

export function readGenerateParams(value: unknown): GenerateParams {
  const params = record(value, 'generate');
  checkModel(record(params['model'], 'generate'));
  check(isPath(params['imagePath']), 'generate', 'imagePath, an absolute path');
  check(typeof params['prefix'] === 'string', 'generate', 'prefix, a string');
  check(isCount(params['maxNewTokens']), 'generate', 'maxNewTokens, a whole number of 1 or more');
  check(isOneOf(locDivisors)(params['locDivisor']), 'generate', `locDivisor, ${locDivisors.join(' or ')}`);
  check(isAbsentOr(isCrop)(params['crop']), 'generate', 'crop, a box in whole pixels, or none');
  check(
    [params['isUrgent'], params['isAlone'], params['freshFeatures'], params['ignoresTextLayer']]
      .every(isAbsentOr(isBoolean)),
    'generate',
    'isUrgent, isAlone, freshFeatures and ignoresTextLayer, true, false or none',
  );
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

export function readCountPagesParams(value: unknown): CountPagesParams {
  check(isPath(record(value, 'countPages')['imagePath']), 'countPages', 'imagePath, an absolute path');
  return value as CountPagesParams;
}

export function readCountTokensParams(value: unknown): CountTokensParams {
  const params = record(value, 'countTokens');
  check(isPath(params['modelPath']), 'countTokens', 'modelPath, an absolute path');
  check(isStringArray(params['texts']), 'countTokens', 'texts, a list of strings');
  return value as CountTokensParams;
}

export function readEncodeMasksParams(value: unknown): EncodeMasksParams {
  const params = record(value, 'encodeMasks');
  check(isPath(params['codecPath']), 'encodeMasks', 'codecPath, an absolute path');
  check(isStringArray(params['masks']), 'encodeMasks', 'masks, a list of strings');
  return value as EncodeMasksParams;
}

export function readLikenessParams(value: unknown): LikenessParams {
  check(isPath(record(value, 'likeness')['imagePath']), 'likeness', 'imagePath, an absolute path');
  return value as LikenessParams;
}

export function readOverlayParams(value: unknown): OverlayParams {
  const params = record(value, 'overlay');
  check(isPath(params['imagePath']) && isPath(params['outPath']), 'overlay', 'imagePath and outPath, absolute paths');
  check(isListOf(isRegion)(params['regions']), 'overlay', 'regions, as a run told them');
  return value as OverlayParams;
}

export function readThumbnailParams(value: unknown): ThumbnailParams {
  const params = record(value, 'thumbnail');
  check(isPath(params['imagePath']), 'thumbnail', 'imagePath, an absolute path');
  check(typeof params['maxSidePx'] === 'number', 'thumbnail', 'maxSidePx, a number');
  check(
    params['labelPx'] === undefined || typeof params['labelPx'] === 'number',
    'thumbnail',
    'labelPx, a number or none',
  );
  check(
    isAbsentOr(isListOf(isRegion))(params['regions']),
    'thumbnail',
    'regions, as a run told them, or none',
  );
  return value as ThumbnailParams;
}

export function readTilesParams(value: unknown): TilesParams {
  const params = record(value, 'planTiles');
  const { tiles, resolutionPx, kind } = params;
  check(isPath(params['imagePath']), 'planTiles', 'imagePath, an absolute path');
  check(
    tiles === 'auto' || isGrid(tiles) || isBox(tiles),
    'planTiles',
    `tiles, auto, columns and rows with ${MOST_TILES} parts at most, or a box`,
  );
  check(
    isCount(resolutionPx) && (resolutionPx as number) <= MAX_RESOLUTION_PX,
    'planTiles',
    `resolutionPx, 1 to ${MAX_RESOLUTION_PX}`,
  );
  check(kind === 'text' || kind === 'objects', 'planTiles', 'kind, text or objects');
  check(typeof params['takesTextLayer'] === 'boolean', 'planTiles', 'takesTextLayer, true or false');
  return value as TilesParams;
}

export function readUniteMasksParams(value: unknown): UniteMasksParams {
  const { masks } = record(value, 'uniteMasks');
  check(isListOf(isMask)(masks) && masks.length > 0, 'uniteMasks', 'masks, as runs told them');
  return value as UniteMasksParams;
}

export function readSuffixRegionsParams(value: unknown): SuffixRegionsParams {
  const { suffix, widthPx, heightPx, locDivisor, codecPath, decoderFolders } = record(value, 'suffixRegions');
  check(typeof suffix === 'string', 'suffixRegions', 'suffix, a string');
  check(isCount(widthPx) && isCount(heightPx), 'suffixRegions', 'widthPx and heightPx, 1 or more');
  check(isOneOf(locDivisors)(locDivisor), 'suffixRegions', `locDivisor, ${locDivisors.join(' or ')}`);
  check(codecPath === undefined || isPath(codecPath), 'suffixRegions', 'codecPath, an absolute path or none');
  check(
    decoderFolders === undefined || Array.isArray(decoderFolders) && decoderFolders.every(isPath),
    'suffixRegions',
    'decoderFolders, absolute paths or none',
  );
  if (Number(widthPx) * Number(heightPx) > MOST_MASK_PIXELS) {
    throw new Failure('badArgument', l10n.t('The picture has too many pixels for masks.'));
  }
  return value as SuffixRegionsParams;
}

export function readProbeServerParams(value: unknown): ProbeServerParams {
  const params = record(value, 'probeServer');
  check(isEndpoint(params['endpoint']), 'probeServer', 'an endpoint with the url of a server');
  return value as ProbeServerParams;
}

function checkModel(model: Json): void {
  if ('endpoints' in model) checkRemoteModel(model);
  else checkLocalModel(model);
}

function checkRemoteModel({ endpoints, model, dialect, resolutionPx, contextTokens }: Json): void {
  check(
    Array.isArray(endpoints) && endpoints.length > 0 && endpoints.every(isEndpoint),
    'generate',
    'endpoints with the urls of servers',
  );
  check(typeof model === 'string', 'generate', 'the name of a model');
  check(isOneOf(serverDialects)(dialect), 'generate', `a dialect, one of ${serverDialects.join(', ')}`);
  check(
    isCount(resolutionPx) && (resolutionPx as number) <= MAX_RESOLUTION_PX,
    'generate',
    `resolutionPx, 1 to ${MAX_RESOLUTION_PX}`,
  );
  check(
    contextTokens === undefined || isCount(contextTokens),
    'generate',
    'contextTokens, a whole number of 1 or more, or none',
  );
}

function checkLocalModel(model: Json): void {
  const { gpuLayers } = model;
  check(
    gpuLayers === undefined || gpuLayers === 0 || isCount(gpuLayers),
    'generate',
    'gpuLayers, a whole number of 0 or more, or none',
  );
  check(isPath(model['path']), 'generate', 'the path of a model, absolute');
  check(isOneOf(deviceNames)(model['device']), 'generate', `a device, one of ${deviceNames.join(', ')}`);
  checkConversion('generate', model);
}

function checkConversion(request: string, { weights, attention, adapterPath, tokenizerPaths }: Json): void {
  check(isOneOf(weightTypes)(weights), request, `weights, one of ${weightTypes.join(', ')}`);
  check(isOneOf(attentionModes)(attention), request, `attention, one of ${attentionModes.join(', ')}`);
  check(adapterPath === undefined || isPath(adapterPath), request, 'adapterPath, an absolute path or none');
  check(
    tokenizerPaths === undefined || (Array.isArray(tokenizerPaths) && tokenizerPaths.every(isPath)),
    request,
    'tokenizerPaths, absolute paths or none',
  );
}

function record(value: unknown, request: string): Json {
  check(isRecord(value), request, 'an object');
  return value;
}

function check(holds: boolean, request: string, expected: string): asserts holds {
  if (!holds) {
    throw new Failure(
      'badArgument',
      l10n.t(
        'The request “{0}” to the model host is not well formed: it needs {1}. Parts of two versions may be mixed; reinstall the extension.',
        request,
        expected,
      ),
    );
  }
}

/** No file system takes a path with a NUL in it. */
function isPath(value: unknown): boolean {
  return typeof value === 'string' && path.isAbsolute(value) && !value.includes('\0');
}

/** What the address may be is checked where it is used. */
function isEndpoint(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { url, apiKey, proxyUrl } = value;
  return typeof url === 'string' && URL.canParse(url) && /^https?:/i.test(url)
    && [apiKey, proxyUrl].every(part => part === undefined || typeof part === 'string');
}

/** Whole pixels, with one between the sides at least. */
function isCrop(value: unknown): value is Box {
  return isBox(value) && Object.values(value).every(side => Number.isSafeInteger(side) && side >= 0)
    && value.x2 > value.x1 && value.y2 > value.y1;
}

function isGrid(value: unknown): value is TileGrid {
  return isRecord(value) && isCount(value['columns']) && isCount(value['rows'])
    && tileCount(value as unknown as TileGrid) <= MOST_TILES;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
