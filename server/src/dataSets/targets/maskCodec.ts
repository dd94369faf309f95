/** Masks and `<seg>` codes, by a codec in the model host. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { maskSquare } from '../../../../datasets/src/forms/maskSquare';
import type { PixelSize, PlacedObject } from '../../../../datasets/src/forms/placedObject';
import type { Region } from '../../../../paligemma/src/facts';
import type { HostAccess } from '../../host/hostAccess';

export class MaskCodec {
  constructor(
    private readonly host: HostAccess,
    /** Absolute. */
    private readonly codecPath: string,
    private readonly token: CancellationToken,
  ) {}

  /** 16 codes for each object, all of which have a shape. @throws Failure; CancelledError. */
  codes(objects: readonly PlacedObject[], size: PixelSize | undefined): Promise<readonly (readonly number[])[]> {
    const masks = objects.flatMap(({ shape, box }) =>
      shape === undefined ? [] : [Buffer.from(maskSquare(shape, box, size)).toString('base64')]
    );
    const { codecPath, token } = this;
    return this.host.use(client => client.encodeMasks({ codecPath, masks }, token), token);
  }

  /** What a suffix says, with masks. @throws Failure; CancelledError. */
  regions(suffix: string, { widthPx, heightPx }: PixelSize): Promise<readonly Region[]> {
    const { codecPath, token } = this;
    return this.host.use(
      client => client.suffixRegions({ codecPath, suffix, widthPx, heightPx, locDivisor: 1023 }, token),
      token,
    );
  }
}
