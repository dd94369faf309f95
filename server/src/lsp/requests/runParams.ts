/**
 * Reads what a client sent to `paligemma/run`, `paligemma/overlay` or the run command: untyped until it was looked at.
 */
import * as l10n from '@vscode/l10n';
import { isListOf, isRecord } from '../../../../paligemma/src/checks';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import { isRegion } from '../../../../paligemma/src/runResult';
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
function readOptional({ model, maxNewTokens }: Untyped): Pick<RunParams, 'model' | 'maxNewTokens'> {
  const name = model ?? undefined;
  const limit = maxNewTokens ?? undefined;
  if (name !== undefined && typeof name !== 'string') throw badParams('model, the name or folder of a model, or none');
  if (limit !== undefined && !(typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1)) {
    throw badParams('maxNewTokens, a whole number of 1 or more, or none');
  }
  return given({ model: name, maxNewTokens: limit });
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
