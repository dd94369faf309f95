/**
 * Reads what a client sent to `paligemma/run`, `paligemma/overlay` or the run command: untyped until it was looked at.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostError } from '../../../../paligemma/src/failures';
import type { Region } from '../../../../paligemma/src/facts';
import type { OverlayRequest, RunParams } from '../../contract/protocol';

type Untyped = { readonly [K in keyof RunParams]?: unknown };

/** @throws HostError `badArgument` */
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

/** @throws HostError `badArgument` */
export function readOverlayRequest(value: unknown): OverlayRequest {
  if (!isRecord(value)) throw badOverlay('an object with imageUri, regions and outPath');
  const { imageUri, regions, outPath } = value;
  if (typeof imageUri !== 'string') throw badOverlay('imageUri, a file: URI');
  if (!Array.isArray(regions) || !regions.every(isRegion)) throw badOverlay('regions, as a run told them');
  if (typeof outPath !== 'string' || !path.isAbsolute(outPath)) throw badOverlay('outPath, an absolute path');
  return { imageUri, regions, outPath };
}

function isRegion(value: unknown): value is Region {
  if (!isRecord(value) || typeof value['label'] !== 'string') return false;
  const { box, mask } = value;
  const hasBox = isRecord(box) && [box['x1'], box['y1'], box['x2'], box['y2']].every(Number.isFinite);
  return hasBox && (mask === undefined || (isRecord(mask) && typeof mask['png'] === 'string'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Editors that cannot leave a value out send null. */
function readOptional({ model, maxNewTokens }: Untyped): Pick<RunParams, 'model' | 'maxNewTokens'> {
  const name = model ?? undefined;
  const limit = maxNewTokens ?? undefined;
  if (name !== undefined && typeof name !== 'string') throw badParams('model, the name or folder of a model, or none');
  if (limit !== undefined && !(typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1)) {
    throw badParams('maxNewTokens, a whole number of 1 or more, or none');
  }
  return { ...(name === undefined ? {} : { model: name }), ...(limit === undefined ? {} : { maxNewTokens: limit }) };
}

/** @throws HostError `badArgument` for anything but a file on this machine. */
export function imagePathOf(imageUri: string): string {
  try {
    return fileURLToPath(imageUri);
  } catch (error) {
    throw new HostError(
      'badArgument',
      `${
        imageUri.slice(0, 200)
      } is not a file on this machine. Save the picture to a file (a file: URI) and run it there.`,
      { cause: error },
    );
  }
}

function isToken(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function badOverlay(expected: string): HostError {
  return new HostError('badArgument', `The request to draw regions is not well formed: it needs ${expected}.`);
}

function badParams(expected: string): HostError {
  return new HostError('badArgument', `The request to run a prompt is not well formed: it needs ${expected}.`);
}
