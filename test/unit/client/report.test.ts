import type { RunOutcome, RunResult } from '../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelNote } from '../../../client/src/runs/demoModel';
import { markdownReport } from '../../../client/src/runs/report';
import { statusWords } from '../../../client/src/statusText';
import type { ModelInfo } from '../../../server/src/contract/protocol';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const outcome = (text: string, more: Partial<RunResult> = {}): RunOutcome => ({
  imageUri: 'file:///x',
  result: {
    image: { path: '/x', widthPx: 1, heightPx: 1, sha256: '' },
    model: 'm',
    device: 'cpu',
    prompt: 'caption en',
    suffix: text,
    tokenIds: [],
    tokenProbabilities: [],
    stopReason: 'eos',
    regions: [],
    text,
    timings: { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 0 },
    fromStore: false,
    ...more,
  },
});

test('a list has a section for each picture, and failures say why', () => {
  const failed: RunOutcome = {
    imageUri: 'file:///y',
    error: { code: 1004, kind: 'user', reason: 'imageEmpty', message: 'b.png is empty.' },
  };
  const report = markdownReport(
    'caption en',
    [{ path: 'a.png', outcome: outcome('a cat') }, { path: 'b.png', outcome: failed }],
    undefined,
    t,
  );
  assert.equal(
    report,
    '# Answers of PaliGemma 2\n\nPrompt: `caption en`  \nModel: `m`\n\n## `a.png`\n\na cat\n\n## `b.png`\n\nNo answer: b.png is empty.\n',
  );
});

test('the note on the demo model stands above the answers', () => {
  assert.match(
    markdownReport('ocr', [{ path: 'a.png', outcome: outcome('HI') }], 'A note.', t),
    /\n\nA note\.\n\n## `a\.png`/,
  );
});

test('regions are listed with their boxes in pixels', () => {
  const regions = [{ label: 'cup', box: { x1: 1.4, y1: 2.6, x2: 30, y2: 40 } }, {
    label: '<b>',
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
  }];
  assert.match(
    markdownReport('detect cup', [{ path: 'a.png', outcome: outcome('', { regions }) }], undefined, t),
    /\n- cup: \(1, 3\) – \(30, 40\)\n- `<b>`: \(0, 0\) – \(1, 1\)\n/,
  );
});

test('what a model writes never turns into markup', () => {
  const answer = (text: string) =>
    markdownReport('ocr', [{ path: 'a.png', outcome: outcome(text) }], undefined, t).split('## `a.png`\n\n')[1];
  assert.equal(answer('# not a heading'), '```text\n# not a heading\n```\n');
  assert.equal(answer('<img src=x>'), '```text\n<img src=x>\n```\n');
  assert.equal(answer('```\ncode'), '````text\n```\ncode\n````\n');
  assert.equal(answer('line one\nline two'), '```text\nline one\nline two\n```\n');
  assert.equal(answer('a cat on a mat.'), 'a cat on a mat.\n');
  assert.equal(answer(''), '(empty answer)\n');
});

test('file names with backticks stay whole', () => {
  assert.match(markdownReport('', [{ path: '`a`.png', outcome: outcome('x') }], undefined, t), /## `` `a`\.png ``\n/);
});

const demo: ModelInfo = { id: 'paligemma2-demo-224', kind: 'demo', isInstalled: true, converted: [] };

test('answers of the demo model carry a note, others none', () => {
  assert.match(modelNote('paligemma2-demo-224', [demo], t) ?? '', /demo model/);
  assert.equal(modelNote('other', [demo, { ...demo, id: 'other', kind: 'mix' }], t), undefined);
});

test('the status item says state, model, device and time', () => {
  const words = statusWords({
    state: 'ready',
    model: 'm',
    device: 'webgpu',
    detail: 'Ready.',
    lastTimings: { loadMs: 900, imageMs: 0, visionMs: 100, prefillMs: 200, decodeMs: 300, tokens: 9 },
  }, t);
  assert.equal(words.title, 'PaliGemma 2: ready');
  assert.equal(words.detail, 'Ready.');
  assert.deepEqual(words.facts, [
    'Model: m',
    'Device: GPU (WebGPU)',
    'Last answer: 1.5 s, of which 0.9 s to load the model',
  ]);
  assert.equal(
    words.spoken,
    'PaliGemma 2: ready, Model: m, Device: GPU (WebGPU), Last answer: 1.5 s, of which 0.9 s to load the model, Ready.',
  );
  assert.equal(words.text, '$(eye) m');
  assert.equal(words.isFault, false);
  assert.equal(statusWords({ state: 'failed' }, t).isFault, true);
  assert.match(statusWords({ state: 'loading' }, t).text, /spin/);
});

test('the status item names the model as a person calls it, and counts the pictures of a run', () => {
  const text = (model: string | undefined, pictures?: { readonly done: number; readonly total: number }) =>
    statusWords({ state: 'ready', ...(model === undefined ? {} : { model }) }, t, pictures).text;
  assert.equal(text(undefined), '$(eye) PaliGemma 2');
  assert.equal(text('google/paligemma2-3b-mix-448'), '$(eye) PaliGemma 2 3b-mix-448');
  assert.equal(text('paligemma2-demo-224', { done: 3, total: 12 }), '$(eye) PaliGemma 2 demo-224 3 of 12');
  assert.equal(text('/models/mine'), '$(eye) mine');
  assert.equal(text('x'.repeat(50)), `$(eye) ${'x'.repeat(31)}…`);
});

test('while pictures leave the machine, the status item names the host with a cloud, in words too', () => {
  const words = statusWords({ state: 'ready', model: 'http://gpu:8000/v1#google/mix', sendsTo: 'gpu:8000' }, t);
  assert.equal(words.text, '$(cloud) gpu:8000');
  assert.equal(words.sign, 'Pictures are sent to gpu:8000');
  assert.deepEqual(words.facts, ['Model: google/mix']);
  assert.match(words.spoken, /Pictures are sent to gpu:8000/);
  assert.match(statusWords({ state: 'running', sendsTo: 'gpu' }, t).text, /spin.*\$\(cloud\) gpu/);
  assert.equal(statusWords({ state: 'ready' }, t).sign, undefined);
});
