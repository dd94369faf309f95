/** `paligemma data check`: what is wrong with data sets, before a training finds out. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Finding, Severity } from '../../../../datasets/src/findings/finding';
import { SplitChecks } from '../../../../datasets/src/findings/splitChecks';
import { failureJson, jsonText } from '../../../../paligemma/src/answers/json';
import { Failure } from '../../../../paligemma/src/failures';
import { checkFile, type Checks, type Leaks } from '../../dataSets/checks/checkFile';
import { ContentHashes } from '../../dataSets/checks/contentHashes';
import { mendFile } from '../../dataSets/checks/mendFile';
import { NearCopies } from '../../dataSets/checks/nearCopies';
import { PictureChecks } from '../../dataSets/checks/pictureFindings';
import { PictureSizes } from '../../dataSets/checks/pictureSizes';
import { findSetFiles } from '../../dataSets/checks/setFiles';
import { unreadable } from '../../dataSets/sources/readable';
import { readRunOptions, UsageError } from '../terminal/options';
import { textFailure } from '../terminal/output';
import { openSession } from '../terminal/session';
import { shownPath } from '../terminal/shownPath';
import type { ExitCode, VerbContext } from '../terminal/verb';
import { tokenLimits } from './tokenLimits';

/** @param words Files and folders. @throws UsageError where one of them leads to nothing; CancelledError. */
export async function checkData(context: VerbContext, words: readonly string[]): Promise<ExitCode> {
  const { values } = context;
  const { files, missing, empty } = await findSetFiles(words);
  const [nothing] = [
    ...missing.map(word => `There is no "${word}".`),
    ...empty.map(word => `There is no .jsonl file in "${word}".`),
  ];
  if (nothing !== undefined) throw new UsageError(nothing);
  const session = openSession(context, readRunOptions(values));
  try {
    const limits = await tokenLimits(session, values.model, line => context.terminal.note(line));
    const checks = { pictures: new PictureChecks(), limits };
    const work = new DataCheck(context, checks, new NearCopies(session.pictureHost), await sizesOf(files));
    if (values.fix === true) await work.mend(files);
    return await work.check(files);
  } finally {
    await session.close();
  }
}

async function sizesOf(files: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sizes = await Promise.all(files.map(file => stat(file).then(({ size }) => size, () => 0)));
  return new Map(files.map((file, index) => [file, sizes[index] ?? 0]));
}

class DataCheck {
  private readonly counts: Record<Severity, number> = { error: 0, warning: 0, hint: 0 };
  private lines = 0;
  private mendable = 0;
  private failed = 0;
  private doneBytes = 0;
  private readonly allBytes: number;

  constructor(
    private readonly context: VerbContext,
    private readonly checks: Checks,
    private readonly near: NearCopies,
    private readonly sizes: ReadonlyMap<string, number>,
  ) {
    this.allBytes = Math.max(1, [...sizes.values()].reduce((sum, size) => sum + size, 0));
  }

  /** @throws CancelledError */
  async mend(files: readonly string[]): Promise<void> {
    const { terminal, interrupt } = this.context;
    for (const file of files) {
      this.progress(file, 0, 'mending');
      await this.tried(file, async () => {
        const { lines, codes } = await mendFile(file, this.checks, interrupt.token);
        if (lines === 0) return;
        const list = [...codes].map(([code, count]) => `${code} ${count}`).join(', ');
        terminal.note(`${shownPath(file)}: ${counted(lines, 'line')} mended (${list}).`);
      }, 'mending');
    }
  }

  /** @throws CancelledError */
  async check(files: readonly string[]): Promise<ExitCode> {
    const { terminal } = this.context;
    const leaks = await this.leaks(files);
    for (const file of files) {
      await this.tried(file, () => this.checkOne(file, leaks));
      this.doneBytes += this.sizes.get(file) ?? 0;
    }
    terminal.progress.hide();
    if (this.near.isFull) terminal.note('Note: only the first pictures were compared by what they look like.');
    const { error, warning, hint } = this.counts;
    const found = [counted(error, 'error'), counted(warning, 'warning'), counted(hint, 'hint')].join(', ');
    terminal.note(`${counted(this.lines, 'line')} in ${counted(files.length, 'file')}: ${found}.`);
    if (this.mendable > 0) terminal.note(`${this.mendable} can be mended: add --fix.`);
    return this.failed + error + warning === 0 ? 0 : 1;
  }

  /** Only parts of one set have something to give away. */
  private async leaks(files: readonly string[]): Promise<Leaks | undefined> {
    if (files.length < 2) return undefined;
    const { checks: { pictures }, context: { interrupt: { token } } } = this;
    const sizes = new PictureSizes();
    for (const file of files) {
      this.progress(file, 0, 'looking at the pictures of');
      await sizes.add(file, pictures, token).catch((error: unknown) => {
        // What cannot be read says so itself when it is checked.
        if (!(unreadable(error, file) instanceof Failure)) throw error;
      });
    }
    return { splits: new SplitChecks(), contents: new ContentHashes(bytes => sizes.isShared(bytes)), near: this.near };
  }

  private async checkOne(file: string, leaks: Leaks | undefined): Promise<void> {
    const name = shownPath(file);
    for await (const item of checkFile(file, this.checks, this.context.interrupt.token, leaks)) {
      if ('finding' in item) {
        await this.tell(name, item.number, item.finding);
        continue;
      }
      this.lines++;
      if (this.lines % 256 === 0) this.progress(name, item.line.offset, 'checking');
      for (const finding of item.findings) await this.tell(name, item.line.number, finding);
    }
  }

  private async tell(file: string, line: number, { code, severity, message, start, fix }: Finding): Promise<void> {
    const { terminal, values } = this.context;
    this.counts[severity]++;
    if (fix !== undefined || code === 'byte-order-mark') this.mendable++;
    const column = start + 1;
    await terminal.print(
      values.json === true
        ? jsonText({ file, line, column, code, severity, message, ...(fix === undefined ? {} : { fix }) })
        : `${file}:${line}:${column} ${severity} ${message} (${code})`,
    );
  }

  /** One file that cannot be read does not keep the others from being checked. */
  private async tried(
    file: string,
    work: () => Promise<void>,
    doing: 'mending' | 'checking' = 'checking',
  ): Promise<void> {
    const { terminal, values } = this.context;
    try {
      await work();
    } catch (error) {
      const failure = unreadable(error, shownPath(file));
      if (!(failure instanceof Failure)) throw error;
      // Of two readings the second one tells it.
      if (doing === 'mending' && failure.reason === 'fileUnreadable') return;
      this.failed++;
      const { code, kind, message } = failure;
      if (values.json === true) {
        await terminal.print(jsonText({ file: shownPath(file), ...failureJson(undefined, { code, kind, message }) }));
      } else terminal.note(textFailure(undefined, failure));
    }
  }

  private progress(file: string, bytes: number, doing: string): void {
    const fraction = (this.doneBytes + bytes) / this.allBytes;
    this.context.terminal.progress.update({ fraction, text: `${doing} ${path.basename(file)}`.trim() });
  }
}

function counted(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}
