/** The sentences of an image view. Free of the editor. */
import { given } from '../../../paligemma/src/given';
import type { RunResult, Timings } from '../../../paligemma/src/runResult';
import { decimal } from '../../../paligemma/src/words';
import { answererOf } from '../../../paligemma/src/serverNames';
import type { Box } from '../../../paligemma/src/facts';
import type { PageWords, ViewDetail, ViewState, ViewWords } from '../contract/viewer';
import { startingText } from '../progress/progressText';
import type { Translate } from '../../../paligemma/src/translate';

export function viewWords(view: ViewState, t: Translate): ViewWords {
  const emptyText = emptyAnswerText(view, t);
  const regions = view.result?.regions ?? [];
  return {
    statusText: statusText(view, t),
    ...given({ emptyText }),
    regionsHeading: regions.length === 1 ? t('1 region') : t('{0} regions', regions.length),
    regionLabels: regions.map(({ label }, index) => t('{0}. {1}', index + 1, label || t('no name'))),
    regionPlaces: regions.map(({ box }) => placeText(box, t)),
    details: details(view, t),
    pictureUnavailable: view.status === 'failed'
      ? t('This picture cannot be shown.')
      : t('This picture cannot be shown here. The answer is not affected.'),
    page: pageWords(t),
  };
}

function pageWords(t: Translate): PageWords {
  return {
    answer: t('Answer'),
    answerRegion: t('Prompt and answer'),
    rawAnswer: t('Raw answer'),
    details: t('Details'),
    copyText: t('Copy Text'),
    copyJson: t('Copy JSON'),
    copyCrop: t('Copy Crop'),
    copied: t('Copied'),
    cropUnavailable: t('Select a region to copy that part of the picture.'),
    exportAs: t('Export…'),
    modelCard: t('Model Card'),
    promptField: t('Prompt'),
    promptPlaceholder: t('For example: detect cup ; plate'),
    suggestions: t('Suggestions'),
    history: t('earlier'),
    label: t('label'),
    run: t('Run'),
    stop: t('Stop'),
    pictureRegion: t('Picture'),
    pictureHelp: t(
      'Arrow keys move the picture, plus and minus zoom, 0 fits it, 1 shows it at its original size, N and P step through the regions.',
    ),
    pictureTools: t('View of the picture'),
    zoomIn: t('Zoom in'),
    zoomOut: t('Zoom out'),
    fit: t('Fit'),
    fitHelp: t('Show the whole picture (0)'),
    actualSize: t('Show the picture at its original size (1)'),
    labels: t('Labels'),
    labelsHelp: t('Show the labels of the boxes (L)'),
    masks: t('Masks'),
    masksHelp: t('How strongly masks are filled'),
    filter: t('Filter regions'),
    noMatch: t('No region matches the filter.'),
    shownCount: t('{0} of {1} shown'),
    showOrHide: t('Show or hide'),
    labelGroups: t('Labels to show'),
    labelCount: t('{0} ({1})'),
    emptyLabel: t('no name'),
    regionsHelp: t('Arrow keys step through the regions, Space shows or hides one, Escape selects none.'),
  };
}

function statusText(view: ViewState, t: Translate): string {
  switch (view.status) {
    case 'idle':
      return t('Nothing has been asked about this picture yet.');
    case 'running':
      return startingText(t);
    case 'failed':
      return view.error ?? '';
    case 'done':
      return view.result === undefined || view.result.stopReason === 'eos'
        ? t('Done')
        : t('The answer was cut off at its length limit. The setting “paligemma.maxNewTokens” raises it.');
  }
}

/** An empty answer is an answer: the model saw nothing of the kind. */
function emptyAnswerText(view: ViewState, t: Translate): string | undefined {
  const { result } = view;
  if (result === undefined || result.text !== '' || result.regions.length > 0) return undefined;
  const task = view.prompt.split(' ', 1)[0];
  if (task === 'detect' || task === 'segment') return t('Nothing of the kind was found in the picture.');
  if (task === 'ocr') return t('No text was found in the picture.');
  return t('The model gave an empty answer.');
}

function details({ status, prompt, result, widthPx, heightPx }: ViewState, t: Translate): ViewDetail[] {
  if (status === 'idle') return [];
  const rows: ViewDetail[] = [{ id: 'prompt', label: t('Prompt'), value: prompt || t('(empty prompt)') }];
  if (result !== undefined) {
    rows.push({ id: 'model', label: t('Model'), value: modelText(result, t) });
    rows.push({ id: 'device', label: t('Device'), value: deviceText(result.device, t) });
  }
  if (widthPx > 0) {
    rows.push({ id: 'size', label: t('Picture size'), value: t('{0} × {1} pixels', widthPx, heightPx) });
  }
  if (result !== undefined) {
    const time = result.fromStore ? t('known from an earlier run') : timeText(result.timings, t);
    rows.push({ id: 'time', label: t('Time'), value: time });
  }
  return rows;
}

function modelText(result: RunResult, t: Translate): string {
  const { name, hosts } = answererOf(result);
  return hosts === undefined ? name : t('{0} on {1}: the picture was sent there', name, hosts);
}

/** Devices by the names people know. */
export function deviceText(device: string, t: Translate): string {
  const names: Readonly<Record<string, string>> = {
    remote: t('an inference server'),
    cpu: 'CPU',
    webgpu: 'GPU (WebGPU)',
    cuda: 'GPU (CUDA)',
    dml: 'GPU (DirectML)',
    coreml: 'Core ML',
  };
  return names[device] ?? device;
}

/** For example "1.4 s, of which 0.9 s to load the model". */
export function timeText(timings: Timings, t: Translate): string {
  const { loadMs, imageMs, visionMs, prefillMs, decodeMs } = timings;
  const seconds = (ms: number) => decimal((ms / 1000).toFixed(ms < 100 ? 2 : 1), t);
  const total = seconds(loadMs + imageMs + visionMs + prefillMs + decodeMs);
  return loadMs >= 100 ? t('{0} s, of which {1} s to load the model', total, seconds(loadMs)) : t('{0} s', total);
}

function placeText({ x1, y1, x2, y2 }: Box, t: Translate): string {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(Math.round);
  return t('{0}, {1} to {2}, {3}', left ?? 0, top ?? 0, right ?? 0, bottom ?? 0);
}
