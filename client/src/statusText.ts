/** The status item in words. Free of the editor. */
import type { ServerState, ServerStatus } from '../../server/src/contract/protocol';
import { servedName } from '../../paligemma/src/serverNames';
import { tameText } from '../../paligemma/src/plainText';
import type { Translate } from '../../paligemma/src/translate';
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

export function statusWords(status: ServerStatus, t: Translate): StatusWords {
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
  const spoken = [title, ...facts, ...[sign, detail].filter(line => line !== undefined)].join(', ');
  // The host stands in the bar itself: that pictures leave the machine must not need a hover to be seen.
  const text = sendsTo === undefined
    ? `${stateIcon(status.state)} PaliGemma 2`
    : `${status.state === 'idle' || status.state === 'ready' ? '' : `${stateIcon(status.state)} `}$(cloud) ${sendsTo}`;
  return { text, title, sign, detail, facts, spoken, isFault: status.state === 'failed' };
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
