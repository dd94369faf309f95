/** How the state of an image view comes about, and what is copied from it. Free of the editor. */
import { jsonText, resultJson } from '../../../paligemma/src/answers/json';
import { isAbsentOr, isCount, isListOf, isOneOf, isShape, isString } from '../../../paligemma/src/checks';
import { given } from '../../../paligemma/src/given';
import { kindNames } from '../../../paligemma/src/kinds/kinds';
import { isRunResult, type RunResult } from '../../../paligemma/src/runResult';
import { viewCures, type ViewBanner, type ViewCure, type ViewState } from '../contract/viewer';
import type { Translate } from '../../../paligemma/src/translate';

/** A view that was opened without a run. */
export function idleView(imageUri: string, imageName: string): ViewState {
  return { imageUri, imageName, status: 'idle', widthPx: 0, heightPx: 0, prompt: '' };
}

/** A view whose run has begun. What an earlier run told of the picture's size is kept. */
export function runningView(
  imageUri: string,
  imageName: string,
  prompt: string,
  earlier: ViewState | undefined,
): ViewState {
  const { widthPx = 0, heightPx = 0 } = earlier ?? {};
  return { imageUri, imageName, status: 'running', widthPx, heightPx, prompt, ...wishFor(prompt, earlier) };
}

export function doneView(
  view: ViewState,
  result: RunResult,
  modelNote: string | undefined,
): ViewState {
  const { imageUri, imageName } = view;
  const { prompt, image: { widthPx, heightPx } } = result;
  return {
    imageUri,
    imageName,
    status: 'done',
    widthPx,
    heightPx,
    prompt,
    result,
    ...wishFor(prompt, view),
    ...given({ modelNote: result.source === undefined ? modelNote : undefined }),
  };
}

/** What answers of a prompt were to be shown as holds for its next answers. */
function wishFor(prompt: string, earlier: ViewState | undefined): Pick<ViewState, 'show'> {
  return earlier?.prompt === prompt ? given({ show: earlier.show }) : {};
}

export function failedView(view: ViewState, error: string, cures: readonly ViewCure[] = []): ViewState {
  return { ...view, status: 'failed', error, ...(cures.length === 0 ? {} : { cures }) };
}

/** A view on which a prompt is to be seen that has no answer yet. */
export function askedView(imageUri: string, imageName: string, prompt: string): ViewState {
  return { ...idleView(imageUri, imageName), prompt };
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
  const { result } = view;
  const isOther = result !== undefined && shownSha256 !== undefined && result.image.sha256 !== shownSha256;
  if (isOther) {
    return {
      kind: 'otherContent',
      text: t('This answer belongs to an earlier version of the picture.'),
      action: 'runAgain',
      actionLabel: t('Run Again'),
    };
  }
  return view.status === 'done' ? smallTextBanner(result, t) : undefined;
}

function smallTextBanner(result: RunResult | undefined, t: Translate): ViewBanner | undefined {
  if (result?.advisedTiles === undefined) return undefined;
  return {
    kind: 'smallText',
    text: t('The picture is so large that its text may be too small for the model.'),
    action: 'readInParts',
    actionLabel: t('Read in {0} Parts', result.advisedTiles),
  };
}

/** What "Copy Text" copies: the answer as what it is; of boxes and masks with its location tokens. */

/**
 * What "Copy JSON" copies: the object that the command line prints with `--json`, indented.
 * @param imagePath Path of the picture as the person knows it.
 */
export function jsonToCopy({ result, show }: ViewState, imagePath: string, t: Translate): string {
  return result === undefined ? '' : jsonText(resultJson(imagePath, result, t, show), 2);
}

/**
 * Reads a state that a webview kept over a reload; undefined if it is not one (an older version wrote it, or nobody).
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
  const isSame = page.prompt === workspace.prompt && page.result?.suffix === workspace.result?.suffix
    && page.result?.image.sha256 === workspace.result?.image.sha256;
  return isSame ? page : workspace;
}

const isViewState = isShape<ViewState>({
  imageUri: isString,
  imageName: isString,
  widthPx: isCount,
  heightPx: isCount,
  prompt: isString,
  status: isOneOf(['idle', 'running', 'done', 'failed'] as const),
  result: isAbsentOr(isRunResult),
  show: isAbsentOr(isOneOf(kindNames)),
  modelNote: isAbsentOr(isString),
  error: isAbsentOr(isString),
  cures: isAbsentOr(isListOf(isOneOf<ViewCure>(viewCures))),
});
