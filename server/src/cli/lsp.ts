import { UsageError } from './options';
import type { Verb } from './verb';

export const lsp: Verb = {
  name: 'lsp',
  usage: 'lsp --stdio',
  summary: 'the language server, for any editor that speaks LSP',
  options: ['stdio'],
  async run({ distPath, values }) {
    if (values.stdio !== true) throw new UsageError('The language server talks over --stdio.');
    const [{ createConnection, ProposedFeatures }, { startServer }, { bundlePaths }] = await Promise.all([
      import('vscode-languageserver/node'),
      import('../lsp/server'),
      import('../runs/runServices'),
    ]);
    // Finds --stdio among the arguments of this process, and keeps console output off the channel.
    startServer(createConnection(ProposedFeatures.all), bundlePaths(distPath, process.env));
    // The connection ends the process.
    return new Promise(() => undefined);
  },
};
