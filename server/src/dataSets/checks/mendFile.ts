/** Writes what is certain into a data set's file: all of it or nothing, and no line but those that are mended. */
import * as l10n from '@vscode/l10n';
import { constants } from 'node:fs';
import { access, realpath, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { partialOf, RefusedFile, sweepPartials } from '../../../../batch/src/disk';
import { unwritten } from '../../../../batch/src/unwritten';
import { mendLine } from '../../../../datasets/src/findings/mendLine';
import { Failure } from '../../../../paligemma/src/failures';
import { FileRefused, openNewFile, openPlainFile } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { errorCode } from '../../util/files';
import { fileStamp } from '../../workspace/filePaths';
import { BatchFacts, batches, type BatchLine, type Checks } from './checkFile';
import type { FileLine } from '../fileLines';

export interface MendedFile {
  readonly lines: number;
  /** How often each code was mended. */
  readonly codes: ReadonlyMap<string, number>;
}

const MARK_BYTES = 3;

/**
 * Where the file is a link, the file behind it is replaced, with its mode kept. Lines that cannot be read keep their
 * bytes.
 * @throws Failure where it cannot be written, or is changed meanwhile, with the file as it was; CancelledError; as
 *   `fileLines`.
 */
export async function mendFile(named: string, checks: Checks, token: CancellationToken): Promise<MendedFile> {
  const file = await realpath(named).catch(() => named);
  await sweepPartials([file]);
  const before = await stat(file);
  const mending = new Mending(file, before.mode);
  try {
    for await (const batch of batches(file)) {
      throwIfCancelled(token);
      // Pictures are named from where the person's file lies, link or not.
      const facts = await BatchFacts.of(batch, path.dirname(named), checks, token);
      await written(named, async () => {
        for (const line of batch) await mending.take(line, facts);
      });
    }
    const check = async () => {
      throwIfCancelled(token);
      if (fileStamp(await stat(file)) !== fileStamp(before)) throw changedMeanwhile(named);
    };
    if (mending.lines > 0) await written(named, () => mending.end(before.size, check));
  } finally {
    await mending.close();
  }
  return { lines: mending.lines, codes: mending.codes };
}

/** @throws Failure in the place of the system's errors. */
async function written(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (errorCode(error) === undefined && !(error instanceof FileRefused)) throw error;
    throw unwritten(new RefusedFile(file, error), true, l10n.t);
  }
}

function changedMeanwhile(file: string): Failure {
  return new Failure(
    'fileUnwritable',
    l10n.t('“{0}” was changed while it was being mended. Nothing was written: mend it again.', file),
  );
}

/** A copy of a file in which some lines are others. It comes into being with the first of them. */
class Mending {
  lines = 0;
  readonly codes = new Map<string, number>();
  private copy: { readonly to: FileHandle; readonly from: FileHandle } | undefined;
  private readonly partial: string;
  /** Bytes of the file that are in the copy, or left out of it. */
  private done = 0;

  constructor(private readonly file: string, private readonly mode: number) {
    this.partial = partialOf(file);
  }

  async take({ line, read }: BatchLine, facts: BatchFacts): Promise<void> {
    const { text, offset, bytes, hasMark } = line;
    const mended = text === undefined ? undefined : mendedText(line, text, read, facts);
    if (!hasMark && (mended === undefined || mended.text === text)) return;
    this.lines++;
    for (const code of [...(hasMark ? ['byte-order-mark'] : []), ...mended?.codes ?? []]) {
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    }
    const start = offset + (hasMark ? MARK_BYTES : 0);
    await this.copyTo(offset);
    this.done = start;
    if (mended === undefined || mended.text === text) return;
    await (await this.open()).to.writeFile(mended.text);
    this.done = offset + bytes;
  }

  /** Puts the copy in the place of the file. @param check Called when it is whole; throws where it must not. */
  async end(bytes: number, check: () => Promise<void>): Promise<void> {
    await this.copyTo(bytes);
    const { to } = await this.open();
    await to.chmod(this.mode & 0o7777);
    await to.sync();
    // Windows replaces no file that is open.
    await this.closeFiles();
    await check();
    await rename(this.partial, this.file);
  }

  /** Leaves nothing behind that is not in the place of the file. */
  async close(): Promise<void> {
    await this.closeFiles();
    await rm(this.partial, { force: true });
  }

  private async closeFiles(): Promise<void> {
    const { copy } = this;
    this.copy = undefined;
    if (copy !== undefined) await Promise.all([copy.to.close(), copy.from.close()]);
  }

  private async open(): Promise<{ readonly to: FileHandle; readonly from: FileHandle }> {
    if (this.copy !== undefined) return this.copy;
    // A new file of the same name would need no leave.
    await access(this.file, constants.W_OK);
    const from = await openPlainFile(this.file);
    try {
      return this.copy = { from, to: await openNewFile(this.partial, 0o600) };
    } catch (error) {
      await from.close();
      throw error;
    }
  }

  /** The file as it is, from what is done up to `end`. */
  private async copyTo(end: number): Promise<void> {
    const { from, to } = await this.open();
    const piece = Buffer.alloc(Math.min(1 << 20, Math.max(0, end - this.done)));
    while (this.done < end) {
      const { bytesRead } = await from.read(piece, 0, Math.min(piece.length, end - this.done), this.done);
      if (bytesRead === 0) throw changedMeanwhile(this.file);
      await to.writeFile(piece.subarray(0, bytesRead));
      this.done += bytesRead;
    }
  }
}

function mendedText(
  line: FileLine,
  text: string,
  read: BatchLine['read'],
  facts: BatchFacts,
): ReturnType<typeof mendLine> {
  return mendLine(text, now => facts.findings(now, line, now === text ? read : undefined));
}
