import type { Mask } from '../facts';
import { className, classNames, clippedRegions } from './exportSource';
import type { ExportSource } from './exportSource';
import { readGreyPng } from './greyPng';

/**
 * COCO object detection: one picture, ids from 1, boxes as [x, y, width, height] from the upper left corner, in pixels
 * and not rounded; masks as uncompressed run lengths, which keep every pixel and which pycocotools reads as they are.
 * @throws Error where a mask is not what a run tells.
 * Source: cocodataset.org, "Data format", sections 1 and "Object detection"; pycocotools `coco.py`, `annToRLE`.
 */
export function cocoJson(source: ExportSource): string {
  const names = classNames(source.regions);
  const annotations = clippedRegions(source).map(({ region, box: { x1, y1, x2, y2 } }, index) => ({
    id: index + 1,
    image_id: 1,
    category_id: names.indexOf(className(region)) + 1,
    bbox: [x1, y1, x2 - x1, y2 - y1].map(hundredths),
    iscrowd: 0,
    ...(region.mask === undefined
      ? { area: hundredths((x2 - x1) * (y2 - y1)), segmentation: [] }
      : segmentation(region.mask)),
  }));
  return `${
    JSON.stringify(
      {
        info: { description: `PaliGemma 2: ${source.prompt}` },
        licenses: [],
        images: [{ id: 1, file_name: source.fileName, width: source.widthPx, height: source.heightPx }],
        categories: names.map((name, index) => ({ id: index + 1, name, supercategory: '' })),
        annotations,
      },
      undefined,
      2,
    )
  }\n`;
}

function segmentation(mask: Mask): { readonly area: number; readonly segmentation: unknown } {
  const { data, width, height } = readGreyPng(mask.png);
  const counts = runLengths(data, width, height);
  return {
    area: counts.reduce((sum, count, index) => index % 2 === 1 ? sum + count : sum, 0),
    segmentation: { size: [height, width], counts },
  };
}

/**
 * Column by column, from the upper left; the first run is outside and may be 0. 128 and more is inside. Source:
 * pycocotools `maskApi.c`, `rleEncode`.
 */
export function runLengths(data: Uint8Array, width: number, height: number): number[] {
  const counts: number[] = [];
  let isInside = false;
  let count = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const isHere = data[y * width + x]! >= 128;
      if (isHere !== isInside) {
        counts.push(count);
        count = 0;
        isInside = isHere;
      }
      count++;
    }
  }
  counts.push(count);
  return counts;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
