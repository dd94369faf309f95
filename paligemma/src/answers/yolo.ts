import { className, classNames, clippedRegions } from './exportSource';
import type { ExportSource } from './exportSource';

/**
 * One line a region: class, x and y of the centre, width, height; all but the class as parts of the picture's sides.
 * No confidence: a label has five columns, and a reader takes more of them for a polygon.
 * @param classes Names by number; must hold all that the regions have.
 * @throws RangeError for a region whose class is missing.
 * Source: Ultralytics documentation, "Object Detection Datasets", "Ultralytics YOLO format".
 */
export function yoloLabels(source: ExportSource, classes: readonly string[]): string {
  const { widthPx, heightPx } = source;
  return clippedRegions(source).map(({ region, box: { x1, y1, x2, y2 } }) => {
    const name = className(region);
    const number = classes.indexOf(name);
    if (number < 0) throw new RangeError(`no number for the class ${name}`);
    const parts = [(x1 + x2) / 2 / widthPx, (y1 + y2) / 2 / heightPx, (x2 - x1) / widthPx, (y2 - y1) / heightPx];
    return `${[number, ...parts.map(part => part.toFixed(6))].join(' ')}\n`;
  }).join('');
}

/** Names one a line, as labelling tools write `classes.txt`: the line's place is the number. */
export function parseClasses(text: string): string[] {
  const lines = text.split(/\r?\n/).map(line => line.trim());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Known classes keep their numbers; new ones are added behind them. */
export function extendedClasses(known: readonly string[], source: ExportSource): string[] {
  return [...known, ...classNames(source.regions).filter(name => !known.includes(name))];
}

export function classesText(classes: readonly string[]): string {
  return classes.map(name => `${name}\n`).join('');
}
