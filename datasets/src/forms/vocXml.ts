/** An annotation of Pascal VOC, read. Takes anything; never throws. */
import * as l10n from '@vscode/l10n';
import type { SetObject } from './setObject';

export interface VocAnnotation {
  /** As written; undefined where it is not told. */
  readonly fileName?: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly objects: readonly SetObject[];
  /** Of objects that are none: which one, and why. */
  readonly refusals: readonly { readonly place: string; readonly message: string }[];
}

/** Longer ones are no annotations. */
const MOST_CHARACTERS = 16 << 20;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Whole pixels that are counted from 1, the last one included, as the format's own tool does: the first side of a box is one less.
 * A file with a 0 in it counts from 0, as most newer tools do; then the sides are as they are.
 * Source: PASCAL VOC 2012 development kit, section "Annotation".
 * @returns A sentence where it is none.
 */
export function readVocXml(text: string): VocAnnotation | string {
  if (text.length > MOST_CHARACTERS) return l10n.t('It is longer than any annotation.');
  const whole = withoutComments(text);
  // There may be another of the name in it: that of its source.
  const end = whole.lastIndexOf('</annotation>');
  const root = end < 0 ? undefined : /<annotation(?:\s[^>]*)?>([^]*)$/.exec(whole.slice(0, end))?.[1];
  if (root === undefined) return l10n.t('It is no annotation of Pascal VOC, or its end is missing.');
  const parts = [...all(root, 'object')];
  const outside = root.replace(/<object>[^]*?<\/object>/g, '');
  const size = inner(outside, 'size') ?? '';
  const [widthPx, heightPx] = [number(size, 'width'), number(size, 'height')];
  if (!(widthPx >= 1) || !(heightPx >= 1)) return l10n.t('It does not say the “size” of its picture.');
  const boxes = parts.map(part => inner(part, 'bndbox') ?? '');
  const first = boxes.some(box => number(box, 'xmin') === 0 || number(box, 'ymin') === 0) ? 0 : 1;
  const objects: SetObject[] = [];
  const refusals: { place: string; message: string }[] = [];
  parts.forEach((part, index) => {
    const place = l10n.t('object {0}', index + 1);
    const box = boxes[index] ?? '';
    const [x1, y1] = [number(box, 'xmin') - first, number(box, 'ymin') - first];
    const [x2, y2] = [number(box, 'xmax'), number(box, 'ymax')];
    const label = textOf(part.replace(/<part>[^]*?<\/part>/g, ''), 'name') ?? '';
    if (![x1, y1, x2, y2].every(Number.isFinite)) {
      refusals.push({ place, message: l10n.t('The “bndbox” is not four numbers.') });
    } else {
      objects.push({ label, place, box: { x1: x1 / widthPx, y1: y1 / heightPx, x2: x2 / widthPx, y2: y2 / heightPx } });
    }
  });
  const fileName = textOf(outside, 'filename');
  return { ...(fileName === undefined ? {} : { fileName }), widthPx, heightPx, objects, refusals };
}

function withoutComments(text: string): string {
  return text.replace(/<!--[^]*?-->/g, '');
}

function inner(text: string, name: string): string | undefined {
  const begin = new RegExp(`<${name}(?:\\s[^>]*)?>`).exec(text);
  if (begin === null) return undefined;
  const from = begin.index + begin[0].length;
  const end = text.indexOf(`</${name}>`, from);
  return end < 0 ? undefined : text.slice(from, end);
}

function* all(text: string, name: string): Iterable<string> {
  let at = 0;
  for (;;) {
    const from = text.indexOf(`<${name}>`, at);
    const end = text.indexOf(`</${name}>`, from);
    if (from < 0 || end < 0) return;
    yield text.slice(from + name.length + 2, end);
    at = end + name.length + 3;
  }
}

function textOf(text: string, name: string): string | undefined {
  return inner(text, name)?.replace(/^<!\[CDATA\[([^]*?)\]\]>$/, '$1').replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,5}));/gi,
    (whole: string, decimal?: string, hex?: string, name: string = '') => {
      if (decimal === undefined && hex === undefined) {
        return Object.hasOwn(entities, name)
          ? entities[name] ?? whole
          : whole;
      }
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  ).trim();
}

function number(text: string, name: string): number {
  const written = inner(text, name)?.trim() ?? '';
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(written) ? Number(written) : Number.NaN;
}
