/** Lists of models as a person reads them. */
import { tameText } from '../../../../paligemma/src/plainText';
import { bytesText } from '../../../../paligemma/src/words';
import type { ModelInfo } from '../../contract/protocol';

/** Aligned columns, with lines below a model whose weights have a form of their own, or that cannot be used. */
export function modelTable(found: readonly ModelInfo[]): readonly string[] {
  const rows = found.map(({ id, kind, resolutionPx, bytes, converted, path, adapter, server }) => [
    id,
    kind,
    resolutionPx === undefined ? '?' : `${resolutionPx} px`,
    bytes === undefined ? (server === undefined ? '?' : '-') : bytesText(bytes),
    converted.length === 0 ? '-' : converted.join(','),
    server === undefined
      ? adapter === undefined ? path ?? '-' : `${adapter} on ${path ?? '?'}`
      : serverWords[server.mask],
  ]);
  return table(rows, index => notesOn(found[index]));
}

/** What could be downloaded. */
export function publishedTable(published: readonly ModelInfo[]): readonly string[] {
  const rows = published.map((
    { id, kind, resolutionPx, downloadBytes, memoryBytes, fits, isInstalled, partialBytes },
  ) => [
    id,
    kind,
    `${resolutionPx ?? '?'} px`,
    downloadBytes === undefined ? '?' : bytesText(downloadBytes),
    memoryBytes === undefined ? '?' : bytesText(memoryBytes.int4),
    fits === undefined || fits.length === 0 ? 'does not fit' : fits.join(','),
    isInstalled ? 'installed' : partialBytes === undefined ? '-' : `${bytesText(partialBytes)} here`,
  ]);
  return table(rows, index => notesOn(published[index]));
}

function table(
  cells: readonly (readonly string[])[],
  notesOf: (index: number) => readonly string[],
): readonly string[] {
  // Before they are measured: an escape is longer than what it stands for.
  const rows = cells.map(row => row.map(tameText));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.flatMap((row, index) => {
    const line = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join(
      '  ',
    );
    return [line, ...notesOf(index).map(note => `  ${note}`)];
  });
}

function notesOn(model: ModelInfo | undefined): readonly string[] {
  return [
    ...(model?.form === undefined ? [] : [`weights: ${model.form}`]),
    ...(model?.problem === undefined ? [] : [`cannot be used: ${model.problem}`]),
  ];
}

const serverWords = {
  prefix: 'on a server',
  causal: 'on a server without the prefix mask: answers differ',
  unknown: 'on a server, prefix mask unknown',
} as const;
