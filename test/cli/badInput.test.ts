// Whatever is wrong with a picture, a model or the cache: one sentence, a stable code, exit code 1, nothing
// half-written.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import type { FailureReason } from '../../paligemma/src/failures';
import { badModels, makeBadModel } from '../support/badModels';
import { blackPng, emptyFile, textNamedPng, truncatedJpeg } from '../support/badPictures';
import { filesBelow, linesOf, objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import type { CommandResult } from '../support/commandLine';
import { recordedAnswer, samplePath } from '../support/samples';

const folder = temporaryFolder();
const cache = folder.at('cache');
const demo = ['--model', 'demo', '--device', 'cpu'];
after(() => folder.remove());

/** Checks the one object that `--json` prints for a failure. */
function assertFailure(result: CommandResult, image: string, reason: FailureReason): string {
  assert.equal(result.code, 1, `exit code ${result.code}, signal ${result.signal}\n${result.stdout}\n${result.stderr}`);
  const objects = objectsOf(result);
  assert.equal(objects.length, 1, result.stdout);
  assert.deepEqual(Object.keys(objects[0] ?? {}).sort(), ['error', 'image']);
  const { image: named, error } = objects[0] as {
    readonly image: string;
    readonly error: { readonly code: number; readonly kind: string; readonly message: string };
  };
  assert.equal(named, image);
  assert.deepEqual(Object.keys(error).sort(), ['code', 'kind', 'message']);
  assert.deepEqual({ code: error.code, kind: error.kind }, failureTable[reason], error.message);
  assertSentence(error.message);
  return error.message;
}

/** For a person: whole sentences, no stack, no class name. */
function assertSentence(message: string): void {
  assert.match(message, /[.?!]$/, message);
  assert.doesNotMatch(message, /\n\s+at |Failure|undefined|\[object/, message);
}

describe('pictures', () => {
  const pictures: readonly (readonly [name: string, reason: FailureReason, make: (file: string) => void])[] = [
    ['nothing.png', 'imageMissing', () => undefined],
    ['note.png', 'imageUnreadable', textNamedPng],
    ['half.jpg', 'imageUnreadable', truncatedJpeg],
    ['empty.png', 'imageEmpty', emptyFile],
    ['huge.png', 'imageTooLarge', file => blackPng(file, 30_000)],
    ['folder.png', 'imageUnsupported', file => mkdirSync(file)],
  ];
  before(() => {
    for (const [name, , make] of pictures) make(folder.at(name));
  });

  for (const [name, reason] of pictures) {
    test(`${name}: ${reason}`, async () => {
      const image = folder.at(name);
      const message = assertFailure(await runCommand(['caption', image, ...demo, '--json'], { cache }), image, reason);
      assert.ok(message.includes(name), `the sentence names the file: ${message}`);
    });
  }

  test('as text: the sentence on stderr, stdout empty', async () => {
    const result = await runCommand(['caption', folder.at('empty.png'), ...demo], { cache });
    assert.equal(result.code, 1);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /empty\.png/);
    assert.doesNotMatch(result.stderr, /\n\s+at /, 'no stack');
  });

  test('the failure of a picture names its own file, though another holds the same bytes', async () => {
    const images = ['one.png', 'two.png', 'three.png'].map(name => folder.at(name));
    for (const image of images) writeFileSync(image, 'no picture');
    const objects = objectsOf(await runCommand(['caption', ...images, ...demo, '--json'], { cache }));
    for (const [index, image] of images.entries()) {
      const { image: named, error } = objects[index] as { readonly image: string; readonly error: Error };
      assert.equal(named, image);
      assert.ok(error.message.includes(`“${image}”`), error.message);
    }
  });

  test('a picture that fails does not stop the others', async () => {
    const images = [samplePath('01.png'), folder.at('note.png'), samplePath('02.png')];
    const result = await runCommand(['run', 'cap en', ...images, ...demo, '--weights', 'f32', '--json'], { cache });
    assert.equal(result.code, 1);
    const objects = objectsOf(result);
    assert.deepEqual(objects.map(object => object['image']), images);
    assert.deepEqual(objects.map(object => object['suffix']), [
      recordedAnswer('01.png', 'cap en'),
      undefined,
      recordedAnswer('02.png', 'cap en'),
    ]);
    assert.equal((objects[1]?.['error'] as { readonly code: number }).code, failureTable.imageUnreadable.code);
  });
});

describe('models', () => {
  for (const model of badModels) {
    test(`${model.name}: ${model.reason}`, async () => {
      const broken = folder.at(`model ${model.name}`);
      const ownCache = folder.at(`cache ${model.name}`);
      makeBadModel(model, broken);
      const filesBefore = filesBelow(broken);
      const message = assertFailure(
        await runCommand(['caption', samplePath('01.png'), '--model', broken, '--device', 'cpu', '--json'], {
          cache: ownCache,
        }),
        samplePath('01.png'),
        model.reason,
      );
      assert.match(message, model.names);
      assert.deepEqual(filesBelow(broken), filesBefore, 'the checkpoint is left as it was');
      assert.deepEqual(filesBelow(ownCache).filter(isModelFile), [], 'no half-converted model stays in the cache');
    });
  }

  test('no such model: modelMissing', async () => {
    const message = assertFailure(
      await runCommand(['caption', samplePath('01.png'), '--model', 'no-such-model', '--json'], { cache }),
      samplePath('01.png'),
      'modelMissing',
    );
    assert.match(message, /no-such-model/);
  });

  test('convert: a broken checkpoint leaves no output folder', async () => {
    const truncated = badModels.find(model => model.reason === 'weightsCorrupt');
    assert.ok(truncated !== undefined);
    const broken = folder.at('to convert');
    makeBadModel(truncated, broken);
    const result = await runCommand(['convert', broken, folder.at('converted')], { cache });
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, truncated.names);
    assert.deepEqual(filesBelow(folder.at('converted')), []);
  });
});

describe('the cache folder', () => {
  test('cannot be made, because a file is in its place: cacheUnwritable', async () => {
    writeFileSync(folder.at('file'), '');
    const result = await runCommand(['caption', samplePath('01.png'), ...demo, '--json'], {
      cache: folder.at('file', 'cache'),
    });
    assertFailure(result, samplePath('01.png'), 'cacheUnwritable');
  });

  test('may not be written: cacheUnwritable', t => {
    if (process.getuid?.() === 0) return t.skip('root may write everywhere, whatever the permissions say');
    if (process.platform === 'win32') return t.skip('Windows has no permission bits');
    mkdirSync(folder.at('read-only'), { mode: 0o555 });
    return runCommand(['caption', samplePath('01.png'), ...demo, '--json'], { cache: folder.at('read-only') })
      .then(result => void assertFailure(result, samplePath('01.png'), 'cacheUnwritable'));
  });

  test('holds a damaged model: it is converted anew, or the failure says what to delete', async () => {
    const own = folder.at('damaged');
    const args = ['caption', samplePath('01.png'), ...demo, '--no-cache'];
    const good = await runCommand(args, { cache: own });
    assert.equal(good.code, 0, good.stderr);
    const largest = filesBelow(own).filter(isModelFile);
    assert.ok(largest.length > 0, 'a converted model lies in the cache');
    for (const file of largest) if (file.endsWith('.onnx')) writeFileSync(path.join(own, file), 'damaged');
    const result = await runCommand(args, { cache: own });
    if (result.code === 0) assert.deepEqual(linesOf(result), linesOf(good));
    else assert.match(result.stderr, /damaged/);
  });
});

describe('usage: exit code 2, the reason on stderr, nothing on stdout', () => {
  const mistakes: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
    ['no picture', ['caption'], /picture/],
    ['no object', ['detect'], /object/],
    ['an unknown verb', ['paint', samplePath('01.png')], /paint/],
    ['an unknown option', ['caption', samplePath('01.png'), '--fast'], /--fast/],
    ['an unknown device', ['caption', samplePath('01.png'), '--device', 'tpu'], /tpu/],
    ['an unknown weight type', ['caption', samplePath('01.png'), '--weights', 'int3'], /int3/],
    ['no tokens at all', ['caption', samplePath('01.png'), '--max-new-tokens', '0'], /max-new-tokens/],
    ['a device without name', ['caption', samplePath('01.png'), '--device'], /device/],
    ['lsp without channel', ['lsp'], /--stdio/],
  ];
  for (const [name, args, says] of mistakes) {
    test(name, async () => {
      const result = await runCommand(args, { cache });
      assert.equal(result.code, 2, `${result.stdout}\n${result.stderr}`);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, says);
      assert.doesNotMatch(result.stderr, /\n\s+at /, 'no stack');
    });
  }

  test('--help is an answer: on stdout, exit code 0', async () => {
    const result = await runCommand(['--help'], { cache });
    assert.equal(result.code, 0, result.stderr);
    for (const verb of ['run', 'caption', 'describe', 'ocr', 'detect', 'segment', 'ask', 'convert', 'models', 'lsp']) {
      assert.match(result.stdout, new RegExp(`\\b${verb}\\b`), verb);
    }
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(
      await import('node:fs/promises').then(fs => fs.readFile('package.json', 'utf8')),
    ) as { readonly version: string };
    const result = await runCommand(['--version'], { cache });
    assert.equal(result.code, 0, result.stderr);
    assert.ok(result.stdout.includes(version), result.stdout);
  });
});

/** Graphs and weights; notes such as lock files and the store are no model. */
function isModelFile(file: string): boolean {
  return /\.(onnx|bin|data|safetensors|weights)$/.test(file) || path.basename(file) === 'manifest.json';
}
