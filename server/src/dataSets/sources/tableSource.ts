/** Rows of tables: `metadata.csv`, and Parquet with or without the pictures in it. Their readers are loaded when they are needed. */
import * as l10n from '@vscode/l10n';
import type { AsyncBuffer, Compressors } from 'hyparquet';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { readFields } from '../../../../datasets/src/lines/setLine';
import { isCount, isRecord } from '../../../../paligemma/src/checks';
import { openPlainFile, plainFileStream } from '../../../../system/src/plainFile';
import { throwIfCancelled } from '../../util/cancellation';
import { packedName } from './packedName';
import { pictureRef } from './pictureRefs';
import { notOfForm, unreadable } from './readable';
import type { Item, PictureRef, SetSource } from './source';
import { itemOf } from './textSource';

/** Longer rows are no examples: a quote that is never closed makes one of the whole file. */
const MOST_ROW_BYTES = 16 << 20;
/** Of one group of rows, which lies in memory as a whole. */
const MOST_GROUP_BYTES = 2 ** 31;
/** A group is no more than so many times as large as what it was packed into, or it is made to fill memory. */
const MOST_GROWTH = 4096;

export class CsvSource implements SetSource {
  readonly form = 'csv';

  constructor(readonly file: string, readonly split: string | undefined) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    const { parse } = await import('csv-parse');
    const stream = await plainFileStream(this.file).catch((error: unknown) => {
      throw unreadable(error, this.file);
    });
    const parser = stream.pipe(parse({
      bom: true,
      // No object with keys of the file's own: a column may be called as it likes.
      columns: false,
      max_record_size: MOST_ROW_BYTES,
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    }));
    stream.on('error', error => parser.destroy(error));
    let names: readonly string[] | undefined;
    try {
      for await (const row of parser) {
        throwIfCancelled(token);
        const { record, info: { lines } } = row as { record: string[]; info: { lines: number } };
        if (names === undefined) names = record;
        else yield itemOf(readFields(rowFields(names, record)), path.dirname(this.file), l10n.t('line {0}', lines));
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
        throw notOfForm(this.file, error.message);
      }
      throw unreadable(error, this.file);
    } finally {
      stream.destroy();
    }
  }
}

/** A list of names in a cell is JSON, as `datasets` writes it. */
function rowFields(names: readonly string[], cells: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
}

export class ParquetSource implements SetSource {
  readonly form = 'parquet';

  constructor(readonly file: string, readonly split: string | undefined) {}

  classes(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *items(token: CancellationToken): AsyncGenerator<Item, void, void> {
    const handle = await openPlainFile(this.file).catch((error: unknown) => {
      throw unreadable(error, this.file);
    });
    try {
      const { size } = await handle.stat();
      yield* this.rows({
        byteLength: size,
        slice(start, end = size) {
          const part = slice(handle, size, start, end);
          // The reader begins several and waits for one after the other: once one has failed, nobody hears of the others.
          part.catch(() => undefined);
          return part;
        },
      }, token);
    } finally {
      await handle.close();
    }
  }

  private async *rows(file: AsyncBuffer, token: CancellationToken): AsyncGenerator<Item, void, void> {
    const { parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
    const damaged = (error: unknown) =>
      notOfForm(this.file, error instanceof Error ? error.message : l10n.t('It is no Parquet file.'));
    const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
      throw damaged(error);
    });
    let row = 0;
    for (const group of metadata.row_groups) {
      throwIfCancelled(token);
      const [count, bytes] = [Number(group.num_rows), Number(group.total_byte_size)];
      if (!isCount(count) || !(bytes <= MOST_GROUP_BYTES && bytes <= file.byteLength * MOST_GROWTH)) {
        throw notOfForm(this.file, l10n.t('A group of its rows is larger than memory should be filled with.'));
      }
      const rows = await parquetReadObjects({
        file,
        metadata,
        rowStart: row,
        rowEnd: row + count,
        utf8: false,
        compressors,
      }).catch((error: unknown) => {
        throw damaged(error);
      });
      for (const fields of rows) {
        throwIfCancelled(token);
        yield this.itemOf(fields, ++row);
      }
    }
  }

  private itemOf(fields: Readonly<Record<string, unknown>>, row: number): Item {
    const folder = path.dirname(this.file);
    const pictures = [fields['image'], fields['images']].flat().flatMap((value, index) =>
      packed(value, folder, `${path.basename(this.file, '.parquet')}-${row}-${index + 1}`) ?? []
    );
    return itemOf(readFields(fields), folder, l10n.t('row {0}', row), pictures.length > 0 ? pictures : undefined);
  }
}

/** @param start Negative: from the end. @throws RangeError beyond the file. */
async function slice(handle: FileHandle, size: number, start: number, end: number): Promise<ArrayBuffer> {
  const from = start < 0 ? size + start : start;
  if (!(from >= 0 && end >= from && end <= size)) throw new RangeError('beyond the end of the file');
  const buffer = new ArrayBuffer(end - from);
  await handle.read(new Uint8Array(buffer), 0, end - from, from);
  return buffer;
}

/**
 * A picture that lies in the table itself, or that its struct names. @param stem For one without a name.
 * @returns A sentence where there is none; undefined for another value than such a struct.
 */
function packed(value: unknown, folder: string, stem: string): PictureRef | string | undefined {
  if (!isRecord(value)) return undefined;
  const { bytes, path: named } = value;
  const told = typeof named === 'string' ? named : '';
  if (!(bytes instanceof Uint8Array)) return told === '' ? undefined : pictureRef(folder, told);
  const name = packedName(told, stem, bytes);
  if (name === undefined) return l10n.t('The bytes of the picture are of no kind of picture that is known.');
  return { written: name, path: path.join(folder, name), bytes };
}

/** What Node.js brings; Snappy, the usual one, is the reader's own. */
const compressors: Compressors = {
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: outputLength + 1 }),
  BROTLI: (input, outputLength) => brotliDecompressSync(input, { maxOutputLength: outputLength + 1 }),
};
