/** What a person should know before a model is downloaded. Free of the editor. */
import type { WeightType } from '../../../paligemma/src/facts';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import type { Translate } from '../../../paligemma/src/translate';
import { kindText, memoryText, weightBytes } from './modelItems';
import { sizeText } from './sizeText';

/** One fact a line: bytes, disk, memory, kind, licence. */
export function downloadFacts(model: ModelInfo, weights: WeightType, t: Translate): string {
  const { downloadBytes, partialBytes, freeBytes, licence } = model;
  const prepared = downloadBytes === undefined ? undefined : weightBytes(downloadBytes, weights);
  return [
    ...(downloadBytes === undefined ? [] : [
      partialBytes === undefined
        ? t('{0} to download', sizeText(downloadBytes, t))
        : t('{0} to download, of which {1} is here already', sizeText(downloadBytes, t), sizeText(partialBytes, t)),
    ]),
    ...(prepared === undefined
      ? []
      : [t('about {0} more on disk for the prepared model ({1})', sizeText(prepared, t), weights)]),
    ...(freeBytes === undefined ? [] : [t('{0} free on the disk', sizeText(freeBytes, t))]),
    memoryText(model, weights, t),
    kindText(model.kind, t),
    ...(licence === undefined
      ? []
      : [t('Licence: {0} ({1}); accept it on the model’s page at Hugging Face first', licence.name, licence.url)]),
  ].filter(line => line !== '').map(line => `• ${line}`).join('\n');
}
