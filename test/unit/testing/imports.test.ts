// The scripts are there for every checkout, the tests for who changes it: the second may use the first, never the other
// way round.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

test('no script imports anything of test/', () => {
  const scripts = readdirSync('scripts', { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.(mjs|cjs|ts)$/.test(name)
  );
  assert.ok(scripts.length > 20);
  const imported = scripts.flatMap(name => {
    const file = path.join('scripts', name);
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)].map(match => ({
      name,
      target: path.relative('.', path.resolve(path.dirname(file), match[1] ?? '')).replaceAll(path.sep, '/'),
    }));
  });
  assert.ok(imported.some(({ target }) => target === 'scripts/install.mjs'));
  assert.deepEqual(imported.filter(({ target }) => target.startsWith('test/')), []);
});
