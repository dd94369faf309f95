// `npm run bench`: bundles test/bench and runs it; see its --help.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { bundle } = await import('./testing/nodeTests.mjs');
const [main] = await bundle(['main', 'ours', 'peer', 'convert', 'machine'].map(name => `test/bench/${name}.ts`));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
