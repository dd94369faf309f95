// Line 25: what is written beside its place, or for a moment, cannot be foreseen by anybody else.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const sources = ['batch/src', 'system/src', 'client/src', 'server/src', 'model-host/src', 'net/src'].flatMap(folder =>
  readdirSync(path.resolve(folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(
    name => ({
      file: `${folder}/${name.replaceAll('\\', '/')}`,
      text: readFileSync(path.resolve(folder, name), 'utf8'),
    }),
  )
);

test('the folder of all users for temporary files is used by folders of one’s own only', () => {
  const users = sources.filter(({ text }) => text.includes('tmpdir('));
  assert.ok(users.length >= 2);
  for (const { file, text } of users) {
    const uses = text.split('\n').filter(line => line.includes('tmpdir('));
    const made = uses.filter(line => /await mkdtemp\(path\.join\(os\.tmpdir\(\), 'paligemma-'\)\)/.test(line));
    assert.ok(made.length > 0, file);
    // Beside that its name may be told in a sentence.
    for (const line of uses.filter(each => !made.includes(each))) assert.match(line, /l10n\.t\(/, file);
  }
  assert.deepEqual(sources.filter(({ text }) => /['"`]\/(?:var\/)?tmp\b/.test(text)).map(({ file }) => file), []);
});

test('a file that is renamed into its place has a name of chance, and is made by who writes it', () => {
  const writers = sources.filter(({ text }) =>
    /\.tmp`|\.partial-\$\{/.test(text) && /\brename\(/.test(text) && /\bwriteFile\(/.test(text)
  ).filter(({ file }) => file !== 'model-host/src/convert/convert.ts');
  assert.ok(writers.length >= 3);
  for (const { file, text } of writers) {
    assert.match(text, /randomBytes\(\d\)\.toString\('hex'\)/, file);
    assert.match(text, /flag: 'wx'/, file);
  }
  // A conversion grows in a folder of its own, which has to be made anew.
  assert.match(
    readFileSync(path.resolve('model-host/src/convert/convert.ts'), 'utf8'),
    /await makeNewFolder\(folder\);/,
  );
});

test('no process listens where others could connect', () => {
  assert.deepEqual(
    sources.filter(({ text }) => /createServer\(|\.sock\b|\\\\\.\\\\pipe/.test(text)).map(({ file }) => file),
    [],
  );
});
