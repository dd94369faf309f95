/** Models as lines of a pick list. Free of the editor. */
import type { CheckpointKind, WeightType } from '../../../paligemma/src/facts';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import type { Translate } from '../../../paligemma/src/translate';
import { hostsOf, servedName } from '../../../paligemma/src/serverNames';
import { adapterBase } from './adapterBase';
import { maskText } from './serverTexts';
import { sizeText } from './sizeText';

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
  /** Id of the model that is recommended to who has none. */
  readonly recommended?: string;
}

export function modelItem(model: ModelInfo, settings: ModelSettings, t: Translate): ModelItem {
  if (model.server !== undefined) return serverItem(model, model.server, settings, t);
  const isTooLarge = memoryOf(model, settings.weights)?.fits === false;
  return {
    label: marked(model, isTooLarge, settings),
    description: [...(model.id === settings.recommended ? [t('recommended')] : []), ...facts(model, t)].join(' · '),
    detail: model.problem ?? [
      memoryText(model, settings.weights, t),
      kindText(model.kind, t),
      model.isInstalled && model.converted.length === 0 ? t('prepared on its first use') : '',
      model.licence?.name ?? '',
    ].filter(part => part !== '').join(' · '),
  };
}

function serverItem(
  model: ModelInfo,
  { urls, mask }: NonNullable<ModelInfo['server']>,
  { chosen }: ModelSettings,
  t: Translate,
): ModelItem {
  const resolution = model.resolutionPx === undefined ? [] : [t('{0} px', model.resolutionPx)];
  return {
    label: `${model.problem !== undefined ? '$(warning)' : model.id === chosen ? '$(check)' : '$(cloud)'} ${
      servedName(model.id)
    }`,
    description: [hostsOf(urls), ...resolution].join(' · '),
    detail: model.problem
      ?? [
        t('Pictures are sent to {0}', hostsOf(urls)),
        kindText(model.kind, t),
        mask === 'prefix' ? '' : maskText(mask, t),
      ].filter(part => part !== '').join(' · '),
  };
}

function marked({ id, problem }: ModelInfo, isTooLarge: boolean, { chosen, recommended }: ModelSettings): string {
  if (problem !== undefined || isTooLarge) return `$(warning) ${id}`;
  if (id === recommended) return `$(star-full) ${id}`;
  return id === chosen ? `$(check) ${id}` : id;
}

function facts(model: ModelInfo, t: Translate): string[] {
  const { resolutionPx, bytes, downloadBytes, partialBytes, isInstalled } = model;
  const base = adapterBase(model);
  return [
    ...(base === undefined ? [] : [t('adapter for {0}', base)]),
    ...(resolutionPx === undefined ? [] : [t('{0} px', resolutionPx)]),
    ...(bytes === undefined ? [] : [t('{0} on disk', sizeText(bytes, t))]),
    ...(isInstalled || downloadBytes === undefined ? [] : [t('{0} to download', sizeText(downloadBytes, t))]),
    ...(partialBytes === undefined ? [] : [t('{0} of it is here already', sizeText(partialBytes, t))]),
  ];
}

/** What one run needs, estimated; undefined for a model whose size is not known. */
export function memoryOf(
  { memoryBytes, fits }: ModelInfo,
  weights: WeightType,
): { readonly bytes: number; readonly fits: boolean } | undefined {
  return memoryBytes === undefined || fits === undefined
    ? undefined
    : { bytes: memoryBytes[weights], fits: fits.includes(weights) };
}

/** Whether this machine has the memory that the model needs with these weights; empty where nothing is known. */
export function memoryText(model: ModelInfo, weights: WeightType, t: Translate): string {
  const memory = memoryOf(model, weights);
  if (memory === undefined) {
    return model.bytes === undefined || model.kind === 'demo'
      ? ''
      : t('Needs {0} of memory or more', sizeText(weightBytes(model.bytes, weights), t));
  }
  if (memory.fits) return t('Fits this machine: needs {0} of memory as {1}', sizeText(memory.bytes, t), weights);
  const [other] = model.fits ?? [];
  return other === undefined || model.memoryBytes === undefined
    ? t('Too large for this machine: needs {0} of memory as {1}', sizeText(memory.bytes, t), weights)
    : t(
      'Too large for this machine as {0}, which needs {1} of memory; as {2} it fits with {3} (setting “paligemma.weights”)',
      weights,
      sizeText(memory.bytes, t),
      other,
      sizeText(model.memoryBytes[other], t),
    );
}

/**
 * What the weights alone take in memory, bytes: published checkpoints hold 16 bits a number; `int4` and
 * `int8` hold 4 and 8 and share a 16-bit scale among 32 of them.
 */
export function weightBytes(checkpointBytes: number, weights: WeightType): number {
  return (checkpointBytes / 16) * bitsOf[weights];
}

const bitsOf: Readonly<Record<WeightType, number>> = { int4: 4.5, int8: 8.5, f16: 16, f32: 32 };

/** What a kind of checkpoint can do, in plain words; empty where it is not known. */
export function kindText(kind: CheckpointKind, t: Translate): string {
  switch (kind) {
    case 'mix':
      return t('All tasks');
    case 'pt':
      return t('To be fine-tuned');
    case 'ft':
      return t('Fine-tuned for one task');
    case 'demo':
      return t('Demo: drawn shapes and printed words only');
    case 'unknown':
      return '';
  }
}
