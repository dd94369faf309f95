/** Entries as objects in pixels, whatever they were: lines of text by the boxes that they say. */
import * as l10n from '@vscode/l10n';
import { insideBox, type PixelSize } from '../../../../datasets/src/forms/placedObject';
import type { Refusal, Remark, Shape } from '../../../../datasets/src/forms/setObject';
import { suffixObjects } from '../../../../datasets/src/forms/suffixObjects';
import type { Region } from '../../../../paligemma/src/facts';
import { PictureSizes } from '../sources/pictureRefs';
import type { Entry, Item, PictureRef } from '../sources/source';
import type { MaskCodec } from './maskCodec';
import { sizeFor } from './sizeFor';

/** A region with the outline that it was annotated with, or the mask that its codes stand for. */
export interface PictureObject {
  readonly region: Region;
  readonly shape?: Shape;
}

export interface PictureObjects {
  readonly picture: PictureRef;
  readonly size: PixelSize;
  readonly objects: readonly PictureObject[];
}

export interface Annotated {
  readonly annotated?: PictureObjects;
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly Remark[];
}

export class EntryObjects {
  private readonly sizes = new PictureSizes();

  /** @param codec Undefined: codes of masks are left out. */
  constructor(private readonly codec: MaskCodec | undefined) {}

  /** @throws Failure of the host; CancelledError. */
  async of({ entry, place }: Item): Promise<Annotated> {
    if (entry === undefined) return { refusals: [], remarks: [] };
    return entry.kind === 'text' ? this.ofText(entry, place) : this.ofObjects(entry, place);
  }

  private async ofText(entry: Entry & { readonly kind: 'text' }, place: string): Promise<Annotated> {
    const refuse = (message: string): Annotated => ({ refusals: [{ place, message }], remarks: [] });
    const [picture, ...more] = entry.pictures;
    if (picture === undefined) return refuse(l10n.t('The line has no picture.'));
    if (more.length > 0) return refuse(l10n.t('The line has {0} pictures, and this form one.', more.length + 1));
    const said = suffixObjects(entry.prefix, entry.suffix);
    if (typeof said === 'string') return refuse(said);
    const size = await this.sizes.of(picture.path);
    if (typeof size === 'string') return refuse(l10n.t('The size of the picture {0} cannot be read.', picture.written));
    const masked = said.filter(({ codes }) => codes !== undefined).length;
    const regions = masked > 0 && this.codec !== undefined ? await this.codec.regions(entry.suffix, size) : [];
    const objects = said.map(({ label, box: { x1, y1, x2, y2 } }, index): PictureObject => ({
      region: {
        label,
        box: { x1: x1 * size.widthPx, y1: y1 * size.heightPx, x2: x2 * size.widthPx, y2: y2 * size.heightPx },
        ...(regions[index]?.mask === undefined ? {} : { mask: regions[index].mask }),
      },
    }));
    const leftOut = this.codec === undefined ? masked : 0;
    return {
      annotated: { picture, size, objects },
      refusals: [],
      remarks: Array.from({ length: leftOut }, () => 'maskLeftOut'),
    };
  }

  private async ofObjects(entry: Entry & { readonly kind: 'objects' }, place: string): Promise<Annotated> {
    const { size, refusal, remarks } = await sizeFor(entry, this.sizes, place);
    if (refusal !== undefined) return { refusals: [refusal], remarks };
    if (size === undefined) {
      const message = l10n.t('The size of the picture {0} cannot be read.', entry.picture.written);
      return { refusals: [{ place, message }], remarks: [] };
    }
    const [objects, refusals, more]: [PictureObject[], Refusal[], Remark[]] = [[], [], [...remarks]];
    for (const { label, box: written, shape, place: at } of entry.objects) {
      const inside = insideBox(written, size);
      if (typeof inside === 'string') {
        refusals.push({ place: at === '' ? place : at, message: inside });
        continue;
      }
      if (inside.isClipped) more.push('clipped');
      const { box: { x1, y1, x2, y2 } } = inside;
      const box = { x1: x1 * size.widthPx, y1: y1 * size.heightPx, x2: x2 * size.widthPx, y2: y2 * size.heightPx };
      objects.push({ region: { label, box }, ...(shape === undefined ? {} : { shape }) });
    }
    return { annotated: { picture: entry.picture, size, objects }, refusals, remarks: more };
  }
}
