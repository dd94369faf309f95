import path from 'node:path';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { gatherProblemFacts } from '../runs/problemFacts';
import { defaultSettings } from '../contract/settings';
import { readRunOptions } from './terminal/options';
import { openSession } from './terminal/session';
import type { Verb } from './terminal/verb';

export const report: Verb = {
  name: 'report',
  usage: 'report [--json]',
  summary: 'versions, machine and models for a problem report',
  details: ['', 'Paths, secrets and names of your own are left out, and nothing is sent.'],
  options: ['json'],
  async run(context) {
    const { terminal, values, distPath } = context;
    const session = openSession(context, readRunOptions({}));
    try {
      const facts = await gatherProblemFacts(session, defaultSettings, path.dirname(distPath), CancellationToken.None);
      if (values.json === true) await terminal.print(JSON.stringify(facts));
      else for (const { name, value } of facts) await terminal.print(`${name}: ${value}`);
      return 0;
    } finally {
      await session.close();
    }
  },
};
