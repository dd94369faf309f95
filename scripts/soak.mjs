// `npm run soak`: 1,000 runs of the demo model in one host, then 200 hosts, through one language server; a line of
// figures for each sample and, at the end, whether anything grows. Linux; works on dist/ as it lies there. `--quick`:
// 60 runs and 9 hosts.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { bundle } = await import('./testing/nodeTests.mjs');
const [main] = await bundle(['test/soak/main.ts']);
const { status } = spawnSync(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
