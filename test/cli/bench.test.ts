// `paligemma bench` on the demo model: the numbers are real, and mistakes are named.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { filesBelow, linesOf, objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { samplePath } from '../support/samples';

const cache = temporaryFolder();
withDemoModel(cache.path);
after(() => cache.remove());

const demo = ['--model', 'demo', '--device', 'cpu'];
const spreads = ['imageMs', 'visionMs', 'prefillMs', 'firstTokenMs', 'msPerToken', 'totalMs'];

test('bench --json prints one object with every measure, and each run computes the picture anew', async () => {
  const result = await runCommand([
    'bench',
    samplePath('02.png'),
    '--prompt',
    'detect ring',
    '--runs',
    '3',
    '--json',
    ...demo,
  ], { cache: cache.path });
  assert.equal(result.code, 0, result.stderr);
  const [report, ...more] = objectsOf(result);
  assert.ok(report !== undefined && more.length === 0, result.stdout);
  const { machine, ...rest } = report;
  assert.deepEqual(
    Object.keys(rest).sort(),
    [
      'device',
      'heightPx',
      'image',
      'loadMs',
      'model',
      'peakRssBytes',
      'prompt',
      'runs',
      'stopReason',
      'tokens',
      'weights',
      'widthPx',
      ...spreads,
    ].sort(),
  );
  assert.deepEqual(
    [
      report['model'],
      report['weights'],
      report['device'],
      report['image'],
      report['prompt'],
      report['runs'],
      report['stopReason'],
      report['tokens'],
    ],
    ['paligemma2-demo-224', 'int4', 'cpu', samplePath('02.png'), 'detect ring', 3, 'eos', 5],
  );
  for (const name of spreads) {
    const { min, median, max } = report[name] as {
      readonly min: number;
      readonly median: number;
      readonly max: number;
    };
    assert.ok(0 < min && min <= median && median <= max, `${name}: ${min} ${median} ${max}`);
  }
  assert.ok((report['loadMs'] as number) > 0, 'the model was loaded for it');
  // The runtime and the demo model alone take more than 50 MB.
  assert.ok((report['peakRssBytes'] as number) > 50e6, String(report['peakRssBytes']));
  assert.equal((machine as { readonly platform: string }).platform, process.platform);
  assert.deepEqual(filesBelow(cache.at('results')), [], 'no result is kept');
});

test('without a picture the bundled sample is taken, and a person gets a table', async () => {
  const result = await runCommand(['bench', '--runs', '1', ...demo], { cache: cache.path, cwd: cache.path });
  assert.equal(result.code, 0, result.stderr);
  const lines = linesOf(result);
  assert.match(lines[0] ?? '', /^model +paligemma2-demo-224, int4, on cpu$/);
  for (const name of ['load', 'vision', 'first token', 'each token', 'peak memory']) {
    assert.ok(lines.some(line => line.startsWith(name)), `${name} in\n${result.stdout}`);
  }
});

test('a picture that is missing, and words that mean nothing, end with their codes', async () => {
  const missing = await runCommand(['bench', cache.at('none.png'), '--json', ...demo], { cache: cache.path });
  assert.equal(missing.code, 1);
  assert.equal((objectsOf(missing)[0]?.['error'] as { readonly code: number }).code, 1001);
  for (const words of [['a.png', 'b.png'], ['--runs', '0'], ['--runs', '1001'], ['--overlay', 'x']]) {
    const result = await runCommand(['bench', ...words], { cache: cache.path });
    assert.deepEqual([result.code, result.stdout], [2, ''], words.join(' '));
  }
});
