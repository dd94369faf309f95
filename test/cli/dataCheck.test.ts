// `paligemma data check`: what it prints, how it ends, and what --fix leaves alone.
import assert from 'node:assert/strict';
import { cpSync, copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import sharp from 'sharp';
import { linesOf, objectsOf, runCommand, startCommand, temporaryFolder } from '../support/commandLine';
import { buildPreload } from '../support/preload';
import { samplePath } from '../support/samples';
import { goldenModelFolder } from '../support/tokenizers';

const root = temporaryFolder();
const cache = root.at('cache');
after(() => root.remove());

let count = 0;
let folder = '';
beforeEach(() => {
  folder = root.at(`set-${++count}`);
  mkdirSync(folder);
  copyFileSync(samplePath('01.png'), at('a.png'));
});
const at = (...names: string[]): string => path.join(folder, ...names);
const read = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const check = (words: readonly string[], env: Record<string, string> = {}) =>
  runCommand(['data', 'check', ...words], { cache, cwd: folder, env });

const box = '<loc0100><loc0200><loc0300><loc0400>';

function line(suffix: string, prefix = 'detect cup', image = 'a.png'): string {
  return `${JSON.stringify({ image, prefix, suffix })}\n`;
}

function put(name: string, ...lines: readonly string[]): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), lines.join(''));
}

const partials = () => readdirSync(folder).filter(name => name.includes('.partial-'));

describe('paligemma data check', () => {
  test('ends with 0 where nothing but hints was found', async () => {
    put('train.jsonl', line(''), line(`${box} cup`, 'detect cup ; plate'));
    const result = await check(['train.jsonl']);
    assert.equal(result.code, 0, result.stderr);
    assert.match(linesOf(result)[0] ?? '', /^train\.jsonl:1:\d+ hint The answer is empty\. .* \(empty-suffix\)$/);
    assert.match(result.stderr, /^2 lines in 1 file: 0 errors, 0 warnings, 2 hints\.$/m);
  });

  test('ends with 1 where something was found, and says what can be mended', async () => {
    put('train.jsonl', line(`${box} cup`), line('<loc10><loc0020><loc0300><loc0400> cup;'), 'no json\n');
    const result = await check(['train.jsonl']);
    assert.equal(result.code, 1);
    assert.deepEqual(
      linesOf(result).map(text => /^train\.jsonl:(\d+:\d+) (\w+) .+ \(([\w-]+)\)$/.exec(text)?.slice(1)),
      [
        ['2:50', 'error', 'location-token'],
        ['2:50', 'warning', 'two-suffixes'],
        ['2:88', 'warning', 'dangling-separator'],
        ['3:1', 'error', 'unreadable-line'],
      ],
    );
    assert.match(result.stderr, /^3 lines in 1 file: 2 errors, 2 warnings, 0 hints\.\n2 can be mended: add --fix\.$/m);
  });

  test('prints an object a line with --json', async () => {
    put('train.jsonl', line('a bus ', 'caption en'));
    const result = await check(['train.jsonl', '--json']);
    const [{ message, ...found } = { message: '' }, ...others] = objectsOf(result);
    assert.deepEqual(others, []);
    assert.equal(typeof message, 'string');
    const start = line('a bus ', 'caption en').indexOf(' "}');
    assert.deepEqual(found, {
      file: 'train.jsonl',
      line: 1,
      column: start + 1,
      code: 'edge-blank',
      severity: 'warning',
      fix: { title: 'Remove the white space', edits: [{ start, end: start + 1, text: '' }] },
    });
  });

  test('ends with 2 where nothing could be checked', async () => {
    mkdirSync(at('empty'));
    for (const words of [[], ['no-such.jsonl'], ['empty'], ['a.jsonl', '--recursive']]) {
      const result = await check(words);
      assert.equal(result.code, 2, words.join(' '));
      assert.equal(result.stdout, '');
    }
  });

  test('looks into a folder, and for pictures that stand in two parts of the set', async () => {
    copyFileSync(at('a.png'), at('copy.png'));
    put('_annotations.train.jsonl', line(`${box} cup`));
    put('_annotations.valid.jsonl', line(`${box} cup`, 'detect cup', 'copy.png'));
    put('notes.txt', 'no data set');
    const result = await check(['.', '--json']);
    assert.equal(result.code, 1);
    assert.deepEqual(objectsOf(result).map(({ file, code }) => [file, code]), [
      ['_annotations.valid.jsonl', 'picture-in-two-splits'],
    ]);
    assert.match(result.stderr, /2 lines in 2 files: 0 errors, 1 warning, 0 hints\./);
  });

  test('a copy that was saved anew stands out, and does not fail the check', async () => {
    mkdirSync(at('near'));
    copyFileSync(path.resolve('media/samples/01.png'), at('near/a.png'));
    copyFileSync(path.resolve('media/samples/02.png'), at('near/b.png'));
    await sharp(at('near/a.png')).resize(320).jpeg({ quality: 70 }).toFile(at('near/small.jpg'));
    put('near/_annotations.train.jsonl', line(`${box} cup`));
    put('near/_annotations.valid.jsonl', line(`${box} cup`, 'detect cup', 'small.jpg'));
    put('near/_annotations.test.jsonl', line(`${box} cup`, 'detect cup', 'b.png'));
    const result = await check(['near', '--json']);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(
      objectsOf(result).map(({ file, code, severity }) => [path.basename(String(file)), code, severity]),
      [
        ['_annotations.valid.jsonl', 'near-copy-in-two-splits', 'hint'],
      ],
    );
  });

  test('--fix writes what is certain, tells it, and ends as what is left says', async () => {
    const [good, broken] = [line(`${box} cup`).replaceAll(':', ' : '), 'no json;\r\n'];
    put('set.jsonl', '\ufeff', good, broken, line(`${box} cup;${box} cup `));
    put('whole.jsonl', line(`${box} cup `));
    const result = await check(['set.jsonl', 'whole.jsonl', '--fix', '--json']);
    assert.equal(result.code, 1);
    assert.deepEqual(objectsOf(result).map(({ code, line: number }) => [number, code]), [
      [2, 'unreadable-line'],
      [3, 'two-suffixes'],
    ]);
    assert.equal(read('set.jsonl'), `${good}${broken}${line(`${box} cup ; ${box} cup`)}`);
    assert.match(result.stderr, /set\.jsonl: 2 lines mended \(byte-order-mark 1, separator 1, edge-blank 1\)\./);
    const again = await check(['whole.jsonl', '--fix']);
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /mended/);
  });

  test('a full disk costs nothing', async () => {
    const preload = await buildPreload(root.path, 'diskFault');
    put('train.jsonl', line(`${box} cup `));
    writeFileSync(root.at('fault'), 'ENOSPC');
    const env = { NODE_OPTIONS: preload, DISK_FAULT_FOLDER: folder, DISK_FAULT_FILE: root.at('fault') };
    const result = await check(['train.jsonl', '--fix'], env);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /no room for “.*train\.jsonl”.*\(error 1402\)/);
    assert.equal(read('train.jsonl'), line(`${box} cup `));
    assert.deepEqual(partials(), []);
  });

  test(
    'Ctrl+C leaves the file as it is',
    { skip: process.platform === 'win32' && 'no signals for others' },
    async () => {
      const many = line(`${box} cup `).repeat(200_000);
      put('train.jsonl', many);
      const { child, ended } = startCommand(['data', 'check', 'train.jsonl', '--fix'], { cache, cwd: folder });
      const watched = new Promise<void>((resolve, reject) => {
        const look = () => {
          if (partials().length > 0) resolve();
          else if (child.exitCode !== null) reject(new Error('It ended before it was interrupted.'));
          else setImmediate(look);
        };
        look();
      });
      await watched;
      child.kill('SIGINT');
      assert.equal((await ended).code, 130);
      assert.equal(read('train.jsonl'), many);
      assert.deepEqual(partials(), []);
    },
  );

  test('a file without an end of lines is read in little memory, and told in a sentence', async () => {
    put('sparse.jsonl', line(`${box} cup`));
    truncateSync(at('sparse.jsonl'), 2 ** 29);
    put('long.jsonl', line('x'.repeat(50_000_000), 'ocr'), line(`${box} cup`));
    const env = { NODE_OPTIONS: '--max-old-space-size=128' };
    const result = await check(['sparse.jsonl', 'long.jsonl', '--json'], env);
    assert.equal(result.code, 1, result.stderr);
    const found = objectsOf(result).map(({ file, line: number, code }) => [file, number, code]);
    assert.deepEqual(found, [['sparse.jsonl', 2, 'unreadable-line'], ['long.jsonl', 1, 'unreadable-line']]);
  });

  test('a file that cannot be read does not keep the others from being checked', {
    skip: process.platform === 'win32' && 'no devices',
  }, async () => {
    put('train.jsonl', line(''));
    const result = await check(['/dev/null', 'train.jsonl', '--json', '--fix']);
    assert.equal(result.code, 1);
    const [first, second] = objectsOf(result);
    assert.match(String((first?.['error'] as { readonly message?: string }).message), /not a file/);
    assert.equal(second?.['code'], 'empty-suffix');
  });
});

describe('tokens of a data set', () => {
  let model = '';
  before(() => {
    model = root.at('paligemma2-3b-mix-224');
    cpSync(goldenModelFolder('gqa-224'), model, { recursive: true });
  });

  test('are counted by the tokenizer of the model', async () => {
    put('train.jsonl', line('a'.repeat(100), 'ocr'), line('<loc0001>'.repeat(300), 'caption en'));
    const result = await check(['train.jsonl', '--json', '--model', model]);
    const found = objectsOf(result).filter(({ code }) => code === 'too-long');
    assert.deepEqual(found.map(({ line: number }) => number), [2], result.stderr);
    assert.match(String(found[0]?.['message']), /the model takes 256/);
  });

  test('are not where no model is there, which is said once', async () => {
    put('train.jsonl', line(`${'a '.repeat(9_999)}a`, 'ocr'));
    const result = await check(['train.jsonl']);
    assert.equal(result.code, 0, result.stdout);
    assert.equal(result.stderr.match(/tokens are not counted/g)?.length, 1, result.stderr);
  });
});
