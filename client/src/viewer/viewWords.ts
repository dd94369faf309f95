/** The sentences of an image view. Free of the editor. */
import { confidenceWord } from '../../../paligemma/src/confidence';
import { given } from '../../../paligemma/src/given';
import type { RunResult, Timings } from '../../../paligemma/src/runResult';
import { firstWord } from '../../../paligemma/src/firstWord';
import { decimal } from '../../../paligemma/src/words';
import { answererOf } from '../../../paligemma/src/serverNames';
import type { Box } from '../../../paligemma/src/facts';
import type { ViewDetail, ViewState, ViewWords } from '../contract/viewer';
import { pageWords } from './pageWords';
import { startingText } from '../progress/progressText';
import type { Translate } from '../../../paligemma/src/translate';

/** @param isLooking It is not known yet whether something is known of the picture. */
export function viewWords(view: ViewState, t: Translate, isLooking = false): ViewWords {
  const emptyText = emptyAnswerText(view, t);
  const regions = view.result?.regions ?? [];
  return {
    statusText: isLooking && view.status === 'idle' ? t('Looking for known answers …') : statusText(view, t),
    ...given({ emptyText }),
    regionsHeading: regions.length === 1 ? t('1 region') : t('{0} regions', regions.length),
    regionLabels: regions.map(({ label }, index) => t('{0}. {1}', index + 1, label || t('no name'))),
    regionPlaces: regions.map(({ box, confidence }) =>
      confidence === undefined ? placeText(box, t) : `${placeText(box, t)} · ${sureText(confidence, t)}`
    ),
    details: details(view, t),
    pictureUnavailable: view.status === 'failed'
      ? t('This picture cannot be shown.')
      : t('This picture cannot be shown here. The answer is not affected.'),
    page: pageWords(t),
  };
}

function statusText(view: ViewState, t: Translate): string {
  switch (view.status) {
    case 'idle':
      return view.prompt === ''
        ? t('Nothing has been asked about this picture yet.')
        : t('This prompt has no answer for this picture yet. Run asks it.');
    case 'running':
      return startingText(t);
    case 'failed':
      return view.error ?? '';
    case 'done':
      return view.result === undefined ? '' : endText(view.result, t);
  }
}

function endText({ stopReason, fromStore, timings, source }: RunResult, t: Translate): string {
  if (source === 'text layer') {
    return t(
      'The text of the document itself: no model was asked. With the setting “paligemma.textLayer” off, the model reads the page.',
    );
  }
  if (stopReason !== 'eos') {
    return t('The answer was cut off at its length limit. The setting “paligemma.maxNewTokens” raises it.');
  }
  return fromStore ? t('Known from an earlier run') : t('Answered in {0}', timeText(timings, t));
}

/** An empty answer is an answer: the model saw nothing of the kind. */
function emptyAnswerText(view: ViewState, t: Translate): string | undefined {
  const { result } = view;
  if (result === undefined || result.text !== '' || result.regions.length > 0) return undefined;
  const task = firstWord(view.prompt);
  if (task === 'detect' || task === 'segment') return t('Nothing of the kind was found in the picture.');
  if (task === 'ocr') return t('No text was found in the picture.');
  return t('The model gave an empty answer.');
}

function details({ status, prompt, result, widthPx, heightPx }: ViewState, t: Translate): ViewDetail[] {
  if (status === 'idle') return [];
  const rows: ViewDetail[] = [{ id: 'prompt', label: t('Prompt'), value: prompt || t('(empty prompt)') }];
  // Of a document's own text no model is to be named.
  if (result !== undefined && result.source === undefined) {
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

function sureText(confidence: number, t: Translate): string {
  const words = { unsure: t('unsure'), fairlySure: t('fairly sure'), sure: t('sure') };
  return words[confidenceWord(confidence)];
}
