/** What a word of the command line names: a file, standard input, or another pipe such as `<(…)` of a shell. */
import * as l10n from '@vscode/l10n';
import type { Stats } from 'node:fs';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { openPipe } from '../../../../system/src/pipe';
import { FileRefused, plainFileStream } from '../../../../system/src/plainFile';
import { Failure } from '../../../../paligemma/src/failures';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { errorCode } from '../../util/files';
import { nearestOnDisk } from '../../util/spelling';
import { statOf } from '../../workspace/filePaths';
import { UsageError } from '../terminal/options';

export interface Place {
  /** Absolute. */
  readonly path: string;
  /** Whether the word was written as a path, so that what lies below can be written like it. */
  readonly isPath: boolean;
}

/** `-`, and what systems call the same. */
export function isStandardInput(word: string): boolean {
  return word === '-' || word === '/dev/stdin' || (isDescriptor(word) && word.endsWith('/0'));
}

/**
 * Where a word leads that is not standard input: a path, `~/…` where no shell has seen it, or a `file:` URL. What is
 * there under the very name is taken first. @throws Failure `badArgument` for a URL of another machine.
 */
export function placeOf(word: string): Place {
  const named = nearestOnDisk(path.resolve(word));
  if (existsSync(named)) return { path: named, isPath: true };
  if (/^~(?:[/\\]|$)/.test(word)) {
    return { path: nearestOnDisk(path.join(os.homedir(), word.slice(1))), isPath: false };
  }
  return /^file:/i.test(word) ? { path: nearestOnDisk(pathOfUrl(word)), isPath: false } : { path: named, isPath: true };
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new Failure(
      'badArgument',
      l10n.t(
        '“{0}” is not the address of a file on this machine. Write file:///, three slashes, or the path alone.',
        url,
      ),
      { cause: error },
    );
  }
}

/** Whether a file can be read once and by this process only: a pipe, or a name of a stream that it was started with. */
export function isPipe(place: string, info: Stats): boolean {
  return info.isFIFO() || (info.isFile() && isDescriptor(place));
}

function isDescriptor(place: string): boolean {
  return /^\/(?:dev|proc\/self)\/fd\/\d+$/.test(place);
}

/** @param place Undefined for standard input. */
export async function openInput(place: string | undefined): Promise<Readable> {
  if (place === undefined) return process.stdin;
  return (await statOf(place))?.isFIFO() === true ? openPipe(place) : plainFileStream(place);
}

/**
 * What a stream holds, block by block; it is closed in the end.
 * @param tooLong Thrown once there are more than `mostBytes`.
 * @throws CancelledError also while nothing comes; the errors of the stream.
 */
export async function* blocksOf(
  stream: Readable,
  { mostBytes, tooLong }: { readonly mostBytes: number; readonly tooLong: () => Error },
  token: CancellationToken,
): AsyncGenerator<Buffer> {
  throwIfCancelled(token);
  const subscription = token.onCancellationRequested(() => stream.destroy(new CancelledError()));
  let bytes = 0;
  try {
    for await (const block of stream) {
      bytes += (block as Buffer).length;
      if (bytes > mostBytes) throw tooLong();
      yield block as Buffer;
    }
  } finally {
    subscription.dispose();
    stream.destroy();
  }
}

export interface TextInput {
  readonly text: string;
  /** The folder that paths in it start from; the current one for a pipe. */
  readonly folder: string;
}

const MOST_TEXT_BYTES = 64 << 20;

/**
 * A text file or a pipe, in UTF-8 or, with a byte order mark, in UTF-16.
 * @param what What it is, for a person.
 * @throws Failure `fileUnreadable`; UsageError; CancelledError.
 */
export async function readTextInput(word: string, what: string, token: CancellationToken): Promise<TextInput> {
  if (word === '') throw new UsageError(`The name of the ${what} is empty.`);
  const isStdin = isStandardInput(word);
  const place = isStdin ? undefined : placeOf(word).path;
  const unreadable = (message: string, cause?: unknown) => new Failure('fileUnreadable', message, { cause });
  try {
    const info = place === undefined ? undefined : await statOf(place);
    const isPiped = place === undefined || (info !== undefined && isPipe(place, info));
    const stream = await openInput(place);
    const blocks: Buffer[] = [];
    const tooLong = () =>
      unreadable(l10n.t('The {0} {1} is longer than {2} MB. Split it.', what, word, MOST_TEXT_BYTES >> 20));
    for await (const block of blocksOf(stream, { mostBytes: MOST_TEXT_BYTES, tooLong }, token)) blocks.push(block);
    return {
      text: decodeText(Buffer.concat(blocks)),
      folder: isPiped ? process.cwd() : path.dirname(place),
    };
  } catch (error) {
    if (error instanceof FileRefused) throw unreadable(error.message, error);
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw unreadable(
      code === 'ENOENT'
        ? l10n.t('There is no {0} at {1}. Check the path.', what, word)
        : l10n.t('The {0} {1} cannot be read ({2}). Check the path and its permissions.', what, word, code),
      error,
    );
  }
}

/** UTF-16 where a byte order mark says so, as PowerShell's `>` writes it; else UTF-8. No mark is left. */
export function decodeText(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe
    ? 'utf-16le'
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? 'utf-16be'
    : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
