/** The status item in words. Free of the editor. */
import type { ServerState, ServerStatus } from '../../server/src/contract/protocol';
import { servedName } from '../../paligemma/src/serverNames';
import { tameText } from '../../paligemma/src/plainText';
import type { Translate } from '../../paligemma/src/translate';
import type { RunCount } from './connection/languageClient';
import { deviceText, timeText } from './viewer/viewWords';

export interface StatusWords {
  /** With the editor's `$(icon)` marks. */
  readonly text: string;
  readonly title: string;
  /** Set while pictures leave this machine: for whom. */
  readonly sign: string | undefined;
  /** What the person should know about the state. */
  readonly detail: string | undefined;
  /** Model, device and time, as far as known. */
  readonly facts: readonly string[];
  /** For screen readers. */
  readonly spoken: string;
  readonly isFault: boolean;
}

/** @param pictures Of the run that is going on; undefined where there is none, or it has one picture. */
export function statusWords(status: ServerStatus, t: Translate, pictures?: RunCount): StatusWords {
  const state = stateText(status.state, t);
  const title = t('PaliGemma 2: {0}', state);
  const facts = [
    ...(status.model === undefined ? [] : [t('Model: {0}', tameText(servedName(status.model)))]),
    ...(status.device === undefined ? [] : [t('Device: {0}', deviceText(status.device, t))]),
    ...(status.lastTimings === undefined ? [] : [t('Last answer: {0}', timeText(status.lastTimings, t))]),
  ];
  const detail = status.detail === undefined || status.detail === '' ? undefined : tameText(status.detail);
  const sendsTo = status.sendsTo === undefined ? undefined : tameText(status.sendsTo);
  const sign = sendsTo === undefined ? undefined : t('Pictures are sent to {0}', sendsTo);
  const count = pictures === undefined ? [] : [t('{0} of {1}', pictures.done, pictures.total)];
  const spoken = [title, ...count, ...facts, ...[sign, detail].filter(line => line !== undefined)].join(', ');
  // The host stands in the bar itself: that pictures leave the machine must not need a hover to be seen.
  const name = sendsTo === undefined
    ? `${stateIcon(status.state)} ${tameText(shortName(status.model))}`
    : `${status.state === 'idle' || status.state === 'ready' ? '' : `${stateIcon(status.state)} `}$(cloud) ${sendsTo}`;
  const text = [name, ...count].join(' ');
  return { text, title, sign, detail, facts, spoken, isFault: status.state === 'failed' };
}

/** The model without its owner, as a person calls it: `PaliGemma 2 3b-mix-448`; the product where none is known. */
function shortName(model: string | undefined): string {
  if (model === undefined) return 'PaliGemma 2';
  const name = model.split(/[\\/]/).at(-1) ?? model;
  return clipped(name.replace(/^paligemma2-(?=.)/i, 'PaliGemma 2 '));
}

/** A bar of all extensions has no room for more. */
const LONGEST_NAME = 32;

function clipped(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function stateText(state: ServerState, t: Translate): string {
  switch (state) {
    case 'idle':
      return t('no model is loaded');
    case 'starting':
      return t('starting');
    case 'loading':
      return t('loading the model');
    case 'running':
      return t('working');
    case 'ready':
      return t('ready');
    case 'failed':
      return t('failed');
  }
}

function stateIcon(state: ServerState): string {
  switch (state) {
    case 'starting':
    case 'loading':
    case 'running':
      return '$(loading~spin)';
    case 'failed':
      return '$(warning)';
    case 'idle':
    case 'ready':
      return '$(eye)';
  }
}
