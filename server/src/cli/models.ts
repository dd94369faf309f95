import type { ModelInfo } from '../contract/protocol';
import { readRunOptions, UsageError } from './options';
import type { Verb } from './verb';

export const models: Verb = {
  name: 'models',
  usage: 'models [list]',
  summary: 'the models on this machine, the preferred one first',
  details: ['Columns: name, kind (mix: all tasks, ft: one task, pt: to be fine-tuned), picture side, size on disk, weights converted already, folder.'],
  options: ['json'],
  async run(context) {
    const { terminal, positionals, values } = context;
    const [action = 'list', ...more] = positionals;
    if (action !== 'list' || more.length > 0) throw new UsageError(`models knows "list" only, not "${positionals.join(' ')}".`);
    const { openSession } = await import('./session');
    const session = openSession(context, readRunOptions(values));
    const found = await session.catalog.list();
    const lines = values.json === true ? found.map(model => JSON.stringify(model)) : modelTable(found);
    for (const line of lines) await terminal.print(line);
    if (found.length === 0) terminal.note('No model is installed.');
    return 0;
  },
};

/** Aligned columns, with a line below each model that cannot be used. */
export function modelTable(found: readonly ModelInfo[]): readonly string[] {
  const rows = found.map(({ id, kind, resolutionPx, bytes, converted, path }) => [
    id, kind, resolutionPx === undefined ? '?' : `${resolutionPx} px`, bytes === undefined ? '?' : size(bytes), converted.length === 0 ? '-' : converted.join(','), path ?? '-',
  ]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.flatMap((row, index) => {
    const line = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
    const problem = found[index]?.problem;
    return problem === undefined ? [line] : [line, `  cannot be used: ${problem}`];
  });
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
