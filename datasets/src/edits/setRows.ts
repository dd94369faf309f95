/** The lines of a data set as a list that follows the edits of its text. */
import { judgedKey, type Judgements } from './lineJudgement';
import { rowContent, type RowFinding, type SetRow } from './setRow';

export class SetRows {
  /** By line of the text; undefined where it is blank. */
  private rows: (SetRow | undefined)[];
  private ids = 0;
  private revisions = 0;
  /** Line of each row by its id, made when it is asked for. */
  private lines: ReadonlyMap<number, number> | undefined;

  /** @param texts Of the lines, without their ends. @param judgements See {@link judgeAnswers}. */
  constructor(texts: Iterable<string>, private judgements: Judgements = new Map()) {
    this.rows = [...texts].map(text => this.read(text));
  }

  /** In the order of the text, without blank lines. */
  get all(): readonly SetRow[] {
    return this.rows.filter(row => row !== undefined);
  }

  /** Lines of the text, blank ones too. */
  get lineCount(): number {
    return this.rows.length;
  }

  /** From 0; undefined where it is gone. */
  lineOf(id: number): number | undefined {
    this.lines ??= new Map(this.rows.flatMap((row, line) => row === undefined ? [] : [[row.id, line]]));
    return this.lines.get(id);
  }

  find(id: number): SetRow | undefined {
    const line = this.lineOf(id);
    return line === undefined ? undefined : this.rows[line];
  }

  /** At a line of the text, from 0. */
  at(line: number): SetRow | undefined {
    return this.rows[line];
  }

  /**
   * Lines that were replaced by others. What stands at both ends of the stretch as it stood there before keeps its row,
   * and so do lines that changed as they are: as many of one as of the other.
   * @param first Line, from 0.
   */
  replace(first: number, removed: number, texts: readonly string[]): void {
    const before = this.rows.slice(first, first + removed);
    const after = texts.map(text => this.read(text));
    const same = Math.min(before.length, after.length);
    let head = 0;
    while (head < same && isAlike(before[head], after[head])) head++;
    let tail = 0;
    while (tail < same - head && isAlike(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
    const isInPlace = before.length === after.length;
    const next = after.map((row, at) => {
      const [fromEnd, old] = [after.length - at, before[at]];
      if (at < head) return old;
      if (fromEnd <= tail) return before[before.length - fromEnd];
      return isInPlace && row !== undefined && old !== undefined ? { ...row, id: old.id } : row;
    });
    // As arguments of `splice`, thousands of lines would be too many.
    this.rows = [...this.rows.slice(0, first), ...next, ...this.rows.slice(first + removed)];
    this.lines = undefined;
  }

  /** What was found in lines. Those that say something else by now are left out. */
  judge(found: Iterable<readonly [row: SetRow, findings: readonly RowFinding[]]>): void {
    for (const [{ id, revision }, findings] of found) {
      const line = this.lineOf(id);
      const row = line === undefined ? undefined : this.rows[line];
      if (line !== undefined && row?.revision === revision) this.rows[line] = { ...row, findings };
    }
  }

  /** What models answered, from now on: also to lines that come to say later what was judged. */
  judgeAnswers(judgements: Judgements): void {
    this.judgements = judgements;
    this.rows = this.rows.map(row => {
      if (row === undefined) return undefined;
      const { judgement: _, ...rest } = row;
      return this.judged(rest);
    });
  }

  private read(text: string): SetRow | undefined {
    const content = rowContent(text);
    return content && this.judged({
      ...content,
      id: ++this.ids,
      revision: ++this.revisions,
      findings: undefined,
    });
  }

  private judged(row: SetRow): SetRow {
    if (this.judgements.size === 0) return row;
    const { images: [image = ''], prefix, suffix } = row;
    const judgement = this.judgements.get(judgedKey({ image, prefix, suffix }));
    return judgement === undefined ? row : { ...row, judgement };
  }
}

/** Whether two lines say the same, as far as a list shows it. */
function isAlike(one: SetRow | undefined, other: SetRow | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.isLine && other.isLine && one.isDraft === other.isDraft && one.prefix === other.prefix
    && one.suffix === other.suffix && one.images.length === other.images.length
    && one.images.every((image, at) => image === other.images[at]);
}
