/** Guesses what follows a box or a mask: mostly the label of the one before, and the separator behind it. */
import { CODES_PER_MASK } from '../../../paligemma/src/facts';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { sanitizePrefix } from './prompt';

/** Tokens of a draft at most: from here on a step costs more than drafts of this kind can save. */
const MAX_TOKENS = 7;
const CORNERS_PER_BOX = 4;

type Kind = 'loc' | 'seg' | 'text';

/**
 * Drafts for one run of `detect` or `segment`. An object takes four loc tokens (and 16 seg tokens), a label and " ; ":
 * of a picture with many objects of one kind, three tokens of seven are known before.
 */
export class LabelDrafter {
  private readonly tokensBeforeLabel: number;
  /**
   * The label of the first object and the separator; none where several were asked for, as any of them may come first.
   */
  private readonly firstLabel: readonly number[];
  private readonly hasOneObject: boolean;
  private readonly kinds = new Map<number, Kind>();

  private constructor(
    private readonly tokenizer: Pick<Tokenizer, 'encode' | 'textOf'>,
    task: 'detect' | 'segment',
    objects: string,
  ) {
    this.tokensBeforeLabel = task === 'detect' ? CORNERS_PER_BOX : CODES_PER_MASK;
    this.hasOneObject = !objects.includes(';');
    // As they are tokenised where they stand: between loc tokens.
    this.firstLabel = this.hasOneObject ? tokenizer.encode(`<loc0000> ${objects.trim()} ; <loc0000>`).slice(1, -1) : [];
  }

  /** @returns undefined for other tasks: looking up what followed the same words before gains nothing in texts. */
  static forPrefix(prefix: string, tokenizer: Pick<Tokenizer, 'encode' | 'textOf'>): LabelDrafter | undefined {
    const match = /^(detect|segment) (.*\S)/s.exec(sanitizePrefix(prefix));
    return match === null ? undefined : new LabelDrafter(tokenizer, match[1] as 'detect' | 'segment', match[2]!);
  }

  /** Tokens that probably follow those of the suffix; mostly none. */
  propose(suffix: readonly number[]): readonly number[] {
    const kinds = suffix.map(id => this.kindOf(id));
    if (!this.isLabelNext(kinds)) return [];
    const labels = labelsOf(suffix, kinds);
    const last = labels.at(-1);
    if (last === undefined) return this.firstLabel.slice(0, MAX_TOKENS);
    const isRepeated = this.hasOneObject || last.join() === labels.at(-2)?.join();
    return isRepeated ? last.slice(0, MAX_TOKENS) : [];
  }

  private isLabelNext(kinds: readonly Kind[]): boolean {
    const last = this.tokensBeforeLabel === CORNERS_PER_BOX ? 'loc' : 'seg';
    const run = kinds.length - 1 - kinds.findLastIndex(kind => kind !== last);
    return run > 0 && run % this.tokensBeforeLabel === 0;
  }

  private kindOf(id: number): Kind {
    const known = this.kinds.get(id);
    if (known !== undefined) return known;
    const [, name] = /^<(loc\d{4}|seg\d{3})>$/.exec(this.tokenizer.textOf(id) ?? '') ?? [];
    const kind = name === undefined ? 'text' : (name.slice(0, 3) as Kind);
    this.kinds.set(id, kind);
    return kind;
  }
}

/** The runs of text tokens, separators included, each behind a box or a mask. */
function labelsOf(suffix: readonly number[], kinds: readonly Kind[]): number[][] {
  const labels: number[][] = [];
  suffix.forEach((id, index) => {
    if (kinds[index] !== 'text' || index === 0) return;
    if (kinds[index - 1] === 'text') labels.at(-1)?.push(id);
    else labels.push([id]);
  });
  return labels;
}
