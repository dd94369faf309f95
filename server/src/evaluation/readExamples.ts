/** The lines of a data set's file that can be evaluated, and why the others cannot. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { readSetLine, type SetLine } from '../../../datasets/src/lines/setLine';
import type { LineFault } from '../../../datasets/src/lines/setText';
import { Failure } from '../../../paligemma/src/failures';
import { given } from '../../../paligemma/src/given';
import { FileRefused } from '../../../system/src/plainFile';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { fileLines, type FileLine } from '../dataSets/fileLines';
import { pictureRef } from '../dataSets/sources/pictureRefs';
import { throwIfCancelled } from '../util/cancellation';
import { errorCode } from '../util/files';
import { leadsElsewhere } from '../util/linksElsewhere';

export interface Example {
  /** From 1. */
  readonly line: number;
  /** As the line names it. */
  readonly image: string;
  /** Absolute. */
  readonly imagePath: string;
  readonly prefix: string;
  readonly expected: string;
  /** All right answers that this line gives, the expected one among them. */
  readonly references: readonly string[];
}

export interface UnfitLine {
  readonly line: number;
  readonly image?: string;
  readonly failure: Failure;
}

export type ReadLine = Example | UnfitLine;

export function isExample(read: ReadLine): read is Example {
  return !('failure' in read);
}

/**
 * Blank lines are none. @param limit Stops behind so many examples.
 * @throws Failure `fileUnreadable`; CancelledError.
 */
export async function* readExamples(
  file: string,
  limit: number,
  token: CancellationToken,
): AsyncGenerator<ReadLine, void, void> {
  let count = 0;
  try {
    for await (const line of fileLines(file)) {
      throwIfCancelled(token);
      if (count >= limit) return;
      if (line.text?.trim() === '') continue;
      const read = await readLine(line, file);
      if (isExample(read)) count++;
      yield read;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof FileRefused) return new Failure('fileUnreadable', error.message, { cause: error });
  const code = errorCode(error);
  if (code === undefined) return error;
  return new Failure(
    'fileUnreadable',
    code === 'ENOENT'
      ? l10n.t('There is no data set at {0}. Check the path.', file)
      : l10n.t('The data set {0} cannot be read ({1}). Check the path and its permissions.', file, code),
    { cause: error },
  );
}

async function readLine({ number: line, text, fault }: FileLine, file: string): Promise<ReadLine> {
  const unfit = (sentence: string, image?: string): UnfitLine => ({
    line,
    ...given({ image }),
    failure: new Failure('badArgument', sentence),
  });
  if (text === undefined) {
    return unfit(fault === 'tooLong' ? l10n.t('The line is too long for an example.') : l10n.t('This is no UTF-8.'));
  }
  const read = readSetLine(text);
  if (!('form' in read)) return unfit(faultSentence(read.faults[0]));
  const [image, ...others] = read.images;
  if (image === undefined) return unfit(l10n.t('The line names no picture.'));
  if (others.length > 0) {
    return unfit(l10n.t('The line names {0} pictures. Models run on one.', others.length + 1), image.value);
  }
  const references = referencesOf(read);
  const expected = read.suffix?.value ?? references[0];
  if (read.prefix === undefined || expected === undefined) {
    const sentence = read.prefix === undefined
      ? l10n.t('The line has no prompt.')
      : l10n.t('The line has no expected answer.');
    return unfit(sentence, image.value);
  }
  if (read.faults.some(({ kind }) => kind === 'turns')) return unfit(faultSentence({ kind: 'turns', path: [] }));
  const picture = pictureRef(path.dirname(file), image.value);
  if (typeof picture === 'string') return unfit(picture, image.value);
  if (await leadsElsewhere(picture.path)) {
    return unfit(l10n.t('A link leads to the picture on another machine. Copy it beside the file.'), image.value);
  }
  return {
    line,
    image: image.value,
    imagePath: picture.path,
    prefix: read.prefix.value,
    expected,
    references: references.length === 0 ? [expected] : references,
  };
}

/** Several people's answers beside the one that is trained, as VQA sets have them. */
function referencesOf({ fields }: SetLine): readonly string[] {
  for (const key of ['references', 'answers']) {
    const value: unknown = fields[key];
    if (Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')) return value;
  }
  return [];
}

function faultSentence(fault: LineFault | undefined): string {
  switch (fault?.kind) {
    case 'notJson':
      return l10n.t('The line is no JSON.');
    case 'turns':
      return l10n.t('The line holds more than one question and one answer.');
    default:
      return l10n.t('The line is no object of JSON.');
  }
}
