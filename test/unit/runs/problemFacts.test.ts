import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../paligemma/src/failures';
import type { ModelInfo } from '../../../server/src/contract/protocol';
import { defaultSettings } from '../../../server/src/contract/settings';
import { describeModels, describeSettings, gatherProblemFacts } from '../../../server/src/runs/problemFacts';
import type { RunServices } from '../../../server/src/runs/runServices';

const models: readonly ModelInfo[] = [
  {
    id: 'google/paligemma2-3b-mix-448',
    kind: 'mix',
    isInstalled: true,
    path: '/home/ada/secret/mix',
    converted: ['int4'],
    origin: 'downloaded',
    size: '3b',
    resolutionPx: 448,
  },
  {
    id: '/home/ada/secret/tune',
    kind: 'ft',
    isInstalled: true,
    path: '/home/ada/secret/tune',
    converted: [],
    origin: 'added',
    problem: '/home/ada/secret/tune has no tokenizer.',
  },
  {
    id: 'paligemma2-demo-224',
    kind: 'demo',
    isInstalled: true,
    path: '/opt/demo',
    converted: [],
    origin: 'bundled',
    resolutionPx: 224,
  },
];

test('published models are named, the person’s own are not, and no path is told', () => {
  assert.deepEqual(describeModels(models).map(({ value }) => value), [
    'google/paligemma2-3b-mix-448, mix, downloaded, 3b, 448 px, converted to int4',
    "of one's own, ft, added, not converted, cannot be used",
    'paligemma2-demo-224, demo, bundled, 224 px, not converted',
  ]);
});

test('settings that differ from the default are told, but neither folders nor names of the person’s own', () => {
  assert.deepEqual(describeSettings(defaultSettings), []);
  const settings = {
    ...defaultSettings,
    model: '/home/ada/secret/tune',
    modelFolders: ['/home/ada/secret', '/data'],
    device: 'webgpu',
    maxNewTokens: 12,
    inlineCaptions: false,
    musicEngraver: '/opt/verovio',
  } as const;
  assert.deepEqual(describeSettings(settings).map(({ name, value }) => `${name} ${value}`), [
    'paligemma.model set',
    'paligemma.modelFolders 2 set',
    'paligemma.device "webgpu"',
    'paligemma.maxNewTokens 12',
    'paligemma.inlineCaptions false',
    'paligemma.musicEngraver set',
  ]);
  assert.deepEqual(
    describeSettings({ ...defaultSettings, model: 'google/paligemma2-3b-mix-448' }).map(({ value }) => value),
    ['"google/paligemma2-3b-mix-448"'],
  );
});

test('a runtime that does not load is part of the report, without the home folder', async () => {
  const sentence = `The module ${
    path.join(os.homedir(), 'x', 'onnxruntime_binding.node')
  } cannot be loaded. Install it again.`;
  const services = {
    catalog: { list: () => Promise.resolve(models) },
    host: { use: () => Promise.reject(new Failure('hostUnavailable', sentence)) },
  } as unknown as RunServices;
  const facts = await gatherProblemFacts(services, defaultSettings, path.resolve('.'), CancellationToken.None);
  const text = facts.map(({ name, value }) => `${name}: ${value}`).join('\n');
  assert.match(text, /^PaliGemma 2 for VS Code: \d+\.\d+\.\d+\nNode\.js: \d+/);
  assert.match(text, /Model host: hostUnavailable: The module ~.x.onnxruntime_binding\.node cannot be loaded/);
  assert.ok(!text.includes(os.homedir()) && !text.includes('ada'));
});
