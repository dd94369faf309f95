/** Reads a data set's file and says what is wrong with it, line by line: a file of any length in little memory. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { FileChecks } from '../../../../datasets/src/findings/fileChecks';
import type { Finding } from '../../../../datasets/src/findings/finding';
import { findingCodes } from '../../../../datasets/src/findings/findingCodes';
import { lineFindings, type LineOptions, type ReadLine } from '../../../../datasets/src/findings/lineFindings';
import { augmentedName, type PictureKey, type SplitChecks } from '../../../../datasets/src/findings/splitChecks';
import { mayBeLonger } from '../../../../datasets/src/findings/tokenAmount';
import { LineText } from '../../../../datasets/src/lines/lineText';
import { readSetLine, type SetLine } from '../../../../datasets/src/lines/setLine';
import { throwIfCancelled } from '../../util/cancellation';
import { inLanes } from '../../util/inLanes';
import { fileLines, type FileLine } from '../fileLines';
import type { ContentHashes } from './contentHashes';
import type { NearCopies } from './nearCopies';
import { pictureFindings, type PictureChecks, type PictureVerdict } from './pictureFindings';

/** What the model of the check takes, and how it counts. */
export interface TokenLimits {
  readonly textLimit: number;
  readonly imageTokens?: number;
  /** Tokens of each text by itself. */
  count(texts: readonly string[], token: CancellationToken): Promise<readonly number[]>;
}

export interface Checks {
  readonly pictures: PictureChecks;
  readonly limits?: TokenLimits | undefined;
}

/** Parts of a set that are compared with each other. */
export interface Leaks {
  readonly splits: SplitChecks;
  readonly contents: ContentHashes;
  /** Undefined: pictures are not compared by what they look like. */
  readonly near?: NearCopies;
}

/** A line with all that was found in it. */
export interface CheckedLine {
  readonly line: FileLine;
  readonly findings: readonly Finding[];
}

/** Lines that are read ahead while pictures and tokens are asked for, and their bytes. */
const [LINES_AT_ONCE, BYTES_AT_ONCE] = [512, 1 << 20];
const picturesAtOnce = { name: 'pictures', width: () => 8 };

/**
 * Every line, with what is wrong with it and with its place among the others. What only the end of the file tells comes
 * last, with the line's number and without its text.
 * @throws CancelledError; as `fileLines`; as `limits.count`.
 */
export async function* checkFile(
  file: string,
  checks: Checks,
  token: CancellationToken,
  leaks?: Leaks,
): AsyncGenerator<CheckedLine | { readonly number: number; readonly finding: Finding }, void, void> {
  const among = new FileChecks(path.basename(file));
  leaks?.splits.begin(file);
  for await (const batch of batches(file)) {
    throwIfCancelled(token);
    const facts = await BatchFacts.of(batch, path.dirname(file), checks, token);
    await leaks?.near?.look(facts.places, token);
    for (const { line, read } of batch) {
      const own = line.text === undefined ? unread(line) : facts.findings(line.text, line, read);
      if (!('form' in read) || line.text === undefined) {
        yield { line, findings: own };
        continue;
      }
      const leaked = leaks === undefined ? [] : await leakFindings(file, { line, read }, facts.verdicts, leaks);
      const others = [...among.take(line.number, read, line.text), ...leaked];
      yield { line, findings: others.length === 0 ? own : [...own, ...others].sort((a, b) => a.start - b.start) };
    }
  }
  for (const { line, finding } of among.end()) yield { number: line, finding };
}

export interface BatchLine {
  readonly line: FileLine;
  readonly read: ReadLine;
}

/** @throws as `fileLines`. */
export async function* batches(file: string): AsyncGenerator<readonly BatchLine[], void, void> {
  let batch: BatchLine[] = [];
  let bytes = 0;
  for await (const line of fileLines(file)) {
    batch.push({ line, read: line.text === undefined ? { faults: [] } : readSetLine(line.text) });
    bytes += line.text === undefined ? 0 : line.bytes;
    if (batch.length < LINES_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** What had to be asked for some lines: their pictures, and how many tokens long ones have. */
export class BatchFacts {
  private constructor(
    readonly verdicts: ReadonlyMap<string, PictureVerdict>,
    private readonly options: LineOptions,
  ) {}

  /** @param folder Of the file, absolute. @throws CancelledError; as `limits.count`. */
  static async of(
    batch: readonly BatchLine[],
    folder: string,
    { pictures, limits }: Checks,
    token: CancellationToken,
  ): Promise<BatchFacts> {
    const lines = batch.flatMap(({ read }) => ('form' in read ? [read] : []));
    const verdicts = new Map<string, PictureVerdict>();
    const written = [...new Set(lines.flatMap(({ images }) => images.map(({ value }) => value)))];
    await inLanes(
      written,
      () => picturesAtOnce,
      async name => void verdicts.set(name, await pictures.verdict(folder, name)),
      token,
    );
    return new BatchFacts(verdicts, limits === undefined ? {} : await tokenOptions(lines, limits, token));
  }

  /** Where its pictures lie that are there, absolute. */
  get places(): readonly string[] {
    return [...this.verdicts.values()].flatMap(({ place, facts }) =>
      place !== undefined && facts?.state === 'picture' ? [place] : []
    );
  }

  /** What is wrong with a line by itself. @param text May differ from what the file has, where it is being mended. */
  findings(text: string, { number, end, hasMark }: FileLine, read: ReadLine = readSetLine(text)): readonly Finding[] {
    const own = lineFindings(text, { ...this.options, isFirst: number === 1, end, hasMark }, read);
    if (!('form' in read)) return own;
    const ofPictures = pictureFindings(new LineText(text), read, this.verdicts);
    return ofPictures.length === 0 ? own : [...own, ...ofPictures].sort((a, b) => a.start - b.start);
  }
}

/** Most lines are too short to be too long: no token has less than a byte. */
async function tokenOptions(
  lines: readonly SetLine[],
  limits: TokenLimits,
  token: CancellationToken,
): Promise<LineOptions> {
  const { textLimit, imageTokens } = limits;
  const texts = new Set<string>();
  for (const { prefix, suffix } of lines) {
    const [before, behind] = [prefix?.value ?? '', suffix?.value ?? ''];
    if (mayBeLonger(before, behind, textLimit)) texts.add(before).add(behind);
  }
  const list = [...texts];
  const counts = list.length === 0 ? [] : await limits.count(list, token);
  const amounts = new Map(list.map((text, index) => [text, counts[index]]));
  const countTokens = (text: string) => amounts.get(text);
  return { textLimit, countTokens, ...(imageTokens === undefined ? {} : { imageTokens }) };
}

function unread({ fault, hasMark }: FileLine): readonly Finding[] {
  const of = (code: 'unreadable-line' | 'byte-order-mark', ...parts: string[]): Finding => {
    const { severity, message } = findingCodes[code];
    return { code, severity, start: 0, end: 0, message: message(...parts) };
  };
  return [...(hasMark ? [of('byte-order-mark')] : []), of('unreadable-line', fault ?? 'json')];
}

async function leakFindings(
  file: string,
  { line: { number, text = '' }, read: { images } }: { readonly line: FileLine; readonly read: SetLine },
  verdicts: ReadonlyMap<string, PictureVerdict>,
  { splits, contents, near }: Leaks,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const image of images) {
    const { place } = verdicts.get(image.value) ?? {};
    const same = splits.take(number, await keysOf(image.value, verdicts.get(image.value) ?? {}, contents));
    const like = place === undefined ? undefined : near?.take(place, { file, line: number });
    const other = same ?? like;
    if (other === undefined) continue;
    const code = same === undefined ? 'near-copy-in-two-splits' : 'picture-in-two-splits';
    const { severity, message } = findingCodes[code];
    const span = new LineText(text).span(image) ?? { start: 0, end: text.length };
    const where = [String(other.line), path.basename(other.file)];
    findings.push({ ...span, code, severity, message: message(...(same === undefined ? [] : [same.kind]), ...where) });
  }
  return findings;
}

async function keysOf(
  written: string,
  { place, facts }: PictureVerdict,
  contents: ContentHashes,
): Promise<readonly PictureKey[]> {
  const keys: PictureKey[] = place === undefined ? [] : [{ kind: 'path', key: place }];
  const name = augmentedName(written);
  if (name !== undefined) keys.push({ kind: 'augmented', key: name });
  if (place !== undefined && facts?.state === 'picture') {
    const content = await contents.hash(place, facts.bytes);
    if (content !== undefined) keys.push({ kind: 'content', key: content });
  }
  return keys;
}
