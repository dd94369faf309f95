/**
 * Checks open data sets in the background: the lines in view first and at once, then the others in short pieces, and at
 * last the lines among each other. What an edit touches is looked at again, and no other line.
 */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import { FileChecks } from '../../../../datasets/src/findings/fileChecks';
import type { Finding } from '../../../../datasets/src/findings/finding';
import { PictureChecks } from '../../dataSets/checks/pictureFindings';
import { KnownPictures } from '../../dataSets/checks/knownPictures';
import { setDiagnostics } from '../../language/dataSets/setDiagnostics';
import type { DocumentLine, SetDocument } from '../../language/dataSets/setDocument';
import { Slices } from '../../util/slices';
import type { Client } from '../connection/client';
import { LineJudge } from './lineJudge';
import { LongLines } from './longLines';
import type { OpenSets } from './openSets';
import type { SetTokens } from './setTokens';

/** Keystrokes within this time are looked at once. It is counted from the first one, so it never grows with typing. */
const DELAY_MS = 200;
/** What was found so far is told this often. */
const TELL_MS = 1_000;
/** Lines whose pictures are asked for together. */
const PIECE = 256;
/** Of more lines the person sees how far the check is. */
const MOST_SILENT = 5_000;
/** Lines that are compared with each other after every change; those of larger files when they are opened. */
const MOST_COMPARED = 20_000;
/** Longer than anything known of a picture is believed. */
const FORGOTTEN_MS = 60_000;
/** Lines with findings among others that are told of. */
const MOST_AMONG = 5_000;

export interface SetChecksOptions {
  readonly client: Pick<Client, 'abilities' | 'connection' | 'timers' | 'log' | 'settings' | 'ownProgress'>;
  readonly sets: OpenSets;
  readonly tokens: SetTokens;
  /** Absolute URI of the page that says what each finding means. */
  readonly documentationUri: string;
}

export class SetChecks {
  private readonly checks = new Map<string, SetCheck>();

  constructor(private readonly options: SetChecksOptions) {}

  /** A document was opened, changed, or is looked at somewhere else. */
  look(document: SetDocument): void {
    let check = this.checks.get(document.uri);
    if (check === undefined || check.document !== document) {
      check?.end();
      this.checks.set(document.uri, check = new SetCheck(document, this.options));
    }
    check.schedule();
  }

  closed(uri: string): void {
    this.checks.get(uri)?.close();
    this.checks.delete(uri);
  }

  /** Pictures were written, made, removed or renamed; or settings are others. */
  surroundingsChanged(): void {
    for (const check of this.checks.values()) check.surroundingsChanged();
  }

  /** Never rejects. */
  async lookAtPictures(): Promise<void> {
    for (const check of this.checks.values()) await check.lookAtPictures().catch(() => undefined);
  }
}

class SetCheck {
  private readonly judge: LineJudge;
  private readonly longLines: LongLines;
  private diskState = 0;
  private isArmed = false;
  private isBusy = false;
  private isWanted = false;
  private isOver = false;
  /** The client shows findings of the document. */
  private hasTold = false;
  private comparedVersion: number | undefined;
  /** Of what is known of pictures: it stands still for as long as nothing is said to have changed. */
  private clock = 0;

  constructor(readonly document: SetDocument, private readonly options: SetChecksOptions) {
    // A picture is asked for again whenever the disk is said to have changed.
    this.judge = new LineJudge(document, new PictureChecks(new KnownPictures(() => this.clock)));
    this.longLines = new LongLines(document, options.tokens);
  }

  schedule(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.options.client.timers.after(DELAY_MS, () => {
      this.isArmed = false;
      this.isWanted = true;
      if (!this.isBusy) void this.work();
    });
  }

  surroundingsChanged(): void {
    this.diskState++;
    this.clock += FORGOTTEN_MS;
    this.schedule();
  }

  /** For clients that do not tell of the disk: whether the pictures in view are as they were. */
  async lookAtPictures(): Promise<void> {
    const { document, options: { sets, client } } = this;
    if (this.isBusy || !document.isDataSet || !client.settings.dataSetFindings) return;
    const seen = sets.seen(document.uri);
    this.clock += FORGOTTEN_MS;
    const near = document.lines.slice(seen.from, seen.to).filter(({ verdict }) => verdict !== undefined);
    if (await this.judge.judge(near, this.diskState, new Slices())) this.surroundingsChanged();
  }

  end(): void {
    this.isOver = true;
  }

  close(): void {
    this.isOver = true;
    this.send([]);
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    try {
      while (this.isWanted && !this.isOver) {
        this.isWanted = false;
        await this.check();
      }
    } catch (error) {
      this.options.client.log('warn', 'lsp.request', `findings of ${this.document.uri}: ${String(error)}`);
    } finally {
      this.isBusy = false;
    }
  }

  private async check(): Promise<void> {
    const { document, options: { client, sets } } = this;
    if (!client.settings.dataSetFindings || !document.isDataSet) {
      // Of a file that is too large there is one thing to say.
      return this.tell(client.settings.dataSetFindings && document.isTooLong);
    }
    const slices = new Slices();
    const seen = sets.seen(document.uri);
    const near = document.lines.slice(seen.from, seen.to).filter(line => this.isDue(line));
    if (near.length > 0) await this.judge.judge(near, this.diskState, slices);
    this.tell(true);
    if (await this.checkOthers(slices) && !this.isInterrupted) this.tell(true);
    await this.compare(slices);
    if (!this.isInterrupted && await this.longLines.judge(slices, () => this.isInterrupted)) this.tell(true);
  }

  /** An edit came: what was looked at is known, and the rest comes when the edited lines are told of. */
  private get isInterrupted(): boolean {
    return this.isOver || this.isWanted;
  }

  private get isToBeCompared(): boolean {
    const { document, comparedVersion } = this;
    if (this.isInterrupted || comparedVersion === document.version) return false;
    return comparedVersion === undefined || document.lines.length <= MOST_COMPARED;
  }

  private isDue(line: DocumentLine): boolean {
    return line.verdict?.diskState !== this.diskState;
  }

  /** @returns whether something is to be told. */
  private async checkOthers(slices: Slices): Promise<boolean> {
    const { client: { timers } } = this.options;
    const progress = new CheckProgress(this.options.client);
    let toldAt = timers.now();
    let hasNews = false;
    try {
      for (let piece = this.nextDue(0); piece.lines.length > 0; piece = this.nextDue(piece.next)) {
        if (this.isInterrupted) return false;
        hasNews = await this.judge.judge(piece.lines, this.diskState, slices) || hasNews;
        progress.report(piece.next, this.document.lines.length);
        if (hasNews && timers.now() - toldAt >= TELL_MS && !this.isInterrupted) {
          this.tell(true);
          toldAt = timers.now();
          hasNews = false;
        }
        if (slices.isOver) await slices.turn();
      }
      return hasNews;
    } finally {
      progress.done();
    }
  }

  private nextDue(from: number): { readonly lines: readonly DocumentLine[]; readonly next: number } {
    const lines: DocumentLine[] = [];
    let next = from;
    for (; next < this.document.lines.length && lines.length < PIECE; next++) {
      const line = this.document.lines[next];
      if (line !== undefined && this.isDue(line)) lines.push(line);
    }
    return { lines, next };
  }

  private async compare(slices: Slices): Promise<void> {
    const { document } = this;
    if (!this.isToBeCompared) return;
    const { version } = document;
    const among = new FileChecks(path.posix.basename(document.uri));
    const found = new Map<DocumentLine, readonly Finding[]>();
    for (const [index, line] of document.lines.entries()) {
      const read = document.readOnce(line);
      const findings = !('form' in read) ? [] : among.take(index + 1, read, line.text);
      if (findings.length > 0 && found.size < MOST_AMONG) found.set(line, findings);
      if (!slices.isOver) continue;
      await slices.turn();
      if (this.isInterrupted || document.version !== version) return;
    }
    for (const { line: number, finding } of among.end()) {
      const line = document.lines[number - 1];
      if (line !== undefined) found.set(line, [...found.get(line) ?? [], finding]);
    }
    this.comparedVersion = version;
    if (putAmong(document, found)) this.tell(true);
  }

  private tell(hasSome: boolean): void {
    const { document, options: { sets, documentationUri } } = this;
    if (this.isOver) return;
    this.send(hasSome ? setDiagnostics(document, sets.seen(document.uri), documentationUri) : []);
  }

  private send(diagnostics: ReturnType<typeof setDiagnostics>): void {
    if (diagnostics.length === 0 && !this.hasTold) return;
    this.hasTold = diagnostics.length > 0;
    const { uri, version } = this.document;
    const { client: { connection } } = this.options;
    const versioned = this.isOver ? { uri, diagnostics } : { uri, version, diagnostics };
    void connection.sendDiagnostics(versioned).catch(() => undefined);
  }
}

function areSame(a: readonly Finding[], b: readonly Finding[]): boolean {
  return a.length === b.length && a.every(({ code, start, end, message }, at) => {
    const other = b[at];
    return code === other?.code && start === other.start && end === other.end && message === other.message;
  });
}

/** @returns whether the findings among lines are others than before. */
function putAmong(document: SetDocument, found: ReadonlyMap<DocumentLine, readonly Finding[]>): boolean {
  let hasChanged = false;
  for (const line of document.lines) {
    const { verdict } = line;
    const among = found.get(line) ?? [];
    if (verdict === undefined || areSame(among, verdict.among)) continue;
    hasChanged = true;
    line.verdict = { ...verdict, among, amount: verdict.amount + among.length - verdict.among.length };
  }
  return hasChanged;
}

/** Shown for long checks only, where the client shows it. */
class CheckProgress {
  private reporter: Promise<WorkDoneProgressReporter | undefined> | undefined;
  private isDone = false;
  private percentage = -1;

  constructor(private readonly client: Pick<Client, 'abilities' | 'ownProgress'>) {}

  report(done: number, total: number): void {
    if (total <= MOST_SILENT || !this.client.abilities.showsWorkDone) return;
    this.reporter ??= this.begin();
    const percentage = Math.floor(100 * done / total);
    if (percentage === this.percentage) return;
    this.percentage = percentage;
    void this.reporter.then(reporter => this.isDone ? undefined : reporter?.report(percentage));
  }

  done(): void {
    this.isDone = true;
    void this.reporter?.then(reporter => reporter?.done());
  }

  private async begin(): Promise<WorkDoneProgressReporter | undefined> {
    try {
      const { reporter } = await this.client.ownProgress();
      reporter.begin(l10n.t('Checking the data set'), 0, undefined, false);
      return reporter;
    } catch {
      return undefined;
    }
  }
}
