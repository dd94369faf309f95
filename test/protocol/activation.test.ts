// What the extension loads when a window opens: it is activated with the first document of any language, so it must be
// little.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

/**
 * Loads the built extension with a stand-in for the editor's module, and tells the modules that it asked for and the
 * milliseconds that took.
 */
const script = `
const Module = require('node:module');
const load = Module._load;
const asked = new Set();
const editor = new Proxy(function () {}, { get: (target, key) => key === 'prototype' ? target.prototype : editor, apply: () => editor, construct: () => ({}) });
Module._load = function (name, ...others) {
  asked.add(name);
  return name === 'vscode' ? editor : load.call(this, name, ...others);
};
const started = performance.now();
require(process.argv[1]);
process.stdout.write(JSON.stringify({ asked: [...asked].slice(1), ms: performance.now() - started }));`;

test('nothing of the language client, nothing native and nothing that is needed for exports only is loaded at activation', () => {
  const { asked, ms } = JSON.parse(
    execFileSync(process.execPath, ['-e', script, path.resolve('dist/extension.js')], { encoding: 'utf8' }),
  ) as { asked: string[]; ms: number };
  console.log(`# the extension's code is loaded in ${ms.toFixed(0)} ms`);
  const names = asked.map(name => name.replace(/^node:/, ''));
  assert.ok(names.includes('vscode'), names.join());
  // The first two come with the language client, the third with the export of masks.
  for (const late of ['child_process', 'net', 'zlib', 'onnxruntime-node', 'sharp']) {
    assert.ok(!names.includes(late), `${late} is loaded`);
  }
});
