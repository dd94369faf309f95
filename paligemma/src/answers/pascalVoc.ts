import { className, clippedRegions } from './exportSource';
import type { ExportSource } from './exportSource';
import { tamed } from '../plainText';

/**
 * Pascal VOC annotation. Whole pixels that are counted from 1, the last one included.
 * @param folder Name of the picture's folder.
 * Source: PASCAL VOC 2012 development kit, section "Annotation" and `VOCdevkit/VOC2012/Annotations`.
 */
export function pascalVocXml(source: ExportSource, folder: string): string {
  const objects = clippedRegions(source).map(({ region, box }) => {
    const [xmin, xmax] = pixels(box.x1, box.x2, source.widthPx);
    const [ymin, ymax] = pixels(box.y1, box.y2, source.heightPx);
    return `  <object>
    <name>${escaped(className(region))}</name>
    <pose>Unspecified</pose>
    <truncated>0</truncated>
    <difficult>0</difficult>
    <bndbox>
      <xmin>${xmin}</xmin>
      <ymin>${ymin}</ymin>
      <xmax>${xmax}</xmax>
      <ymax>${ymax}</ymax>
    </bndbox>
  </object>
`;
  });
  return `<annotation>
  <folder>${escaped(folder)}</folder>
  <filename>${escaped(source.fileName)}</filename>
  <source>
    <database>Unknown</database>
    <annotation>PaliGemma 2</annotation>
  </source>
  <size>
    <width>${source.widthPx}</width>
    <height>${source.heightPx}</height>
    <depth>3</depth>
  </size>
  <segmented>0</segmented>
${objects.join('')}</annotation>
`;
}

/** At least one pixel, and inside the picture. */
function pixels(from: number, to: number, most: number): readonly [first: number, last: number] {
  const first = Math.min(Math.round(from) + 1, most);
  return [first, Math.min(Math.max(Math.round(to), first), most)];
}

/**
 * XML has no place for most control characters, not even by their numbers; what else would not be shown, or would turn
 * the text around it, stands there by its number. Source: XML 1.0, section 2.2.
 */
function escaped(text: string): string {
  const marked = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return tamed(
    marked.replace(/[\ufffe\uffff]/g, ' '),
    character =>
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/u.test(character) ? ' ' : `&#${character.charCodeAt(0)};`,
  );
}
