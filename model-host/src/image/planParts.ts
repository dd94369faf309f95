/** Looks at a picture for where it is to be cut. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import type { Box } from '../../../paligemma/src/facts';
import { tileCount } from '../../../paligemma/src/tileChoice';
import { autoGrid, planTiles, type PictureSize } from '../../../paligemma/src/tiles/plan';
import type { TilesParams, TilesResult } from '../contract/protocol';
import type { RgbImage } from './load';
import { blankLines, isBlankPart } from './parts';

/** @throws Failure `badArgument` for a region beside the picture; DOMException `AbortError`. */
export async function planParts(
  image: RgbImage,
  { tiles, resolutionPx, kind, imagePath }: TilesParams,
  signal: AbortSignal,
): Promise<TilesResult> {
  const { widthPx, heightPx, sha256 } = image;
  const picture = { widthPx, heightPx, sha256 };
  if (typeof tiles === 'object' && 'x1' in tiles) {
    return { image: picture, tiles: [{ box: inside(tiles, image, imagePath), isBlank: false }] };
  }
  const grid = tiles === 'auto' ? autoGrid(image, resolutionPx, kind) : tiles;
  if (tileCount(grid) === 1) {
    return { image: picture, tiles: [{ box: { x1: 0, y1: 0, x2: widthPx, y2: heightPx }, isBlank: false }] };
  }
  const planned: TilesResult['tiles'][number][] = [];
  for (const box of planTiles(image, grid, await blankLines(image, signal), kind)) {
    planned.push({ box, isBlank: await isBlankPart(image, box, signal) });
  }
  return { image: picture, tiles: planned };
}

/** The whole pixels of the picture that a region touches. */
function inside({ x1, y1, x2, y2 }: Box, { widthPx, heightPx }: PictureSize, imagePath: string): Box {
  const box = {
    x1: Math.max(0, Math.floor(x1)),
    y1: Math.max(0, Math.floor(y1)),
    x2: Math.min(widthPx, Math.ceil(x2)),
    y2: Math.min(heightPx, Math.ceil(y2)),
  };
  if (box.x2 > box.x1 && box.y2 > box.y1) return box;
  throw new Failure(
    'badArgument',
    l10n.t(
      'The region lies outside of “{0}”, which has {1} × {2} pixels. Draw it again.',
      imagePath,
      widthPx,
      heightPx,
    ),
  );
}
