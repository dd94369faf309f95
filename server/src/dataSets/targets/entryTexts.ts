/** Entries as lines of text, whatever they were: objects become `detect` or `segment` lines. */
import type { Example } from '../../../../datasets/src/forms/exampleText';
import {
  objectsPrefix,
  objectsSuffix,
  placeObjects,
  type PixelSize,
} from '../../../../datasets/src/forms/placedObject';
import type { Refusal, Remark } from '../../../../datasets/src/forms/setObject';
import { PictureSizes } from '../sources/pictureRefs';
import type { Entry, Item, PictureRef } from '../sources/source';
import type { MaskCodec } from './maskCodec';
import { sizeFor } from './sizeFor';

/** A line before its pictures have their names. */
export interface SaidEntry {
  readonly pictures: readonly PictureRef[];
  readonly prefix: string;
  readonly suffix: string;
  readonly others: Example['others'];
}

export interface Said {
  readonly said?: SaidEntry;
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly Remark[];
}

export class EntryTexts {
  private readonly sizes = new PictureSizes();

  /** @param codec Undefined: masks are left out, and their boxes written. */
  constructor(private readonly classes: readonly string[], private readonly codec: MaskCodec | undefined) {}

  /** @throws Failure of the host; CancelledError. */
  async of({ entry, place }: Item): Promise<Said> {
    if (entry === undefined) return { refusals: [], remarks: [] };
    if (entry.kind === 'text') return { said: entry, refusals: [], remarks: [] };
    const { size, refusal, remarks } = await sizeFor(entry, this.sizes, place);
    if (refusal !== undefined) return { refusals: [refusal], remarks };
    const placed = placeObjects(entry.objects, size, place);
    const { said, remarks: more } = await this.ofObjects(entry, placed.objects, size);
    return { said, refusals: placed.refusals, remarks: [...remarks, ...placed.remarks, ...more] };
  }

  private async ofObjects(
    { picture }: Entry & { readonly kind: 'objects' },
    objects: Parameters<typeof objectsSuffix>[0],
    size: PixelSize | undefined,
  ): Promise<{ readonly said: SaidEntry; readonly remarks: readonly Remark[] }> {
    const masked = objects.filter(({ shape }) => shape !== undefined).length;
    const isSegment = this.codec !== undefined && masked > 0 && masked === objects.length;
    const codes = isSegment ? await this.codec.codes(objects, size) : undefined;
    return {
      said: {
        pictures: [picture],
        prefix: objectsPrefix(isSegment ? 'segment' : 'detect', this.classes),
        suffix: objectsSuffix(objects, codes),
        others: {},
      },
      remarks: isSegment || masked === 0
        ? []
        : this.codec === undefined
        ? Array.from({ length: masked }, () => 'maskLeftOut' as const)
        : ['someMasks'],
    };
  }
}
