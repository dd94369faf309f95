/** The status item in words. Free of the editor. */
import type { ServerState, ServerStatus } from '../../server/src/contract/protocol';
import type { Translate } from './translate';
import { deviceText, timeText } from './viewer/viewWords';

export interface StatusWords {
  /** With the editor's `$(icon)` marks. */
  readonly text: string;
  readonly title: string;
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
    ...(status.model === undefined ? [] : [t('Model: {0}', status.model)]),
    ...(status.device === undefined ? [] : [t('Device: {0}', deviceText(status.device))]),
    ...(status.lastTimings === undefined ? [] : [t('Last answer: {0}', timeText(status.lastTimings, t))]),
  ];
  const detail = status.detail === '' ? undefined : status.detail;
  const spoken = [title, ...facts, ...(detail === undefined ? [] : [detail])].join(', ');
  return { text: `${stateIcon(status.state)} PaliGemma 2`, title, detail, facts, spoken, isFault: status.state === 'failed' };
}

function stateText(state: ServerState, t: Translate): string {
  switch (state) {
    case 'idle': return t('no model is loaded');
    case 'starting': return t('starting');
    case 'loading': return t('loading the model');
    case 'running': return t('working');
    case 'ready': return t('ready');
    case 'failed': return t('failed');
  }
}

function stateIcon(state: ServerState): string {
  switch (state) {
    case 'starting':
    case 'loading':
    case 'running': return '$(loading~spin)';
    case 'failed': return '$(warning)';
    case 'idle':
    case 'ready': return '$(eye)';
  }
}
