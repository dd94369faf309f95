/**
 * Tiles of a TIFF, read as strips. libvips paints a tile that cannot be decoded black and says nothing, while of a strip
 * it tells the failure. Both are coded alike (TIFF 6.0, section 15): a picture of tiles is a column of them, tile below
 * tile, whose strips are one tile high.
 */
import { damaged } from './pictureError';
import { readDirectory, tiffTags, type TiffDirectory } from './tiffDirectory';

/** Sides in pixels, as stored: the orientation is not applied. */
export interface TileGrid {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  /** As in Exif, 1…8. */
  readonly orientation: number;
}

/**
 * Changes the directory of `file` so that it describes the column of tiles, upright.
 * @param maxPixels Of the column: tiles at the edges count whole.
 * @returns undefined for a picture without tiles, which is left as it is.
 * @throws PictureError `damaged` for tiles that cannot make up the picture.
 */
export function tilesAsStrips(file: Buffer, maxPixels: number): TileGrid | undefined {
  return readDirectory(file, directory => {
    if (!directory.has(tiffTags.tileWidth)) return undefined;
    const grid = gridOf(directory);
    const { tileWidthPx, tileHeightPx } = grid;
    const tiles = across(grid) * down(grid);
    if (!(Math.min(tileWidthPx, tileHeightPx, tiles) > 0) || tiles * tileWidthPx * tileHeightPx > maxPixels) {
      throw damaged(`its tiles of ${tileWidthPx} × ${tileHeightPx} pixels do not fit to its size`);
    }
    if ([tiffTags.stripOffsets, tiffTags.rowsPerStrip, tiffTags.stripByteCounts].some(tag => directory.has(tag))) {
      throw damaged('it has strips and tiles at once');
    }
    directory.forget(tiffTags.tileWidth);
    directory.rename(tiffTags.tileLength, tiffTags.rowsPerStrip);
    directory.rename(tiffTags.tileOffsets, tiffTags.stripOffsets);
    directory.rename(tiffTags.tileByteCounts, tiffTags.stripByteCounts);
    directory.replace(tiffTags.imageWidth, tileWidthPx);
    directory.replace(tiffTags.imageLength, tileHeightPx * tiles);
    directory.replace(tiffTags.orientation, 1);
    return grid;
  });
}

function gridOf(directory: TiffDirectory): TileGrid {
  const first = (tag: number) => directory.values(tag)?.[0] ?? 0;
  return {
    widthPx: first(tiffTags.imageWidth),
    heightPx: first(tiffTags.imageLength),
    tileWidthPx: first(tiffTags.tileWidth),
    tileHeightPx: first(tiffTags.tileLength),
    orientation: first(tiffTags.orientation),
  };
}

const across = ({ widthPx, tileWidthPx }: TileGrid) => Math.ceil(widthPx / tileWidthPx);
const down = ({ heightPx, tileHeightPx }: TileGrid) => Math.ceil(heightPx / tileHeightPx);

/**
 * @param column RGB of the tiles, tile below tile.
 * @returns RGB `[heightPx, widthPx, 3]`.
 */
export function joinTiles(column: Uint8Array, grid: TileGrid): Uint8Array {
  const { widthPx, heightPx, tileWidthPx, tileHeightPx } = grid;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const tilesAcross = across(grid);
  for (let y = 0; y < heightPx; y++) {
    const tileRow = Math.floor(y / tileHeightPx) * tilesAcross;
    for (let tile = 0; tile < tilesAcross; tile++) {
      const x = tile * tileWidthPx;
      const from = ((tileRow + tile) * tileHeightPx + y % tileHeightPx) * tileWidthPx * 3;
      rgb.set(column.subarray(from, from + Math.min(tileWidthPx, widthPx - x) * 3), (y * widthPx + x) * 3);
    }
  }
  return rgb;
}
