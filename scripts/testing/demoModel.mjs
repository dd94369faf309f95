// The demo model, converted once for the tests that only use it. Those that are about a conversion do their own.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from '../install.mjs';
import { run } from './children.mjs';

const cache = path.join(root, 'out/demo-cache');
const limitMs = 120_000;
/** Exact, and what is taken where nothing is said. */
const weights = ['f32', 'int4'];

/**
 * @returns {Promise<{ env: Record<string, string> }>} Empty where it does not convert: then the tests try it themselves,
 *   and say what is wrong.
 */
export async function prepare(print) {
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  for (const type of weights) {
    let output = '';
    const { code } = await run(process.execPath, [
      path.join(root, 'dist/cli.js'),
      'caption',
      path.join(root, 'media/samples/01.png'),
      '--model',
      'demo',
      '--weights',
      type,
      '--device',
      'cpu',
    ], {
      cwd: root,
      env: { ...process.env, PALIGEMMA_CACHE: cache },
      limitMs,
      onOutput: text => {
        output += text;
      },
    });
    if (code !== 0) {
      print(`the demo model does not convert to ${type}: ${output.trim()}`);
      return { env: {} };
    }
  }
  return { env: { PALIGEMMA_TEST_DEMO: path.join(cache, 'converted') } };
}
