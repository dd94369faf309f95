/** How the state of an image view comes about, and what is copied from it. Free of the editor. */
import type { RunResult } from '../../../paligemma/src/runResult';
import type { Region } from '../../../paligemma/src/facts';
import type { ViewBanner, ViewState } from '../contract/viewer';
import type { Translate } from '../common/translate';

/** A view that was opened without a run. */
export function idleView(imageUri: string, imageName: string): ViewState {
  return {
    imageUri,
    imageName,
    status: 'idle',
    widthPx: 0,
    heightPx: 0,
    model: '',
    prompt: '',
    suffix: '',
    tokenIds: [],
    text: '',
    regions: [],
  };
}

/** A view whose run has begun. What an earlier run told of the picture's size is kept. */
export function runningView(
  imageUri: string,
  imageName: string,
  prompt: string,
  earlier: ViewState | undefined,
): ViewState {
  return {
    imageUri,
    imageName,
    prompt,
    status: 'running',
    widthPx: earlier?.widthPx ?? 0,
    heightPx: earlier?.heightPx ?? 0,
    model: '',
    suffix: '',
    tokenIds: [],
    text: '',
    regions: [],
  };
}

export function doneView(view: ViewState, result: RunResult, modelNote: string | undefined): ViewState {
  return {
    imageUri: view.imageUri,
    imageName: view.imageName,
    status: 'done',
    widthPx: result.image.widthPx,
    heightPx: result.image.heightPx,
    sha256: result.image.sha256,
    model: result.model,
    ...(modelNote === undefined ? {} : { modelNote }),
    device: result.device,
    prompt: result.prompt,
    suffix: result.suffix,
    tokenIds: result.tokenIds,
    text: result.text,
    regions: result.regions,
    stopReason: result.stopReason,
    timings: result.timings,
    isFromStore: result.fromStore,
  };
}

export function failedView(view: ViewState, error: string): ViewState {
  return { ...view, status: 'failed', error };
}

/**
 * What the person should know about picture and answer; undefined where all is well.
 * @param file Whether the file still has the content that is shown. @param shownSha256 Of that content.
 */
export function bannerFor(
  view: ViewState,
  file: 'current' | 'changed' | 'missing',
  shownSha256: string | undefined,
  t: Translate,
): ViewBanner | undefined {
  if (file === 'missing') {
    return {
      kind: 'missing',
      text: t('The picture was deleted or moved, or it cannot be read. What was found in it stays here.'),
      action: 'reload',
      actionLabel: t('Look Again'),
    };
  }
  if (file === 'changed') {
    return { kind: 'changed', text: t('The picture was changed on disk.'), action: 'reload', actionLabel: t('Reload') };
  }
  const isOther = view.status === 'done' && view.sha256 !== undefined && shownSha256 !== undefined
    && view.sha256 !== shownSha256;
  if (!isOther) return undefined;
  return {
    kind: 'otherContent',
    text: t('This answer belongs to an earlier content of the picture.'),
    action: 'runAgain',
    actionLabel: t('Run Again'),
  };
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
    label,
    box,
    ...(mask === undefined ? {} : { mask: { width: mask.width, height: mask.height, png: mask.png } }),
  }));
  return JSON.stringify(
    { image: imagePath, widthPx, heightPx, model, device, prompt, suffix, tokenIds, stopReason, regions, timings },
    undefined,
    2,
  );
}

/**
 * Reads a state that a webview kept over a reload; undefined where it is none (an older version wrote it, or nobody).
 * @param interrupted The sentence for a run that the reload cut off.
 */
export function restoredView(state: unknown, interrupted: string): ViewState | undefined {
  if (!isViewState(state)) return undefined;
  return state.status === 'running' ? failedView(state, interrupted) : state;
}

/**
 * The state that a view begins with: what its page kept, which has everything, or, where that is of an earlier answer
 * (a browser may end a page before it was saved) or is missing, what the workspace remembers.
 */
export function firstState(
  imageUri: string,
  kept: unknown,
  remembered: unknown,
  interrupted: string,
): ViewState | undefined {
  const [page, workspace] = [restoredView(kept, interrupted), restoredView(remembered, interrupted)].map(state =>
    state?.imageUri === imageUri ? state : undefined
  );
  if (page === undefined || workspace === undefined) return page ?? workspace;
  return page.prompt === workspace.prompt && page.suffix === workspace.suffix && page.sha256 === workspace.sha256
    ? page
    : workspace;
}

function isViewState(value: unknown): value is ViewState {
  if (!isRecord(value)) return false;
  const { imageUri, imageName, widthPx, heightPx, model, prompt, suffix, tokenIds, text, regions, status } = value;
  return [imageUri, imageName, model, prompt, suffix, text].every(field => typeof field === 'string')
    && isSize(widthPx) && isSize(heightPx)
    && Array.isArray(tokenIds) && tokenIds.every(Number.isInteger)
    && Array.isArray(regions) && regions.every(isRegion)
    && (status === 'idle' || status === 'running' || status === 'done' || status === 'failed')
    && hasOptionalFields(value);
}

function hasOptionalFields(
  { modelNote, device, error, stopReason, sha256, timings, isFromStore }: Record<string, unknown>,
): boolean {
  return [modelNote, device, error, stopReason, sha256].every(field => field === undefined || typeof field === 'string')
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
