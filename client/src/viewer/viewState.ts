/** How the state of an image view comes about, and what is copied from it. Free of the editor. */
import type { Region } from '../../../model-host/src/contract/paligemma';
import type { RunResult } from '../../../server/src/contract/protocol';
import type { ViewState } from '../contract/viewer';

/** A view whose run has begun. What an earlier run told of the picture's size is kept. */
export function runningView(imageUri: string, imageName: string, prompt: string, earlier: ViewState | undefined): ViewState {
  return {
    imageUri, imageName, prompt, status: 'running',
    widthPx: earlier?.widthPx ?? 0, heightPx: earlier?.heightPx ?? 0,
    model: '', suffix: '', tokenIds: [], text: '', regions: [],
  };
}

export function doneView(view: ViewState, result: RunResult, modelNote: string | undefined): ViewState {
  return {
    imageUri: view.imageUri, imageName: view.imageName, status: 'done',
    widthPx: result.image.widthPx, heightPx: result.image.heightPx,
    model: result.model, ...(modelNote === undefined ? {} : { modelNote }), device: result.device,
    prompt: result.prompt, suffix: result.suffix, tokenIds: result.tokenIds, text: result.text, regions: result.regions,
    stopReason: result.stopReason, timings: result.timings, isFromStore: result.fromStore,
  };
}

export function failedView(view: ViewState, error: string): ViewState {
  return { ...view, status: 'failed', error };
}

/** What "Copy Text" copies: the answer; with its location tokens where regions were parsed from it. */
export function textToCopy(view: ViewState): string {
  return view.regions.length > 0 ? view.suffix : view.text || view.suffix;
}

/**
 * What "Copy JSON" copies: the object that the command line prints with `--json`, indented.
 * @param imagePath Path of the picture as the person knows it.
 */
export function jsonToCopy(view: ViewState, imagePath: string): string {
  const { widthPx, heightPx, model, device, prompt, suffix, tokenIds, stopReason, timings } = view;
  const regions = view.regions.map(({ label, box, mask }) => ({
    label, box, ...(mask === undefined ? {} : { mask: { width: mask.width, height: mask.height, png: mask.png } }),
  }));
  return JSON.stringify({ image: imagePath, widthPx, heightPx, model, device, prompt, suffix, tokenIds, stopReason, regions, timings }, undefined, 2);
}

/**
 * Reads a state that a webview kept over a reload; undefined where it is none (an older version wrote it, or nobody).
 * @param interrupted The sentence for a run that the reload cut off.
 */
export function restoredView(state: unknown, interrupted: string): ViewState | undefined {
  if (!isViewState(state)) return undefined;
  return state.status === 'running' ? failedView(state, interrupted) : state;
}

function isViewState(value: unknown): value is ViewState {
  if (!isRecord(value)) return false;
  const { imageUri, imageName, widthPx, heightPx, model, prompt, suffix, tokenIds, text, regions, status } = value;
  return [imageUri, imageName, model, prompt, suffix, text].every(field => typeof field === 'string')
    && isSize(widthPx) && isSize(heightPx)
    && Array.isArray(tokenIds) && tokenIds.every(Number.isInteger)
    && Array.isArray(regions) && regions.every(isRegion)
    && (status === 'running' || status === 'done' || status === 'failed')
    && hasOptionalFields(value);
}

function hasOptionalFields({ modelNote, device, error, stopReason, timings, isFromStore }: Record<string, unknown>): boolean {
  return [modelNote, device, error, stopReason].every(field => field === undefined || typeof field === 'string')
    && (isFromStore === undefined || typeof isFromStore === 'boolean')
    && (timings === undefined || (isRecord(timings) && Object.values(timings).every(isSize)));
}

function isRegion(value: unknown): value is Region {
  if (!isRecord(value) || typeof value['label'] !== 'string') return false;
  const { box, mask } = value;
  const hasBox = isRecord(box) && [box['x1'], box['y1'], box['x2'], box['y2']].every(Number.isFinite);
  return hasBox && (mask === undefined || (isRecord(mask) && typeof mask['png'] === 'string'));
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
