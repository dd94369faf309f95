// `npm run test:tune`: the demo model learns a task that it does not know, by `paligemma tune` with a real Python, and the
// product answers with the adapter as transformers does.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const usage = `npm run test:tune [-- --python PATH] [--keep]
  Trains for about a minute. PATH (or PALIGEMMA_TUNE_PYTHON) is a Python with tuning/requirements.txt and fonttools installed.
  --keep   leaves lines, adapter and cache where they are`;

const words = process.argv.slice(2);
const named = words.includes('--python') ? words[words.indexOf('--python') + 1] : process.env.PALIGEMMA_TUNE_PYTHON;
if (words.includes('--help') || named === undefined || named === '') {
  console.error(words.includes('--help') ? usage : `npm run test:tune needs a Python.\n${usage}`);
  process.exit(words.includes('--help') ? 0 : 2);
}

ensureInstalled();
const { run } = await import('./testing/children.mjs');
const limitMs = 20 * 60_000;
/** Of the held-out answers. */
const LEAST_EXACT = 0.8;
const model = path.join(root, 'model-host/demo-model/paligemma2-demo-224');
const settings = {
  epochs: 4,
  batch: 8,
  accumulate: 1,
  learningRate: 0.004,
  dropout: 0,
  threads: 1,
  evaluateEvery: 1000,
  samples: 2,
};

const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-tune-'));
const at = name => path.join(folder, name);
try {
  await call(process.execPath, ['scripts/build.mjs']);
  await call(named, ['scripts/tune/draw_lines.py', folder]);
  writeFileSync(at('settings.json'), JSON.stringify(settings));
  const events = await paligemma([
    ...['tune', at('train.jsonl'), '--valid', at('valid.jsonl'), '--model', 'demo', '--out', at('crowded')],
    ...['--settings', at('settings.json'), '--python', named, '--json', '--weights', 'f32'],
  ]);
  const judged = events.filter(({ event, set }) => event === 'eval' && set === 'valid');
  const [before, after] = [judged[0], judged.at(-1)];
  const { seconds } = events.find(({ event }) => event === 'done');
  console.log(
    `held-out answers exact: ${before.exact} of ${before.lines} before, ${after.exact} of ${after.lines} after, ${seconds} s`,
  );
  assert.equal(before.exact, 0, 'the demo model knows the task already');
  assert.ok(after.exact / after.lines > LEAST_EXACT, 'the task was not learnt');

  const [untrained, trained] = events.filter(({ event, set }) => event === 'evaluated' && set === 'valid')
    .map(({ summary }) => summary.metrics.exact);
  console.log(`by the product's own evaluation: ${untrained} before, ${trained} after`);
  assert.deepEqual([untrained, trained], [before.exact / before.lines, after.exact / after.lines]);

  const lines = readFileSync(at('valid.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line));
  const pictures = lines.map(({ image }) => at(image));
  const answers = await paligemma([
    'run',
    lines[0].prefix,
    ...pictures,
    '--model',
    'crowded',
    '--weights',
    'f32',
    '--json',
  ]);
  await call(named, [
    'scripts/tune/reference_answers.py',
    ...[model, at('crowded'), at('valid.jsonl'), at('reference.json')],
  ]);
  const reference = JSON.parse(readFileSync(at('reference.json'), 'utf8'));
  assert.deepEqual(answers.map(({ suffix, tokenIds }) => ({ suffix, tokenIds })), reference);
  console.log(
    `${answers.length} of ${reference.length} answers with the adapter are those of transformers, token by token`,
  );
} finally {
  if (words.includes('--keep')) console.log(folder);
  else rmSync(folder, { recursive: true, force: true });
}

/** The objects that the built command line prints. */
async function paligemma(args) {
  const output = await call(process.execPath, ['dist/cli.js', ...args]);
  return output.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line));
}

async function call(program, args) {
  let output = '';
  const env = { ...process.env, PALIGEMMA_CACHE: at('cache'), PYTHONDONTWRITEBYTECODE: '1' };
  const { code } = await run(program, args, {
    cwd: root,
    limitMs,
    env,
    onOutput: text => {
      output += text;
    },
  });
  if (code === 0) return output;
  throw new Error(`${path.basename(program)} ${args[0]} ended with exit code ${code}:\n${output.slice(-4000)}`);
}
