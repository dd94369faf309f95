/** What an entry says as one question and one answer. */
import {
  objectsPrefix,
  objectsSuffix,
  placeObjects,
  type Placed,
  type PixelSize,
} from '../../../../datasets/src/forms/placedObject';
import type { Entry } from '../sources/source';

/** Objects as boxes with labels, and the prefix that asks for all classes. */
export function boxesText(
  entry: Entry & { readonly kind: 'objects' },
  size: PixelSize | undefined,
  classes: readonly string[],
  place: string,
): { readonly prefix: string; readonly suffix: string; readonly placed: Placed } {
  const placed = placeObjects(entry.objects, size, place);
  return {
    prefix: objectsPrefix('detect', classes),
    suffix: objectsSuffix(placed.objects),
    placed,
  };
}
