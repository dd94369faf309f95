import type { ModelInfo } from '../../contract/protocol';
import { modelTable, publishedTable } from './modelTables';
import { ownCatalog } from './ownCatalog';
import type { ExitCode, VerbContext } from '../terminal/verb';

/** Installed models; with `--all` the published ones behind them, each model once in `--json`. */
export async function listModels(context: VerbContext): Promise<ExitCode> {
  const { terminal, values } = context;
  const catalog = ownCatalog(context);
  const installed = await catalog.list();
  const published = values.all === true ? await catalog.listPublished() : [];
  for (
    const line of values.json === true
      ? merged(installed, published).map(model => JSON.stringify(model))
      : modelTable(installed)
  ) await terminal.print(line);
  if (values.json === true) return 0;
  if (published.length > 0) await terminal.print('');
  for (const line of publishedTable(published)) await terminal.print(line);
  if (installed.length === 0) terminal.note('No model is installed.');
  return 0;
}

function merged(installed: readonly ModelInfo[], published: readonly ModelInfo[]): readonly ModelInfo[] {
  return [
    ...installed.map(model =>
      published.find(({ path }) => path !== undefined && path === model.path && model.adapter === undefined) ?? model
    ),
    ...published.filter(({ isInstalled }) => !isInstalled),
  ];
}
