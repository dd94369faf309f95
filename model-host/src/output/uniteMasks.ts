/** Masks of the pieces of one object as one mask. */
import type { Mask } from '../../../paligemma/src/facts';
import { greyPng } from '../image/png';
import { loadGreyPng } from '../image/load';
import { breathe } from '../util/breathe';

/**
 * @param masks Of equal size, at least one. Cancellable between masks.
 * @returns a mask of that size, inside wherever one of them is.
 * @throws RangeError for masks of several sizes, or none; Error of sharp where one is no PNG; DOMException `AbortError`.
 */
export async function uniteMasks(masks: readonly Mask[], signal?: AbortSignal): Promise<Mask> {
  const [first, ...others] = masks;
  if (first === undefined) throw new RangeError('There is no mask.');
  const { width, height } = first;
  const united = await levelsOf(first);
  for (const mask of others) {
    await breathe(signal);
    if (mask.width !== width || mask.height !== height) throw new RangeError('The masks differ in size.');
    const levels = await levelsOf(mask);
    for (let i = 0; i < united.length; i++) united[i]! |= levels[i]!;
  }
  return { width, height, png: (await greyPng(united, width, height)).toString('base64') };
}

async function levelsOf({ png, width, height }: Mask): Promise<Uint8Array> {
  const { data, widthPx, heightPx } = await loadGreyPng(Buffer.from(png, 'base64'));
  if (widthPx !== width || heightPx !== height) throw new RangeError('A mask is not of the size that it claims.');
  return data;
}
