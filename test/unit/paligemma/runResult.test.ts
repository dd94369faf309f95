import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultJson } from '../../../paligemma/src/answers/json';
import { isRegion, isRunResult, withoutMasks, type RunResult } from '../../../paligemma/src/runResult';
import { runResult } from '../../support/results';

const t = (message: string) => message;

const mask = { width: 40, height: 30, png: 'AAAA' };
const region = { label: 'cup', box: { x1: 0, y1: 1.5, x2: 2, y2: 3 }, confidence: 0.4, mask };
const whole: Required<RunResult> = {
  ...runResult({ regions: [region] }),
  source: 'text layer',
  server: 'http://b:8000/v1',
  tiles: [{ x1: 0, y1: 0, x2: 20, y2: 30, suffix: '' }],
  advisedTiles: 4,
};
const optional: readonly string[] = [
  'server',
  'source',
  'tiles',
  'advisedTiles',
] satisfies readonly (keyof RunResult)[];

test('a result is read as it was written', () => {
  assert.ok(isRunResult(JSON.parse(JSON.stringify(whole))));
  assert.ok(isRunResult(JSON.parse(JSON.stringify(runResult()))), 'some fields are optional');
  assert.ok(isRunResult({ ...whole, fieldOfTheNextVersion: 1 }));
});

test('nothing is taken for a result that lacks a field or has one of another kind', () => {
  for (const value of [undefined, null, 3, 'x', [], {}]) assert.ok(!isRunResult(value));
  for (const name of Object.keys(whole)) {
    const { [name as keyof RunResult]: _, ...rest } = whole;
    assert.equal(isRunResult(rest), optional.includes(name), `without ${name}`);
    assert.ok(!isRunResult({ ...whole, [name]: { wrong: true } }), `${name} of another kind`);
    assert.ok(!isRunResult({ ...whole, [name]: null }), `${name} null`);
  }
  assert.ok(!isRunResult({ ...whole, image: { ...whole.image, widthPx: 0.5 } }));
  assert.ok(!isRunResult({ ...whole, timings: { ...whole.timings, decodeMs: -1 } }));
  assert.ok(!isRunResult({ ...whole, device: 'toaster' }));
});

test('a region has a label, a whole box of numbers, and a whole mask or none', () => {
  assert.ok(isRegion(region));
  const broken: unknown[] = [
    {},
    { ...region, label: 1 },
    { ...region, box: {} },
    { ...region, box: { ...region.box, x2: null } },
    { ...region, box: { ...region.box, x2: Infinity } },
    { ...region, confidence: 1.01 },
    { ...region, confidence: -0.1 },
    { ...region, confidence: '0.4' },
    { ...region, mask: { png: 'AAAA' } },
    { ...region, mask: { ...mask, png: 7 } },
  ];
  for (const value of broken) assert.ok(!isRegion(value), JSON.stringify(value));
});

test('without its masks a result keeps everything else', () => {
  assert.deepEqual(withoutMasks(whole), {
    ...whole,
    regions: [{ label: region.label, box: region.box, confidence: 0.4 }],
  });
});

test('the JSON of an answer names the server that answered, and every field that a result has', () => {
  const {
    image,
    model,
    device,
    prompt,
    suffix,
    tokenIds,
    stopReason,
    regions,
    timings,
    server,
    source,
    tiles,
    advisedTiles,
  } = whole;
  const { widthPx, heightPx } = image;
  assert.deepEqual(
    resultJson('a.png', whole, t),
    {
      image: 'a.png',
      widthPx,
      heightPx,
      model,
      device,
      prompt,
      suffix,
      tokenIds,
      stopReason,
      regions,
      timings,
      server,
      source,
      answer: { kind: 'text' },
      tiles,
      advisedTiles,
    },
  );
  assert.deepEqual(resultJson('a.png', { ...whole, adapter: 'lora' } as RunResult, t)['adapter'], 'lora');
  assert.ok(!('server' in resultJson('a.png', runResult(), t)));
});
