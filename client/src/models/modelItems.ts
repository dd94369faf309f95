/** The models as lines of a pick list. Free of the editor. */
import type { WeightType } from '../../../model-host/src/contract/paligemma';
import type { CheckpointKind, ModelInfo } from '../../../server/src/contract/protocol';
import type { Translate } from '../translate';

export interface ModelItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

export interface ModelSettings {
  /** The setting `paligemma.model`. */
  readonly chosen: string;
  /** The setting `paligemma.weights`. */
  readonly weights: WeightType;
}

export function modelItem(model: ModelInfo, { chosen, weights }: ModelSettings, t: Translate): ModelItem {
  const facts = [
    ...(model.resolutionPx === undefined ? [] : [t('{0} px', model.resolutionPx)]),
    ...(model.bytes === undefined ? [] : [t('{0} on disk', sizeText(model.bytes, t))]),
    ...(model.bytes === undefined || model.kind === 'demo' ? [] : [t('from {0} of memory', sizeText(weightBytes(model.bytes, weights), t))]),
    ...(model.isInstalled ? [] : [t('not on this machine')]),
  ];
  return {
    label: model.problem !== undefined ? `$(warning) ${model.id}` : model.id === chosen ? `$(check) ${model.id}` : model.id,
    description: facts.join(' · '),
    detail: model.problem ?? [kindText(model.kind, t), model.isInstalled && model.converted.length === 0 ? t('prepared on its first use') : ''].filter(part => part !== '').join(' · '),
  };
}

/**
 * What the weights alone take in memory, bytes: published checkpoints hold 16 bits a number; `int4` and
 * `int8` hold 4 and 8 and share a 16-bit scale among 32 of them.
 */
export function weightBytes(checkpointBytes: number, weights: WeightType): number {
  return (checkpointBytes / 16) * bitsOf[weights];
}

const bitsOf: Readonly<Record<WeightType, number>> = { int4: 4.5, int8: 8.5, f16: 16, f32: 32 };

function kindText(kind: CheckpointKind, t: Translate): string {
  switch (kind) {
    case 'mix': return t('All tasks');
    case 'pt': return t('Pretrained: short task prompts, meant to be fine-tuned');
    case 'ft': return t('Fine-tuned: knows the prompts of its own task only');
    case 'demo': return t('Demo: drawn shapes and printed words only');
    case 'unknown': return '';
  }
}

/** Bytes as people read them, in powers of 1000. */
export function sizeText(bytes: number, t: Translate): string {
  if (bytes >= 1e9) return t('{0} GB', (bytes / 1e9).toFixed(1));
  return t('{0} MB', (bytes / 1e6).toFixed(bytes >= 1e7 ? 0 : 1));
}
