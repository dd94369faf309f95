// `npm run bench`: bundles test/bench and runs it; see its --help. `npm run bench -- language`: the prompt language on
// 5,000 prompts, alone and in the built server, and a data set of 100,000 lines in it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

// The runtime of both sides reports to its maker otherwise.
process.env.ORT_DISABLE_TELEMETRY = '1';
ensureInstalled();
const { bundle } = await import('./testing/nodeTests.mjs');
const words = process.argv.slice(2);
const isLanguage = words[0] === 'language';
const names = isLanguage
  ? ['language.bench', 'server.bench', 'dataSet.bench']
  : ['main', 'ours', 'peer', 'convert', 'machine'];
const bundles = await bundle(names.map(name => `test/bench/${name}.ts`));
// The threads of the engine are started by path.
if (!isLanguage) await bundle(['model-host/src/runtime/threads/main.ts']);
// The model's benchmark starts its other bundles itself.
for (const file of isLanguage ? bundles : bundles.slice(0, 1)) {
  const { status } = spawnSync(process.execPath, [
    '--enable-source-maps',
    file,
    ...(isLanguage ? words.slice(1) : words),
  ], { cwd: root, stdio: 'inherit' });
  process.exitCode = process.exitCode || (status ?? 1);
}
