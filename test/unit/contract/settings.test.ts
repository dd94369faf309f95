import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, parseSettings, type Settings } from '../../../server/src/contract/settings';

test('nothing, and anything that is no object, gives the defaults without a complaint', () => {
  for (const value of [undefined, null, {}, [], 'text', 7]) {
    assert.deepEqual(parseSettings(value), { settings: defaultSettings, problems: [] });
  }
});

test('the defaults are valid settings', () => {
  assert.deepEqual(parseSettings(defaultSettings), { settings: defaultSettings, problems: [] });
});

test('what is right is taken, key by key', () => {
  const settings: Settings = {
    model: 'mix',
    modelFolders: ['/a', '/b'],
    device: 'cpu',
    gpuLayers: 12,
    weights: 'f32',
    attention: 'sliding',
    maxNewTokens: 7,
    locDivisor: 1023,
    tiles: '3x2',
    keepLoadedMinutes: 0.5,
    language: 'de',
    inlineCaptions: false,
    altTextFindings: true,
    dataSetFindings: false,
    dataSetLenses: false,
    musicEngraver: '/opt/verovio',
    textLayer: false,
    'tuning.python': '/opt/venv/bin/python',
  };
  assert.deepEqual(parseSettings({ ...settings, unknown: true }), { settings, problems: [] });
});

const wrong: { readonly [K in keyof Settings]: readonly unknown[] } = {
  model: [5, ['a'], {}],
  modelFolders: ['/a', [5], {}],
  device: ['tpu', 5, ''],
  gpuLayers: [-2, 1.5, '3'],
  weights: ['int3', 'INT4'],
  attention: ['none', true],
  maxNewTokens: [-1, 1.5, '5', Number.NaN, Number.POSITIVE_INFINITY],
  locDivisor: [1000, '1024'],
  tiles: ['on', '0x5', '100x100', '1x1', 'Auto', 4, {}],
  keepLoadedMinutes: [-1, '10', Number.NaN],
  language: [5, ['en']],
  inlineCaptions: [1, 'true'],
  altTextFindings: [0, 'on'],
  dataSetFindings: [1, 'off'],
  dataSetLenses: [0, 'none'],
  musicEngraver: [5, ['/a']],
  textLayer: [1, 'off'],
  'tuning.python': [5, ['/a']],
};
for (const [key, values] of Object.entries(wrong)) {
  for (const value of values) {
    test(`paligemma.${key} = ${JSON.stringify(value)} falls back, is reported, and leaves the others alone`, () => {
      const good = key === 'language' ? { device: 'cpu' } : { language: 'fr' };
      const { settings, problems } = parseSettings({ ...good, [key]: value });
      assert.deepEqual(settings, { ...defaultSettings, ...good });
      assert.equal(problems.length, 1);
      assert.ok(problems[0]?.startsWith(`paligemma.${key} must be `), problems[0]);
    });
  }
}

test('a setting of a group is read from the group as well, which is how clients send it', () => {
  const { settings, problems } = parseSettings({ tuning: { python: '/a' } });
  assert.deepEqual([settings['tuning.python'], problems], ['/a', []]);
  assert.deepEqual(parseSettings({ tuning: 7 }), { settings: defaultSettings, problems: [] });
  assert.equal(parseSettings({ tuning: { python: 7 } }).problems.length, 1);
});

test('null means not set, as editors send it', () => {
  assert.deepEqual(parseSettings(Object.fromEntries(Object.keys(defaultSettings).map(key => [key, null]))), {
    settings: defaultSettings,
    problems: [],
  });
});
