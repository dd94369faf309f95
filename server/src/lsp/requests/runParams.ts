/**
 * Reads what a client sent to `paligemma/run`, `paligemma/overlay` or the run command: untyped until it was looked at.
 */
import * as l10n from '@vscode/l10n';
import { isListOf, isOneOf, isRecord } from '../../../../paligemma/src/checks';
import { deviceNames, locDivisors, weightTypes, type Box } from '../../../../paligemma/src/facts';
import { MOST_TILES, tileChoiceOf, type TileChoice } from '../../../../paligemma/src/tileChoice';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import { isBox, isRegion } from '../../../../paligemma/src/runResult';
import type { RunChoices } from '../../../../paligemma/src/runChoices';
import type { OverlayRequest, RunParams } from '../../contract/protocol';

type Untyped = { readonly [K in keyof RunParams]?: unknown };

/** @throws Failure `badArgument` */
export function readRunParams(value: unknown): RunParams {
  if (typeof value !== 'object' || value === null) throw badParams('an object with imageUris and prompt');
  const { imageUris, prompt, workDoneToken, partialResultToken, ...optional } = value as Untyped;
  if (!Array.isArray(imageUris) || !imageUris.every(uri => typeof uri === 'string')) {
    throw badParams('imageUris, a list of file: URIs');
  }
  if (typeof prompt !== 'string') throw badParams('prompt, a string');
  return {
    imageUris,
    prompt,
    ...readOptional(optional),
    ...(isToken(workDoneToken) ? { workDoneToken } : {}),
    ...(isToken(partialResultToken) ? { partialResultToken } : {}),
  };
}

/** @throws Failure `badArgument` */
export function readOverlayRequest(value: unknown): OverlayRequest {
  if (!isRecord(value)) throw badOverlay('an object with imageUri, regions and outPath');
  const { imageUri, regions, outPath } = value;
  if (typeof imageUri !== 'string') throw badOverlay('imageUri, a file: URI');
  if (!isListOf(isRegion)(regions)) throw badOverlay('regions, as a run told them');
  if (typeof outPath !== 'string' || !path.isAbsolute(outPath)) throw badOverlay('outPath, an absolute path');
  return { imageUri, regions, outPath };
}

/** Editors that cannot leave a value out send null. */
function readOptional(
  { model, maxNewTokens, ...others }: { readonly [K in keyof RunChoices]?: unknown },
): RunChoices {
  const name = model ?? undefined;
  const limit = maxNewTokens ?? undefined;
  if (name !== undefined && typeof name !== 'string') throw badParams('model, the name or folder of a model, or none');
  if (limit !== undefined && !(typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1)) {
    throw badParams('maxNewTokens, a whole number of 1 or more, or none');
  }
  return given({ model: name, maxNewTokens: limit, ...readRare(others) });
}

/** What only our own client sends. */
function readRare(
  { adapter, locDivisor, device, weights, tiles, region }: { readonly [K in keyof RunChoices]?: unknown },
): Omit<RunChoices, 'model' | 'maxNewTokens'> {
  const folder = adapter ?? undefined;
  if (folder !== undefined && !(typeof folder === 'string' && path.isAbsolute(folder))) {
    throw badParams('adapter, the absolute path of a folder, or none');
  }
  return given({
    adapter: folder,
    locDivisor: oneOf(locDivisor, locDivisors, 'locDivisor'),
    device: oneOf(device, deviceNames, 'device'),
    weights: oneOf(weights, weightTypes, 'weights'),
    tiles: tilesOf(tiles ?? undefined),
    region: regionOf(region ?? undefined),
  });
}

function oneOf<T extends string | number>(value: unknown, values: readonly T[], name: string): T | undefined {
  const present = value ?? undefined;
  if (present === undefined || isOneOf(values)(present)) return present;
  throw badParams(`${name}, one of ${values.join(', ')}, or none`);
}

function tilesOf(value: unknown): TileChoice | undefined {
  const choice = typeof value === 'string' ? tileChoiceOf(value) : undefined;
  if (choice !== undefined || value === undefined) return choice;
  throw badParams(`tiles, auto, off, or columns and rows such as 3x2 with ${MOST_TILES} parts at most, or none`);
}

function regionOf(value: unknown): Box | undefined {
  if (value === undefined || isBox(value)) return value;
  throw badParams('region, a box in pixels, or none');
}

function isToken(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function badOverlay(expected: string): Failure {
  return new Failure(
    'badArgument',
    l10n.t('The request to draw regions is not well formed: it needs {0}.', expected),
  );
}

function badParams(expected: string): Failure {
  return new Failure(
    'badArgument',
    l10n.t('The request to run a prompt is not well formed: it needs {0}.', expected),
  );
}
