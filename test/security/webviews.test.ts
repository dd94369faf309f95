// Lines 3 to 5: what the pages may do, and what may get into them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { reportPage } from '../../server/src/evaluation/report/reportPage';

const read = (file: string) => readFileSync(path.resolve(file), 'utf8');
const filesOf = (folder: string) =>
  readdirSync(path.resolve(folder), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(
    name => path.join(folder, name),
  );
/** Shows the report of an evaluation, which is a file too and brings its own policy. */
const reportView = path.join('client', 'src', 'evaluation', 'evaluationPage.ts');
const makers = filesOf('client/src').filter(file => /\.webview\.html\s*=|<!DOCTYPE html>/.test(read(file)));

test('every page has a policy that begins with nothing and allows scripts by nonce only', () => {
  const policies = makers.flatMap(file =>
    [...read(file).matchAll(/const policy = `([^`]*)`/g)].map(match => match[1] ?? '')
  );
  const pages = makers.filter(file => read(file).includes('<!DOCTYPE html>'));
  assert.deepEqual(pages.map(page => page.replaceAll('\\', '/')), ['client/src/common/pageHtml.ts'], 'the one shell');
  assert.equal(policies.length, pages.length);
  const shown = makers.filter(file => file !== reportView).flatMap(
    file => [...read(file).matchAll(/\.webview\.html\s*=\s*(\w+)/g)],
  );
  assert.ok(shown.length >= 3);
  for (const [, maker] of shown) assert.equal(maker, 'pageHtml');
  for (const policy of policies) {
    assert.match(policy, /^default-src 'none'; /);
    assert.match(policy, /script-src 'nonce-\$\{nonce\}'$/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|blob:|connect-src|frame-src/);
    assert.equal(policy.split(';').filter(part => /script-src|default-src/.test(part)).length, 2);
  }
  for (const page of pages) {
    assert.match(read(page), /const nonce = randomBytes\(16\)/);
    // The nonce is on the one script, and the policy is in the page.
    assert.match(read(page), /<meta http-equiv="Content-Security-Policy" content="\$\{policy\}">/);
    assert.equal([...read(page).matchAll(/<script/g)].length, 1);
    assert.doesNotMatch(read(page), /\son\w+=|style="|javascript:/);
  }
});

test('the report of an evaluation loads nothing and runs its one script by its hash', () => {
  const page = reportPage({
    name: 'a',
    summary: { model: 'm', adapter: null, weights: null, lines: 0, left: 0, metrics: {}, tasks: [] },
    lines: [],
    language: 'en',
  });
  const [, policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page) ?? [];
  const [, script = '', ...others] = page.split(/<script>|<\/script>/).filter((_, index) => index < 3);
  assert.ok(script !== '' && others.length === 1);
  const hash = createHash('sha256').update(script).digest('base64');
  const directives = policy.replaceAll('&#39;', "'").split('; ');
  assert.deepEqual(directives.filter(directive => !directive.startsWith('style-src')), [
    "default-src 'none'",
    'img-src data:',
    `script-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.match(directives.find(directive => directive.startsWith('style-src')) ?? '', /^style-src 'sha256-[^']+'$/);
  assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  assert.match(read(reportView), /localResourceRoots: \[\]/);
});

test('pages load files from named folders only', () => {
  for (const file of filesOf('client/src').filter(each => /enableScripts: true/.test(read(each)))) {
    assert.match(read(file), /enableScripts: true,\s*(?:enableFindWidget: true,\s*)?localResourceRoots: \[/, file);
  }
});

test('the extension takes messages of pages through their readers only', () => {
  const listeners = filesOf('client/src').filter(file => /onDidReceiveMessage\(/.test(read(file)));
  assert.ok(listeners.length >= 2);
  for (const file of listeners) {
    assert.match(
      read(file),
      /onDidReceiveMessage\(\(sent: unknown\) => \{\s+const message = readFrom\w+\(sent\);\s+if \(message === undefined\) return;/,
      file,
    );
  }
});

test('nothing enters a page as markup or code', () => {
  for (const file of filesOf('media')) {
    assert.doesNotMatch(
      read(file),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|srcdoc/,
      file,
    );
  }
});
