/** Lines with more tokens than the model takes. Few are long enough for that, and only those are counted. */
import type { Finding } from '../../../../datasets/src/findings/finding';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { mayBeLonger } from '../../../../datasets/src/findings/tokenAmount';
import type { DocumentLine, SetDocument } from '../../language/dataSets/setDocument';
import type { Slices } from '../../util/slices';
import type { SetTokens, TokenCounter } from './setTokens';

/** Lines whose tokens are counted together. */
const PIECE = 64;

export class LongLines {
  private modelPath: string | undefined;
  private counted = new WeakSet<DocumentLine>();

  constructor(private readonly document: SetDocument, private readonly tokens: Pick<SetTokens, 'counter'>) {}

  /** @returns whether findings are others than before. Ends early where `isInterrupted`, and goes on the next time. */
  async judge(slices: Slices, isInterrupted: () => boolean): Promise<boolean> {
    const counter = await this.tokens.counter();
    let hasChanged = this.take(counter);
    if (counter === undefined) return hasChanged;
    let piece: DocumentLine[] = [];
    for (const line of [...this.document.lines]) {
      if (isInterrupted()) return hasChanged;
      if (this.isDue(line, counter)) piece.push(line);
      if (piece.length === PIECE) {
        const found = await this.count(piece, counter);
        if (found === undefined) return hasChanged;
        hasChanged = found || hasChanged;
        piece = [];
      }
      if (slices.isOver) await slices.turn();
    }
    return (piece.length > 0 && await this.count(piece, counter)) || hasChanged;
  }

  /** Another model counts anew. */
  private take(counter: TokenCounter | undefined): boolean {
    if (counter?.modelPath === this.modelPath) return false;
    this.modelPath = counter?.modelPath;
    this.counted = new WeakSet();
    let hasChanged = false;
    for (const line of this.document.lines) hasChanged = put(line, []) || hasChanged;
    return hasChanged;
  }

  private isDue(line: DocumentLine, { textLimit }: TokenCounter): boolean {
    if (line.verdict === undefined || this.counted.has(line)) return false;
    const read = this.document.readOnce(line);
    if ('form' in read && mayBeLonger(read.prefix?.value ?? '', read.suffix?.value ?? '', textLimit)) return true;
    this.counted.add(line);
    return false;
  }

  /** @returns whether findings are others than before; undefined where the model could not count. */
  private async count(lines: readonly DocumentLine[], counter: TokenCounter): Promise<boolean | undefined> {
    const { textLimit, imageTokens } = counter;
    const texts = [...new Set(lines.flatMap(line => this.textsOf(line)))];
    const counts = await counter.count(texts);
    if (counts === undefined) return undefined;
    const amounts = new Map(texts.map((text, index) => [text, counts[index]]));
    const countTokens = (text: string) => amounts.get(text);
    const options = { textLimit, countTokens, ...(imageTokens === undefined ? {} : { imageTokens }) };
    let hasChanged = false;
    for (const line of lines) {
      const findings = lineFindings(line.text, options, this.document.readOnce(line));
      this.counted.add(line);
      hasChanged = put(line, findings.filter(({ code }) => code === 'too-long')) || hasChanged;
    }
    return hasChanged;
  }

  private textsOf(line: DocumentLine): readonly string[] {
    const read = this.document.readOnce(line);
    return 'form' in read ? [read.prefix?.value ?? '', read.suffix?.value ?? ''] : [];
  }
}

/** @returns whether that is something else than before. */
function put(line: DocumentLine, length: readonly Finding[]): boolean {
  const { verdict } = line;
  if (verdict === undefined || (length.length === 0 && verdict.length.length === 0)) return false;
  line.verdict = { ...verdict, length, amount: verdict.amount + length.length - verdict.length.length };
  return true;
}
