/** Lines of text about pictures: files of JSON Lines, lists of JSON, tables. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { otherValues } from '../../../../datasets/src/forms/exampleText';
import { readFields, readSetLine, type SetLine } from '../../../../datasets/src/lines/setLine';
import type { LineFault } from '../../../../datasets/src/lines/setText';
import { isRecord } from '../../../../paligemma/src/checks';
import { parseShallow } from '../../../../paligemma/src/shallowJson';
import { throwIfCancelled } from '../../util/cancellation';
import { fileLines } from '../fileLines';
import { jsonEntries } from './jsonEntries';
import { pictureRef } from './pictureRefs';
import { readable } from './readable';
import type { Item, PictureRef, SetSource, SourceForm } from './source';

export class LinesSource implements SetSource {
  constructor(
    readonly form: SourceForm,
    readonly file: string,
    readonly split: string | undefined,
  ) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    const folder = path.dirname(this.file);
    for await (const { number, text, fault } of readable(fileLines(this.file), this.file)) {
      throwIfCancelled(token);
      const place = l10n.t('line {0}', number);
      if (text === undefined) yield refused(place, unreadLine(fault));
      else if (text.trim() !== '') yield itemOf(readSetLine(text), folder, place);
    }
  }
}

function unreadLine(fault: 'tooLong' | 'notUtf8' | undefined): string {
  return fault === 'tooLong'
    ? l10n.t('The line is longer than any example.')
    : l10n.t('The line is no UTF-8. Save the file in it.');
}

/** A list of objects in one file: what LLaMA-Factory reads. */
export class JsonListSource implements SetSource {
  readonly form = 'sharegpt';

  constructor(readonly file: string, readonly split: string | undefined) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    const folder = path.dirname(this.file);
    let number = 0;
    for await (const { text } of jsonEntries(this.file)) {
      throwIfCancelled(token);
      const place = l10n.t('entry {0}', ++number);
      const value = parsed(text);
      if (isRecord(value)) yield itemOf(readFields(value), folder, place);
      else yield refused(place, l10n.t('The entry is no object.'));
    }
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parseShallow(text);
  } catch {
    return undefined;
  }
}

/** @param pictures In the place of those that the fields name; a sentence for one that cannot be taken. */
export function itemOf(
  line: SetLine | { readonly faults: readonly LineFault[] },
  folder: string,
  place: string,
  pictures?: readonly (PictureRef | string)[],
): Item {
  const faults = pictures === undefined ? line.faults : line.faults.filter(fault => !isOfPictures(fault));
  const [fault] = faults;
  if (fault !== undefined) return refused(place, faultText(fault));
  if (!('form' in line) || line.prefix === undefined || line.suffix === undefined) {
    return refused(place, l10n.t('The line is no example.'));
  }
  const refs = pictures ?? line.images.map(({ value }) => pictureRef(folder, value));
  const wrong = refs.find(ref => typeof ref === 'string');
  if (wrong !== undefined) return refused(place, wrong);
  const { others, leavesOut } = otherValues(line.fields);
  return {
    place,
    entry: {
      kind: 'text',
      pictures: refs.filter(ref => typeof ref !== 'string'),
      prefix: line.prefix.value,
      suffix: line.suffix.value,
      others,
    },
    refusals: [],
    remarks: leavesOut ? ['fieldLeftOut'] : [],
  };
}

export function refused(place: string, message: string): Item {
  return { place, refusals: [{ place, message }], remarks: [] };
}

function isOfPictures(fault: LineFault): boolean {
  return (fault.kind === 'missing' && fault.what === 'image')
    || (fault.kind === 'notText' && /^(?:images?|file_names?)$/.test(String(fault.path[0])));
}

function faultText(fault: LineFault): string {
  switch (fault.kind) {
    case 'notJson':
      return l10n.t('The line is no JSON.');
    case 'notObject':
      return l10n.t('The line is no JSON object.');
    case 'missing':
      return l10n.t('The line lacks “{0}”.', fault.keys[0] ?? fault.what);
    case 'notText':
      return l10n.t('The value of “{0}” is no text.', fault.path.join('.'));
    case 'turns':
      return l10n.t('The turns of “{0}” are not one question and one answer.', String(fault.path[0] ?? ''));
  }
}
