import { UsageError } from './terminal/options';
import type { Verb } from './terminal/verb';

export const lsp: Verb = {
  name: 'lsp',
  usage: 'lsp --stdio',
  summary: 'the language server, for any editor that speaks LSP',
  options: ['stdio'],
  async run({ distPath, values }) {
    if (values.stdio !== true) throw new UsageError('The language server talks over --stdio.');
    const [{ clientConnection }, { startServer }, { bundlePaths }] = await Promise.all([
      import('../lsp/connection/transport'),
      import('../lsp/server'),
      import('../runs/runServices'),
    ]);
    startServer(clientConnection(['--stdio']), bundlePaths(distPath, process.env));
    // The connection ends the process.
    return new Promise(() => undefined);
  },
};
