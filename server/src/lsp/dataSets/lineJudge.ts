/** Finds out what is wrong with lines of an open data set: in themselves at once, and with their pictures by asking the disk. */
import path from 'node:path';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { Finding } from '../../../../datasets/src/findings/finding';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { LineText } from '../../../../datasets/src/lines/lineText';
import { pictureFindings, type PictureChecks, type PictureVerdict } from '../../dataSets/checks/pictureFindings';
import {
  LONGEST_LINE,
  type DocumentLine,
  type LineVerdict,
  type SetDocument,
} from '../../language/dataSets/setDocument';
import { inLanes } from '../../util/inLanes';
import type { Slices } from '../../util/slices';
import { pathOfUri } from '../../workspace/filePaths';

/** Lines whose findings are held; of others it is known how many they have. */
const MOST_KEPT = 20_000;
const picturesAtOnce = { name: 'pictures', width: () => 8 };
const none: readonly Finding[] = [];

export class LineJudge {
  private kept = 0;
  private countedVersion: number | undefined;
  private clean: LineVerdict = { own: none, pictures: none, among: none, length: none, amount: 0, diskState: 0 };

  constructor(private readonly document: SetDocument, private readonly pictures: PictureChecks) {}

  /** @returns whether a verdict is another than before. */
  async judge(lines: readonly DocumentLine[], diskState: number, slices: Slices): Promise<boolean> {
    const verdicts = await this.askForPictures(lines);
    let hasChanged = false;
    for (const line of lines) {
      hasChanged = this.judgeLine(line, diskState, verdicts) || hasChanged;
      if (slices.isOver) await slices.turn();
    }
    return hasChanged;
  }

  private judgeLine(
    line: DocumentLine,
    diskState: number,
    verdicts: ReadonlyMap<string, PictureVerdict>,
  ): boolean {
    const before = line.verdict;
    const own = before?.own ?? this.own(line);
    const pictures = this.picturesOf(line, verdicts);
    const { among = none, length = none } = before ?? {};
    const amount = own.length + pictures.length + among.length + length.length;
    line.verdict = amount === 0
      ? this.cleanVerdict(diskState)
      : this.mayKeep(before)
      ? { own, pictures, among, length, amount, diskState }
      : { own: undefined, pictures: none, among, length, amount, diskState };
    return before?.amount !== amount || codesOf(before.pictures) !== codesOf(line.verdict.pictures);
  }

  private picturesOf(line: DocumentLine, verdicts: ReadonlyMap<string, PictureVerdict>): readonly Finding[] {
    const read = this.document.readOnce(line);
    if (!('form' in read) || !read.images.some(({ value }) => verdicts.get(value)?.code !== undefined)) return none;
    return pictureFindings(new LineText(line.text), read, verdicts);
  }

  /** One for all lines that have nothing wrong: there may be a million of them. */
  private cleanVerdict(diskState: number): LineVerdict {
    if (this.clean.diskState !== diskState) this.clean = { ...this.clean, diskState };
    return this.clean;
  }

  private mayKeep(before: LineVerdict | undefined): boolean {
    if (before?.own !== undefined && before.amount > 0) return true;
    if (this.kept >= MOST_KEPT) this.countKept();
    if (this.kept >= MOST_KEPT) return false;
    this.kept++;
    return true;
  }

  /** Lines that were edited or mended have given their places back. Once for each text of the file. */
  private countKept(): void {
    const { lines, version } = this.document;
    if (version === this.countedVersion) return;
    this.countedVersion = version;
    this.kept = lines.filter(({ verdict }) => verdict?.own !== undefined && verdict.amount > 0).length;
  }

  private own(line: DocumentLine): readonly Finding[] {
    if (line.text.length > LONGEST_LINE) return none;
    const { lines } = this.document;
    const isFirst = line === lines[0];
    // The last line of a file ends where its line end does: nothing stands behind it.
    if (line.text === '' && line === lines.at(-1)) return none;
    const { eol } = line;
    const found = lineFindings(line.text, { isFirst, end: eol === '\r' ? '' : eol }, this.document.readOnce(line));
    return found.length === 0 ? none : found;
  }

  /** By what the lines call them. */
  private async askForPictures(lines: readonly DocumentLine[]): Promise<ReadonlyMap<string, PictureVerdict>> {
    const verdicts = new Map<string, PictureVerdict>();
    const file = pathOfUri(this.document.uri);
    if (file === undefined) return verdicts;
    const names = new Set<string>();
    for (const line of lines) {
      const read = this.document.readOnce(line);
      if ('form' in read) { for (const { value } of read.images) names.add(value); }
    }
    const folder = path.dirname(file);
    await inLanes(
      [...names],
      () => picturesAtOnce,
      async name => void verdicts.set(name, await this.pictures.verdict(folder, name)),
      CancellationToken.None,
    );
    return verdicts;
  }
}

function codesOf(findings: readonly Finding[]): string {
  return findings.map(({ code }) => code).join(' ');
}
