import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  parseCommandLine,
  readLanguage,
  readRunOptions,
  UsageError,
} from '../../../../server/src/cli/terminal/options';

test('options may stand anywhere, with a space or an equals sign', () => {
  const { positionals, values } = parseCommandLine([
    '--json',
    'caption',
    'a.png',
    '--lang',
    'de',
    'b.png',
    '--weights=f32',
  ]);
  assert.deepEqual(positionals, ['caption', 'a.png', 'b.png']);
  assert.deepEqual({ ...values }, { json: true, lang: 'de', weights: 'f32' });
});

test('an empty prompt and what follows -- are arguments', () => {
  assert.deepEqual(parseCommandLine(['run', '', 'a.png']).positionals, ['run', '', 'a.png']);
  assert.deepEqual(parseCommandLine(['run', '--', '--help', '-x.png']).positionals, ['run', '--help', '-x.png']);
});

test('without options everything has its default', () => {
  assert.deepEqual(readRunOptions({}), {
    model: undefined,
    device: 'auto',
    gpuLayers: undefined,
    weights: 'int4',
    attention: 'full',
    adapterPath: undefined,
    maxNewTokens: undefined,
    tiles: undefined,
    json: false,
    overlayPath: undefined,
    show: undefined,
    useStore: true,
    usesTextLayer: true,
  });
});

test('folders become absolute, switches become claims', () => {
  assert.deepEqual(
    readRunOptions({
      adapter: 'lora',
      overlay: '/out',
      'no-cache': true,
      'no-text-layer': true,
      json: true,
      'max-new-tokens': '12',
      tiles: '3X2',
      device: 'webgpu',
      'gpu-layers': '0',
      weights: 'f32',
      attention: 'sliding',
      model: 'mix',
    }),
    {
      model: 'mix',
      device: 'webgpu',
      gpuLayers: 0,
      weights: 'f32',
      attention: 'sliding',
      adapterPath: path.resolve('lora'),
      maxNewTokens: 12,
      tiles: '3x2',
      json: true,
      overlayPath: path.resolve('/out'),
      show: undefined,
      useStore: false,
      usesTextLayer: false,
    },
  );
});

const wrong: readonly (readonly [name: string, work: () => unknown, says: RegExp])[] = [
  ['an unknown option', () => parseCommandLine(['caption', '--fast']), /--fast/],
  ['an option without its value', () => parseCommandLine(['caption', '--model']), /--model/],
  ['a switch with a value', () => parseCommandLine(['caption', '--json=yes']), /--json/],
  ['a device', () => readRunOptions({ device: 'tpu' }), /--device.*cpu.*tpu/],
  ['no parts', () => readRunOptions({ tiles: '0x5' }), /--tiles takes auto, off, .+ not "0x5"/],
  ['too many parts', () => readRunOptions({ tiles: '100x100' }), /10000 parts.+36 at most/],
  ['a weight type', () => readRunOptions({ weights: 'int3' }), /--weights/],
  ['an attention', () => readRunOptions({ attention: 'none' }), /--attention/],
  ...['0', '-1', '1.5', '1e3', '', 'many', '99999999999999999999'].map(value =>
    [`${value} tokens`, () => readRunOptions({ 'max-new-tokens': value }), /--max-new-tokens/] as const
  ),
  ['an empty folder', () => readRunOptions({ overlay: '' }), /--overlay/],
  ...['', 'e', 'en us', 'english', 'en;de', 'en\nde'].map(value =>
    [`the language ${JSON.stringify(value)}`, () => readLanguage({ lang: value }), /--lang/] as const
  ),
];
for (const [name, work, says] of wrong) {
  test(`refused: ${name}`, () =>
    assert.throws(
      work,
      (error: unknown) => error instanceof UsageError && says.test(error.message) && /\.$/.test(error.message),
    ));
}

test('--lang takes language codes, and is English by default', () => {
  for (const lang of ['en', 'zh', 'zh-CN', 'fil']) assert.equal(readLanguage({ lang }), lang);
  assert.equal(readLanguage({}), 'en');
});
