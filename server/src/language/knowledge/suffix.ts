/** Boxes in an answer, as bins: enough to compare and to summarise. Pixels and masks are the model host's. */
import { CODES_PER_MASK } from '../../../../paligemma/src/facts';

/** One `<loc…>×4 [<seg…>×16] label`. Bins in the order of the tokens: top, left, bottom, right. */
export interface SuffixBox {
  readonly label: string;
  readonly bins: readonly [number, number, number, number];
  readonly hasMask: boolean;
}

export interface ParsedSuffix {
  readonly boxes: readonly SuffixBox[];
  /** What is not part of a box, trimmed, white space runs as one space. */
  readonly text: string;
}

/**
 * Source of the form: Google AI developer documentation and the published demo's parser; labels end at `;`, `<` and
 * `>`.
 */
const entry = /<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})>\s{0,4}((?:<seg\d{3}>)*)([^;<>]*)(?:;|(?=<)|(?=>)|$)/g;

export function parseSuffix(suffix: string): ParsedSuffix {
  if (!suffix.includes('<loc')) return { boxes: [], text: oneSpaced(suffix) };
  const boxes: SuffixBox[] = [];
  let rest = '';
  let at = 0;
  for (const match of suffix.matchAll(entry)) {
    rest += suffix.slice(at, match.index);
    at = match.index + match[0].length;
    const bins = [Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])] as const;
    boxes.push({
      label: (match[6] ?? '').trim(),
      bins,
      hasMask: (match[5] ?? '').length === CODES_PER_MASK * '<seg000>'.length,
    });
  }
  return { boxes, text: oneSpaced(rest + suffix.slice(at)) };
}

/** Intersection over union of two boxes, 0…1; 0 where either is empty. */
export function overlap(a: SuffixBox, b: SuffixBox): number {
  const [top, left, bottom, right] = a.bins.map((bin, index) =>
    index < 2 ? Math.max(bin, b.bins[index]!) : Math.min(bin, b.bins[index]!)
  );
  const shared = Math.max(0, bottom! - top!) * Math.max(0, right! - left!);
  const union = area(a) + area(b) - shared;
  return union <= 0 ? 0 : shared / union;
}

/** `cup ×2, plate`: labels in the order in which they first come. */
export function summariseBoxes(boxes: readonly SuffixBox[]): string {
  const counts = new Map<string, number>();
  for (const box of boxes) counts.set(box.label, (counts.get(box.label) ?? 0) + 1);
  return [...counts].map(([label, amount]) => `${label === '' ? 'region' : label}${amount > 1 ? ` ×${amount}` : ''}`)
    .join(', ');
}

function area(box: SuffixBox): number {
  const [top, left, bottom, right] = box.bins;
  return Math.max(0, bottom - top) * Math.max(0, right - left);
}

function oneSpaced(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
