/** The mask of a region as an SVG path in picture pixels. */
import type { Box, Mask } from '../../paligemma/src/facts';
import { contours } from './contours';

/** Masks come from a decoder of 64 × 64 points; more samples would only show its steps. Pixels of the longer side. */
const LONGEST_SIDE = 256;

/** Undefined where the mask is empty or cannot be read. @param box What is looked at of the mask. */
export async function maskOutlines(mask: Mask, box: Box): Promise<string | undefined> {
  const image = new Image();
  image.src = `data:image/png;base64,${mask.png}`;
  try {
    await image.decode();
  } catch {
    return undefined;
  }
  const from = { x: Math.floor(box.x1), y: Math.floor(box.y1) };
  const size = { width: Math.max(1, Math.ceil(box.x2) - from.x), height: Math.max(1, Math.ceil(box.y2) - from.y) };
  const scale = Math.min(1, LONGEST_SIDE / Math.max(size.width, size.height));
  const [width, height] = [Math.max(1, Math.round(size.width * scale)), Math.max(1, Math.round(size.height * scale))];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, from.x, from.y, size.width, size.height, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const levels = new Uint8Array(width * height);
  for (let i = 0; i < levels.length; i++) levels[i] = data[i * 4]!;
  return pathOf(contours(levels, width, height), from, size.width / width, size.height / height);
}

function pathOf(
  lines: readonly (readonly number[])[],
  from: { readonly x: number; readonly y: number },
  scaleX: number,
  scaleY: number,
): string | undefined {
  if (lines.length === 0) return undefined;
  const place = (value: number, scale: number, start: number) => (value * scale + start).toFixed(2);
  return lines.map(line => {
    const points: string[] = [];
    for (let i = 0; i < line.length; i += 2) {
      points.push(`${place(line[i]!, scaleX, from.x)} ${place(line[i + 1]!, scaleY, from.y)}`);
    }
    return `M${points.join('L')}Z`;
  }).join('');
}
