import * as l10n from '@vscode/l10n';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import type { Region } from '../../../paligemma/src/facts';
import type { OverlayResult } from '../contract/protocol';
import { breathe, WORK_BETWEEN_BREATHS } from '../util/breathe';
import { drawRgba, fillRectangle, strokeRectangle, tintMask, type Canvas, type Colour } from './drawing';
import { labelImage } from './labelImage';
import { loadGreyPng, loadImage } from './load';
import { rgbPng } from './png';
import { inkOn, stylesByLabel, type RegionStyle } from './regionColours';
import { writeAtomically } from '../util/writeAtomically';

const MASK_OPACITY = 0.45;
const PLAIN: RegionStyle = { colour: [230, 159, 0] };

/** Sizes that follow the picture's, so that lines and letters look alike on a thumbnail and on a photograph. */
interface Sizes {
  readonly linePx: number;
  readonly textPx: number;
  readonly paddingPx: number;
}

/**
 * Writes a PNG of the upright picture with the regions on it: masks as a tint, boxes as frames, labels on a chip at the
 * box's corner, colours as the image view has them. Pixels are drawn here and only letters come from sharp: an SVG over
 * the whole picture would need four bytes a pixel more, and librsvg draws none beyond 32,767 pixels a side. Cancellable
 * between regions and inside masks.
 * @param labelPx Height of letters in pixels of the picture; without it they follow the picture's size.
 * @throws Failure as {@link loadImage}; `badArgument` for a mask of another size or no PNG, or if the picture itself
 *   would be overwritten; `diskFull`, `fileUnwritable`; DOMException `AbortError`. Then `outPath` is as it was.
 */
export async function writeOverlay(
  imagePath: string,
  regions: readonly Region[],
  outPath: string,
  signal?: AbortSignal,
  labelPx?: number,
): Promise<OverlayResult> {
  await refuseSameFile(imagePath, outPath);
  const { data, widthPx, heightPx } = await loadImage(imagePath, signal);
  const canvas: Canvas = { data, widthPx, heightPx };
  const styles = stylesByLabel(regions.map(region => region.label));
  const styleOf = (region: Region) => styles.get(region.label) ?? PLAIN;
  const sizes = sizesFor(widthPx, heightPx, labelPx);
  for (const region of regions) {
    await breathe(signal);
    if (region.mask !== undefined) await tint(canvas, region, styleOf(region).colour, signal);
  }
  for (const region of regions) drawFrame(canvas, region, styleOf(region), sizes.linePx);
  const labels = new Map<string, Awaited<ReturnType<typeof labelImage>>>();
  for (const region of regions) {
    await breathe(signal);
    const { colour } = styleOf(region);
    if (!labels.has(region.label)) {
      labels.set(region.label, await labelImage(region.label, sizes.textPx, inkOn(colour)));
    }
    drawChip(canvas, region, labels.get(region.label), colour, sizes);
  }
  const png = await rgbPng(data, widthPx, heightPx);
  await writeAtomically(outPath, png, signal);
  return { widthPx, heightPx };
}

function sizesFor(widthPx: number, heightPx: number, labelPx: number | undefined): Sizes {
  if (labelPx !== undefined) {
    return {
      linePx: Math.max(1, Math.round(labelPx / 7)),
      textPx: Math.round(labelPx),
      paddingPx: Math.max(2, Math.round(labelPx / 4)),
    };
  }
  const side = Math.sqrt(widthPx * heightPx);
  const textPx = Math.min(Math.max(Math.round(side / 32), 11), 200);
  return { linePx: Math.max(1, Math.round(side / 250)), textPx, paddingPx: Math.max(2, Math.round(textPx / 4)) };
}

async function tint(canvas: Canvas, region: Region, colour: Colour, signal?: AbortSignal): Promise<void> {
  const mask = await maskOf(region);
  signal?.throwIfAborted();
  if (mask.widthPx !== canvas.widthPx || mask.heightPx !== canvas.heightPx) {
    throw new Failure(
      'badArgument',
      l10n.t(
        'The mask of “{0}” is {1} × {2} pixels, but the picture is {3} × {4}. Use the regions of a run on this picture.',
        region.label,
        mask.widthPx,
        mask.heightPx,
        canvas.widthPx,
        canvas.heightPx,
      ),
    );
  }
  const rows = Math.max(1, Math.floor(WORK_BETWEEN_BREATHS / canvas.widthPx));
  for (let y = 0; y < canvas.heightPx; y += rows) {
    tintMask(canvas, mask.data, colour, MASK_OPACITY, [y, Math.min(y + rows, canvas.heightPx)]);
    await breathe(signal);
  }
}

async function maskOf(region: Region) {
  try {
    return await loadGreyPng(Buffer.from(region.mask?.png ?? '', 'base64'));
  } catch (error) {
    throw new Failure(
      'badArgument',
      l10n.t('The mask of “{0}” is not a PNG picture in base64. Use the regions of a run unchanged.', region.label),
      { cause: error },
    );
  }
}

/** The line lies on a wider one in black or white, so that it shows on a ground of its own colour. */
function drawFrame(canvas: Canvas, region: Region, { colour, dash }: RegionStyle, linePx: number): void {
  const casing: Colour = inkOn(colour) === 'black' ? [0, 0, 0] : [255, 255, 255];
  strokeRectangle(canvas, region.box, linePx + 2 * Math.max(1, Math.round(linePx / 3)), casing);
  strokeRectangle(canvas, region.box, linePx, colour, dash);
}

/**
 * The chip stands on the upper left corner of the box, inside it where there is no room above, and is moved to stay in
 * the picture.
 */
function drawChip(
  canvas: Canvas,
  region: Region,
  label: Awaited<ReturnType<typeof labelImage>>,
  colour: Colour,
  sizes: Sizes,
): void {
  if (label === undefined) return;
  const { linePx, paddingPx } = sizes;
  const width = label.widthPx + 2 * paddingPx;
  const height = label.heightPx + 2 * paddingPx;
  const above = Math.round(region.box.y1 - linePx / 2) - height;
  const x = Math.max(0, Math.min(Math.round(region.box.x1 - linePx / 2), canvas.widthPx - width));
  const y = above >= 0 ? above : Math.max(0, Math.min(Math.round(region.box.y1), canvas.heightPx - height));
  fillRectangle(canvas, { x1: x, y1: y, x2: x + width, y2: y + height }, colour);
  drawRgba(canvas, label, x + paddingPx, y + paddingPx);
}

async function refuseSameFile(imagePath: string, outPath: string): Promise<void> {
  const real = (file: string) => realpath(file).catch(() => path.resolve(file));
  if (await real(imagePath) !== await real(outPath)) return;
  throw new Failure(
    'badArgument',
    l10n.t('“{0}” is the picture itself. Choose another name for the picture with boxes.', outPath),
  );
}
