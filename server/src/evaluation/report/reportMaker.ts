/** Collects the lines that a report shows, and makes its page of them. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { boxFromLocBins } from '../../../../paligemma/src/locTokens';
import type { Region } from '../../../../paligemma/src/facts';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { readPlainFile } from '../../../../system/src/plainFile';
import type { EvaluatedLine, EvaluationSummary } from '../../contract/evaluation';
import type { HostAccess } from '../../host/hostAccess';
import { throwIfCancelled } from '../../util/cancellation';
import { reportPage, type ReportLine, type ReportPicture } from './reportPage';
import { WorstLines } from './worstLines';

/** Lines of a page, and how many of them have their picture beside them: a page of some megabytes. */
const MOST_LINES = 500;
const MOST_PICTURES = 60;
const SIDE_PX = 260;
const MOST_PNG_BYTES = 4 << 20;
/** As the figures read bins. */
const DIVISOR = 1023;

export class ReportMaker {
  private readonly lines = new WorstLines(MOST_LINES);

  /** @param language Code of the language of the words. */
  constructor(private readonly host: HostAccess, private readonly language: string) {}

  add(line: EvaluatedLine): void {
    this.lines.add(line);
  }

  /** @param name Of the data set. @throws CancelledError. */
  async page(name: string, summary: EvaluationSummary, token: CancellationToken): Promise<string> {
    const lines: ReportLine[] = [];
    for (const [index, line] of this.lines.worst().entries()) {
      throwIfCancelled(token);
      lines.push({ line, pictures: index < MOST_PICTURES ? await this.picturesOf(line, token) : [] });
    }
    return reportPage({ name, summary, lines, language: this.language });
  }

  /** Where something has a place, the expected and the found one side by side; else the picture alone. */
  private async picturesOf(line: EvaluatedLine, token: CancellationToken): Promise<readonly ReportPicture[]> {
    const [expected, found] = [regionsIn(line.expected, line), regionsIn(line.suffix, line)];
    const wishes = expected.length + found.length === 0
      ? [{ caption: l10n.t('Picture'), regions: [] }]
      : [{ caption: l10n.t('Expected'), regions: expected }, { caption: l10n.t('Answer'), regions: found }];
    const pictures: ReportPicture[] = [];
    for (const { caption, regions } of wishes) {
      const base64 = await this.smallPicture(line.imagePath, regions, token);
      if (base64 !== undefined) pictures.push({ caption, base64 });
    }
    return pictures;
  }

  /** Undefined where it cannot be read any more: the line is worth telling without it. */
  private async smallPicture(
    imagePath: string,
    regions: readonly Region[],
    token: CancellationToken,
  ): Promise<string | undefined> {
    try {
      const params = { imagePath, maxSidePx: SIDE_PX, ...(regions.length === 0 ? {} : { regions }) };
      const { path: small } = await this.host.use(client => client.thumbnail(params, token), token);
      return (await readPlainFile(small, MOST_PNG_BYTES)).toString('base64');
    } catch {
      throwIfCancelled(token);
      return undefined;
    }
  }
}

function regionsIn(suffix: string, { widthPx, heightPx }: EvaluatedLine): readonly Region[] {
  return parseSuffix(suffix).boxes.map(({ label, bins }) => ({
    label,
    box: boxFromLocBins(bins, widthPx, heightPx, DIVISOR),
  }));
}
