/**
 * Formulas as MathML, by KaTeX. A bundle of its own, loaded with the first formula. What KaTeX writes is read here with a
 * list of what may be in it; the page makes nodes of that and never sees markup. Free of the editor.
 */
import katex from 'katex';
import type { LatexAnswer } from '../../../paligemma/src/kinds/latex';
import type { Translate } from '../../../paligemma/src/translate';
import type { MarkupNode } from '../contract/viewer';
import type { MadeDrawing } from './madeDrawing';

/** Many times the longest formula of any model. */
const LONGEST = 20_000;
/** Deeper ones fill the stack of whoever draws them. */
const DEEPEST = 200;
/** Source: MathML Core, and what KaTeX 0.19 writes beside it. */
const tags: ReadonlySet<string> = new Set(
  'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom merror menclose msub msup msubsup munder mover munderover mtable mtr mtd mlabeledtr mmultiscripts mprescripts none'
    .split(' '),
);
const attributeNames: ReadonlySet<string> = new Set(
  'accent accentunder columnalign columnlines columnspacing depth display displaystyle fence frame height largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowalign rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset width'
    .split(' '),
);

export function drawFormula({ source, isDisplay }: LatexAnswer, t: Translate): MadeDrawing {
  if (source === '') return {};
  if (source.length > LONGEST) return { notes: [t('The formula is too long to be drawn.')] };
  try {
    const written = katex.renderToString(source, {
      output: 'mathml',
      displayMode: isDisplay,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: 1000,
      maxSize: 50,
    });
    const markup = readMathml(written);
    return markup === undefined ? { notes: [t('The formula is nested too deep to be drawn.')] } : { markup };
  } catch (error) {
    if (error instanceof RangeError) return { notes: [t('The formula is nested too deep to be drawn.')] };
    const reason = error instanceof katex.ParseError ? error.rawMessage : String(error);
    return { notes: [t('The formula cannot be drawn: {0}.', reason.replace(/\.$/, ''))] };
  }
}

/**
 * The formula in what KaTeX has written, without the wrapper, the source that it carries along, and all that is not on the
 * lists. Undefined where it is nested too deep.
 */
export function readMathml(written: string): MarkupNode | undefined {
  const root: Building = { tag: 'math', attributes: {}, children: [] };
  /** Undefined for an element that is no part of the formula. */
  const open: (Building | undefined)[] = [];
  for (const [, slash, tag = '', attributes = '', close, text] of withoutSource(written).matchAll(piece)) {
    const parent = open.findLast(node => node !== undefined) ?? root;
    if (text !== undefined) parent.children.push(withoutEntities(text));
    else if (slash === '/') open.pop();
    else {
      if (open.length > DEEPEST) return undefined;
      const node = tags.has(tag) ? { tag, attributes: attributesOf(attributes), children: [] } : undefined;
      if (node !== undefined) parent.children.push(node);
      if (close !== '/') open.push(node);
    }
  }
  const [math] = root.children;
  return typeof math === 'object' ? math : root;
}

/** What KaTeX carries along for who copies a formula; its signs are escaped, so nothing ends it before its end. */
function withoutSource(written: string): string {
  return written.replace(/<annotation [^>]*>[^<]*<\/annotation>/g, '');
}

interface Building {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Building | string)[];
}

const piece = /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;

function attributesOf(written: string): Record<string, string> {
  const found = [...written.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) =>
    [name, withoutEntities(value)] as const
  );
  return Object.fromEntries(found.filter(([name]) => attributeNames.has(name)));
}

/** Those that KaTeX writes. Source: KaTeX 0.19.1, `src/utils.ts`, `escape`. */
function withoutEntities(text: string): string {
  const signs: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#x27': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#x27|amp);/g, (_, name: string) => signs[name] ?? '');
}
