import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardText } from '../../../../client/src/models/cardText';
import { downloadFacts } from '../../../../client/src/models/downloadTexts';
import { groupModels, isRemovable } from '../../../../client/src/models/modelGroups';
import { modelItem } from '../../../../client/src/models/modelItems';
import { sizeText } from '../../../../client/src/models/sizeText';
import type { ModelInfo } from '../../../../server/src/contract/protocol';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const memoryBytes = { int4: 3e9, int8: 5e9, f16: 9e9, f32: 17e9 };
const licence = { name: 'Gemma Terms of Use', url: 'https://ai.google.dev/gemma/terms' };
const mix: ModelInfo = {
  id: 'g/mix',
  kind: 'mix',
  isInstalled: true,
  resolutionPx: 448,
  bytes: 6.07e9,
  converted: ['int4'],
  memoryBytes,
  fits: ['int4', 'int8'],
  licence,
};
const demo: ModelInfo = {
  id: 'paligemma2-demo-224',
  kind: 'demo',
  isInstalled: true,
  converted: [],
  bytes: 8.9e6,
  origin: 'bundled',
};
const remote: ModelInfo = {
  id: 'http://gpu:8000/v1#google/mix',
  kind: 'mix',
  isInstalled: true,
  resolutionPx: 448,
  converted: [],
  origin: 'server',
  server: { urls: ['http://gpu:8000/v1'], mask: 'causal' },
};
const item = (model: ModelInfo, weights: 'int4' | 'f16' | 'f32' = 'int4', chosen = '') =>
  modelItem(model, { chosen, weights }, t);

test('an installed model: resolution, disk, kind in plain words, memory and whether it fits, licence', () => {
  assert.deepEqual(item(mix, 'int4', 'g/mix'), {
    label: '$(check) g/mix',
    description: '448 px · 6.1 GB on disk',
    detail: 'Fits this machine: needs 3.0 GB of memory as int4 · All tasks · Gemma Terms of Use',
  });
  assert.deepEqual(item(demo), {
    label: 'paligemma2-demo-224',
    description: '8.9 MB on disk',
    detail: 'Demo: drawn shapes and printed words only · prepared on its first use',
  });
  assert.match(item({ ...mix, kind: 'pt' }).detail, / · To be fine-tuned · /);
  assert.match(item({ ...mix, kind: 'ft' }).detail, / · Fine-tuned for one task · /);
});

test('a model of a size that is not known tells what its weights take', () => {
  const { memoryBytes: _bytes, fits: _fits, ...own } = mix;
  assert.equal(item({ ...own, kind: 'unknown' }).detail, 'Needs 1.7 GB of memory or more · Gemma Terms of Use');
  assert.equal(
    item({ ...own, bytes: 5e8 }, 'f32').detail,
    'Needs 1.0 GB of memory or more · All tasks · Gemma Terms of Use',
  );
});

test('a model that does not fit says so first, and how it would', () => {
  assert.deepEqual([item(mix, 'f32').label, item(mix, 'f32').detail.split(' · ')[0]], [
    '$(warning) g/mix',
    'Too large for this machine as f32, which needs 17.0 GB of memory; as int4 it fits with 3.0 GB (setting “paligemma.weights”)',
  ]);
  assert.equal(
    item({ ...mix, fits: [] }).detail.split(' · ')[0],
    'Too large for this machine: needs 3.0 GB of memory as int4',
  );
});

test('a problem is shown in the place of everything else', () => {
  assert.deepEqual(item({ ...mix, problem: 'No config.json.' }, 'int4', 'g/mix'), {
    label: '$(warning) g/mix',
    description: '448 px · 6.1 GB on disk',
    detail: 'No config.json.',
  });
});

test('a model to download tells its bytes, and what of it is here', () => {
  const { bytes: _, ...published } = {
    ...mix,
    isInstalled: false,
    converted: [],
    downloadBytes: 6.1e9,
    partialBytes: 1.5e9,
  };
  assert.equal(item(published).description, '448 px · 6.1 GB to download · 1.5 GB of it is here already');
  assert.doesNotMatch(item(published).detail, /prepared/);
});

test('a model of a server shows where pictures go, and how its answers compare', () => {
  assert.deepEqual(item(remote), {
    label: '$(cloud) google/mix',
    description: 'gpu:8000 · 448 px',
    detail:
      'Pictures are sent to gpu:8000 · All tasks · It reads prompts differently from the way the model was trained: answers differ from those on this machine and are often worse',
  });
  assert.equal(
    item({ ...remote, server: { urls: ['http://gpu:8000/v1', 'http://b:1/v1'], mask: 'prefix' } }, 'int4', remote.id)
      .detail,
    'Pictures are sent to gpu:8000, b:1 · All tasks',
  );
});

test('groups: on this machine, on servers, to be downloaded; a listed model gets what is published of it', () => {
  const { licence: _, ...listed } = mix;
  const other: ModelInfo = { ...mix, id: 'g/other', isInstalled: false };
  const groups = groupModels([listed, demo, remote], [{ ...mix, downloadBytes: 6.1e9 }, other]);
  assert.deepEqual([
    groups.local.map(({ id }) => id),
    groups.servers.map(({ id }) => id),
    groups.downloadable.map(({ id }) => id),
  ], [['g/mix', demo.id], [remote.id], ['g/other']]);
  assert.deepEqual(groups.local[0]?.licence, licence);
});

test('what can be removed: own files, entries, conversions and the rest of a download; never the bundled model itself', () => {
  assert.deepEqual(
    [{ ...mix, origin: 'downloaded' as const }, { ...mix, converted: [], origin: 'folder' as const }, remote, demo, {
      ...mix,
      isInstalled: false,
    }, { ...mix, isInstalled: false, partialBytes: 1 }].map(isRemovable),
    [true, false, true, false, false, true],
  );
});

test('before a download: bytes, disk, memory, kind, licence, one a line', () => {
  const facts = downloadFacts({ ...mix, downloadBytes: 6.1e9, freeBytes: 69e9 }, 'int4', t).split('\n');
  assert.deepEqual(facts, [
    '• 6.1 GB to download',
    '• about 1.7 GB more on disk for the prepared model (int4)',
    '• 69.0 GB free on the disk',
    '• Fits this machine: needs 3.0 GB of memory as int4',
    '• All tasks',
    '• Licence: Gemma Terms of Use (https://ai.google.dev/gemma/terms); accept it on the model’s page at Hugging Face first',
  ]);
  assert.match(
    downloadFacts({ ...mix, downloadBytes: 6.1e9, partialBytes: 2e9 }, 'int4', t),
    /6\.1 GB to download, of which 2\.0 GB is here already/,
  );
  assert.match(downloadFacts({ ...mix, fits: [] }, 'int4', t), /Too large for this machine/);
});

test('a written card says what the model can and cannot do, by its kind', () => {
  const card = cardText({ ...mix, id: 'google/paligemma2-3b-mix-448', size: '3b' }, 'int4', t);
  for (
    const part of [
      '# google/paligemma2-3b-mix-448',
      '3 billion parameters',
      '448 × 448 pixels, 1024 image tokens',
      '## What it can do',
      '`detect cup ; plate`',
      '## What it cannot do',
      '(https://huggingface.co/google/paligemma2-3b-mix-448)',
      '[Gemma Terms of Use](https://ai.google.dev/gemma/terms)',
    ]
  ) assert.ok(card.includes(part), part);
  assert.doesNotMatch(card, /\| Weights \|/);
  const form = 'MLX, 4 bits in groups of 64; widened to float32 on reading';
  assert.ok(cardText({ ...mix, form }, 'int4', t).includes(`| Weights | ${form} |`));
  assert.match(cardText({ ...mix, kind: 'pt' }, 'int4', t), /good at none of them before it is fine-tuned/);
  assert.doesNotMatch(cardText({ ...mix, kind: 'ft' }, 'int4', t), /detect cup/);
  assert.match(cardText(remote, 'int4', t), /gpu:8000: pictures are sent there/);
  assert.match(cardText({ ...mix, id: '<b>', problem: 'a*b' }, 'int4', t), /# \\<b\\>\n\n\*\*a\\\*b\*\*/);
});

test('bytes are told in powers of 1000', () => {
  assert.deepEqual([0, 9_900_000, 12_400_000, 1e9].map(bytes => sizeText(bytes, t)), [
    '0.0 MB',
    '9.9 MB',
    '12 MB',
    '1.0 GB',
  ]);
  const german = (message: string, ...args: (string | number)[]) =>
    t(message === '{0}.{1}' ? '{0},{1}' : message, ...args);
  assert.deepEqual([9_900_000, 1.54e9].map(bytes => sizeText(bytes, german)), ['9,9 MB', '1,5 GB']);
});

test('an adapter names its base in the list and on its card, as the hub calls it', () => {
  const adapter = { ...mix, id: 'street-signs', adapter: '/made/street-signs' };
  const settings = { chosen: '', weights: 'int4' } as const;
  const own = { ...adapter, path: 'C:\\models\\my-base' };
  assert.match(modelItem(own, settings, t).description, /^adapter for my-base · /);
  const hub = { ...adapter, path: '/hub/models--google--paligemma2-3b-pt-224/snapshots/0a1b' };
  assert.match(modelItem(hub, settings, t).description, /^adapter for google\/paligemma2-3b-pt-224 · /);
  assert.match(
    cardText(own, 'int4', t),
    /\| Adapter for \| my-base \|\n\| Folder of the adapter \| \/made\/street-signs \|/,
  );
  assert.doesNotMatch(cardText({ ...mix, path: '/models/mix' }, 'int4', t), /adapter/i);
});
