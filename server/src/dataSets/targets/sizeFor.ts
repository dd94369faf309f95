import * as l10n from '@vscode/l10n';
import type { PixelSize } from '../../../../datasets/src/forms/placedObject';
import type { Refusal, Remark } from '../../../../datasets/src/forms/setObject';
import type { PictureSizes } from '../sources/pictureRefs';
import type { Entry } from '../sources/source';

/**
 * The size by which boxes are meant: what the data set says, compared with the picture's file. A file that is turned by its EXIF
 * data against what the set says is refused: its boxes would lie elsewhere.
 */
export async function sizeFor(
  { picture, size: said }: Entry & { readonly kind: 'objects' },
  sizes: PictureSizes,
  place: string,
): Promise<{
  readonly size: PixelSize | undefined;
  readonly refusal?: Refusal;
  readonly remarks: readonly Remark[];
}> {
  const found = await sizes.of(picture.path);
  if (found === 'missing') return { size: said, remarks: ['noPicture'] };
  if (found === 'unknown') return { size: said, remarks: [] };
  if (said === undefined) return { size: found, remarks: [] };
  const { widthPx, heightPx } = found;
  if (widthPx === said.widthPx && heightPx === said.heightPx) return { size: said, remarks: [] };
  if (widthPx === said.heightPx && heightPx === said.widthPx) {
    const message = l10n.t(
      'The picture is {0} × {1} pixels upright, and the data set says {2} × {3}: it is turned by its EXIF data, and its boxes would lie elsewhere.',
      widthPx,
      heightPx,
      said.widthPx,
      said.heightPx,
    );
    return { size: said, refusal: { place, message }, remarks: [] };
  }
  return { size: said, remarks: ['otherSize'] };
}
