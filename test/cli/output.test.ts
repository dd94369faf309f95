// Answers in files: every form, files that are there already, and batches that are killed, cancelled or out of room.
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { objectsOf, runCommand, startCommand, temporaryFolder, type CommandResult } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { buildPreload } from '../support/preload';
import { until } from '../support/processes';
import { recordedAnswer, sampleImages, samplePath } from '../support/samples';

const root = temporaryFolder();
const cache = root.at('cache');
withDemoModel(cache);
after(() => root.remove());

const isWindows = process.platform === 'win32';
const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];
const captionOf = (name: string) => recordedAnswer(name, 'caption en');

let count = 0;
let folder = '';
beforeEach(() => {
  folder = root.at(`batch-${++count}`);
  mkdirSync(folder);
});
const at = (...names: string[]): string => path.join(folder, ...names);
const read = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const linesIn = (name: string): string[] => read(name).trimEnd().split('\n');

/** Sample pictures in the folder of this test, under other names where they are given. */
function put(...names: (string | readonly [sample: string, name: string])[]): void {
  for (const each of names) {
    const [sample, name] = typeof each === 'string' ? [each, each] : each;
    mkdirSync(path.dirname(at(name)), { recursive: true });
    copyFileSync(samplePath(sample), at(name));
  }
}

const run = (words: readonly string[], env: Record<string, string> = {}) =>
  runCommand([...words, ...exact], { cache, cwd: folder, env });

async function succeeded(work: Promise<CommandResult>): Promise<CommandResult> {
  const result = await work;
  assert.equal(result.code, 0, result.stderr);
  return result;
}

interface Example {
  readonly image: string;
  readonly prefix: string;
  readonly suffix: string;
}
const examplesIn = (name: string): Example[] => linesIn(name).map(line => JSON.parse(line) as Example);

describe('forms', () => {
  test('JSONL: picture, prompt and answer, in the order of the pictures; nothing on standard output, a summary beside it', async () => {
    put('01.png', '02.png');
    const result = await succeeded(run(['caption', '02.png', '01.png', '--output', 'jsonl', 'new/c.jsonl']));
    assert.deepEqual(
      examplesIn('new/c.jsonl'),
      ['02.png', '01.png'].map(name => ({
        image: `../${name}`,
        prefix: 'caption en',
        suffix: captionOf(name),
      })),
    );
    assert.equal(result.stdout, '');
    assert.ok(result.stderr.endsWith(`2 of 2 pictures are done: ${path.join('new', 'c.jsonl')}.\n`), result.stderr);
  });

  test('Markdown, in a folder that is there, under the name of the task', async () => {
    put('01.png');
    mkdirSync(at('list'));
    await succeeded(run(['caption', '01.png', '--output', 'markdown', 'list']));
    assert.equal(read('list', 'caption.md'), `- ![${captionOf('01.png')}](../01.png)\n`);
  });

  test('text files beside the pictures, or in a folder where pictures of one name keep apart', async () => {
    put(['01.png', 'a/1.png'], ['02.png', 'b/1.png'], ['03.png', 'b/1.jpg']);
    await succeeded(run(['caption', '--recursive', '.', '--output', 'sidecars']));
    assert.equal(read('a/1.txt'), `${captionOf('01.png')}\n`);
    assert.deepEqual(
      [read('b/1.png.txt'), read('b/1.jpg.txt')],
      ['02.png', '03.png'].map(name => `${captionOf(name)}\n`),
    );
    await succeeded(run(['caption', '--output', 'sidecars', 'out', 'a/1.png', 'b/1.png']));
    assert.deepEqual(
      [read('out/a/1.txt'), read('out/b/1.txt')],
      ['01.png', '02.png'].map(name => `${captionOf(name)}\n`),
    );
  });

  test('a folder that is taken is repeated whole, however few pictures it holds today', async () => {
    put(['01.png', 'images/train/1.png']);
    await succeeded(run(['detect', 'star', '--recursive', 'images', '--output', 'voc', 'labels']));
    assert.match(read('labels/train/1.xml'), /<folder>train<\/folder>[^]*<name>star<\/name>/);
  });

  test('YOLO: boxes, and classes in the order in which they were asked for', async () => {
    put('01.png', '02.png');
    await succeeded(run(['detect', '--output', 'yolo', 'labels', 'unicorn,star,circle', '01.png', '02.png']));
    assert.equal(read('labels/classes.txt'), 'unicorn\nstar\ncircle\n');
    assert.match(read('labels/01.txt'), /^1 0\.\d{6} 0\.\d{6} 0\.\d{6} 0\.\d{6}\n/);
    assert.deepEqual(readdirSync(at('labels')).sort(), ['01.txt', '02.txt', 'classes.txt']);
  });

  test('COCO: one file for all, which a second command adds to', async () => {
    put('01.png', '02.png');
    await succeeded(run(['segment', 'star', '01.png', '--output', 'coco', 'c.json']));
    await succeeded(run(['segment', 'circle', '01.png', '02.png', '--output', 'coco', 'c.json']));
    const { images, categories, annotations } = JSON.parse(read('c.json')) as Record<string, { id: number }[]>;
    assert.deepEqual(images?.map(image => [image.id, (image as unknown as { file_name: string }).file_name]), [
      [1, '01.png'],
      [2, '02.png'],
    ]);
    assert.deepEqual(categories?.map(category => (category as unknown as { name: string }).name), ['star', 'circle']);
    assert.ok(annotations!.every(entry => 'counts' in (entry as unknown as { segmentation: object }).segmentation));
    assert.deepEqual(readdirSync(folder).sort(), ['01.png', '02.png', 'c.json']);
  });

  test('with --json the objects are printed as well, of those that were run', async () => {
    put('01.png', '02.png');
    await succeeded(run(['caption', '02.png', '--output', 'sidecars']));
    const result = await succeeded(run(['caption', '01.png', '02.png', '--output', 'sidecars', '--json']));
    assert.deepEqual(objectsOf(result).map(({ image }) => image), ['01.png']);
  });

  test('the same picture under two names of the command line is one', async () => {
    put('01.png');
    await succeeded(run(['caption', '01.png', './01.png', at('01.png'), '--output', 'jsonl', 'c.jsonl']));
    assert.equal(linesIn('c.jsonl').length, 1);
  });
});

describe('files that are there already', () => {
  test('stay, and the same command runs nothing', async () => {
    put('01.png', '02.png');
    const command = ['caption', '01.png', '02.png', '--output', 'jsonl', 'c.jsonl', '--no-cache'];
    await succeeded(run(command));
    const before = read('c.jsonl');
    const again = await succeeded(run(command));
    assert.equal(read('c.jsonl'), before);
    assert.equal(again.stderr, 'Nothing to run: all 2 pictures are done already: c.jsonl.\n');
  });

  test('are replaced, or stay and get neighbours, as --existing says', async () => {
    put('01.png', '02.png');
    for (const name of ['01.txt', 'c.jsonl']) writeFileSync(at(name), '{"mine":1}\n');
    const sidecars = ['caption', '01.png', '02.png', '--output', 'sidecars', '--existing'];
    await succeeded(run([...sidecars, 'rename']));
    assert.deepEqual([read('01.txt'), read('01-2.txt'), existsSync(at('02.txt'))], [
      '{"mine":1}\n',
      `${captionOf('01.png')}\n`,
      true,
    ]);
    await succeeded(run([...sidecars, 'overwrite']));
    assert.equal(read('01.txt'), `${captionOf('01.png')}\n`);
    const jsonl = ['caption', '01.png', '--output', 'jsonl', 'c.jsonl', '--existing'];
    await succeeded(run([...jsonl, 'rename']));
    assert.deepEqual([read('c.jsonl'), linesIn('c-2.jsonl').length], ['{"mine":1}\n', 1]);
    await succeeded(run([...jsonl, 'overwrite']));
    assert.deepEqual(examplesIn('c.jsonl').map(({ image }) => image), ['01.png']);
  });

  test('something else is not added to, and nothing is run', async () => {
    put('01.png');
    writeFileSync(at('notes'), 'by hand');
    for (const words of [['jsonl', 'notes'], ['coco', 'notes'], ['sidecars', 'notes/below'], ['yolo', 'notes/']]) {
      const result = await run(['detect', 'star', '01.png', '--output', ...words]);
      assert.equal(result.code, 1, words.join(' '));
      assert.match(result.stderr, /“.*notes.*”.*\(error 140[36]\)\n$/, result.stderr);
    }
    assert.equal(read('notes'), 'by hand');
  });

  test('a link beside a picture is no file to write through, and one that was named is', async t => {
    if (isWindows) return t.skip('no links here');
    put('01.png', '02.png');
    writeFileSync(at('mine'), 'mine\n');
    symlinkSync(at('mine'), at('01.txt'));
    symlinkSync(at('nowhere'), at('02.txt'));
    const command = ['caption', '01.png', '02.png', '--output', 'sidecars'];
    await succeeded(run(command));
    assert.deepEqual([read('mine'), existsSync(at('nowhere'))], ['mine\n', false], 'skipped');
    await succeeded(run([...command, '--existing', 'overwrite']));
    assert.deepEqual([read('mine'), lstatSync(at('01.txt')).isFile()], ['mine\n', true]);
    writeFileSync(at('real.jsonl'), '');
    symlinkSync(at('real.jsonl'), at('link.jsonl'));
    await succeeded(run(['caption', '01.png', '--output', 'jsonl', 'link.jsonl', '--existing', 'overwrite']));
    assert.ok(lstatSync(at('link.jsonl')).isSymbolicLink());
    assert.equal(linesIn('real.jsonl').length, 1);
  });

  test('a folder that may not be written is told before anything is run', async t => {
    if (isWindows || process.getuid?.() === 0) return t.skip('whoever runs this may write everywhere');
    put('01.png');
    put(['02.png', 'locked/02.png']);
    chmodSync(at('locked'), 0o500);
    for (const words of [['jsonl', 'locked/c.jsonl'], ['yolo', 'locked']]) {
      const result = await run(['detect', 'star', '01.png', '--output', ...words]);
      assert.equal(result.code, 1);
      assert.match(result.stderr, /“.*locked.*” may not be written.*error 1403/);
    }
    const beside = await run(['caption', '01.png', 'locked/02.png', '--output', 'sidecars', '--json']);
    assert.equal(beside.code, 1);
    assert.deepEqual(objectsOf(beside).map(object => 'error' in object), [false, true]);
    assert.equal(read('01.txt'), `${captionOf('01.png')}\n`, 'and costs the others nothing');
  });
});

describe('pictures that fail', () => {
  test('in the middle: it is told, the others are written, and the same command tries that one again', async () => {
    put('01.png', '03.png');
    writeFileSync(at('02.png'), 'no picture');
    const command = ['caption', '01.png', '02.png', '03.png', '--output', 'jsonl', 'c.jsonl'];
    const result = await run(command);
    assert.equal(result.code, 1);
    assert.match(
      result.stderr,
      /paligemma: 02\.png: .*\(error 1002\)\n2 of 3 pictures are done, 1 failed: c\.jsonl\.\n$/,
    );
    assert.deepEqual(examplesIn('c.jsonl').map(({ image }) => image), ['01.png', '03.png']);
    put('02.png');
    await succeeded(run(command));
    assert.deepEqual(examplesIn('c.jsonl').map(({ image }) => image), ['01.png', '03.png', '02.png']);
  });

  test('by their own file: the others are written', async () => {
    put('01.png', '02.png');
    mkdirSync(at('01.txt', 'in it'), { recursive: true });
    const result = await run([
      'caption',
      '01.png',
      '02.png',
      '--output',
      'sidecars',
      '--existing',
      'overwrite',
      '--json',
    ]);
    assert.equal(result.code, 1);
    const [failed, answered] = objectsOf(result);
    assert.equal((failed?.['error'] as { readonly code: number }).code, 1403);
    assert.equal(answered?.['image'], '02.png');
    assert.equal(read('02.txt'), `${captionOf('02.png')}\n`);
  });

  test('names with line breaks and escapes reach neither the terminal nor a list as they are', async t => {
    if (isWindows) return t.skip('Windows takes no such names');
    const evil = 'a\n\u001b]0;t\u0007\u202e\u009b.png';
    put(['01.png', evil]);
    const result = await succeeded(run(['caption', evil, '--output', 'markdown', 'c.md']));
    assert.doesNotMatch(read('c.md').slice(0, -1) + result.stderr.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202e]/);
    const again = await succeeded(run(['caption', evil, '--output', 'markdown', 'c.md']));
    assert.match(again.stderr, /Nothing to run/);
    await succeeded(run(['caption', evil, '--output', 'sidecars']));
    assert.equal(read(evil.replace('.png', '.txt')), `${captionOf('01.png')}\n`);
  });
});

describe('interrupted', () => {
  const pictures = sampleImages;
  const begin = (words: readonly string[]) =>
    startCommand(['describe', ...pictures, '--no-cache', ...words, ...exact], { cache, cwd: folder });
  const described = (name: string) => recordedAnswer(name, 'describe en');
  const wholeLines = (name: string) => existsSync(at(name)) ? read(name).split('\n').length - 1 : 0;

  for (const [name, signal] of [['killed', 'SIGKILL'], ['cancelled by Ctrl+C', 'SIGINT']] as const) {
    test(`a batch that is ${name} goes on where it stopped, with what was written before`, async t => {
      if (isWindows) return t.skip('Windows has no signals for other processes');
      put(...pictures);
      const words = ['--output', 'jsonl', 'd.jsonl'];
      const command = begin(words);
      await until('some answers', 60_000, () => wholeLines('d.jsonl') >= 3 ? true : undefined);
      command.child.kill(signal);
      const stopped = await command.ended;
      const written = wholeLines('d.jsonl');
      assert.ok(written < pictures.length, 'it was stopped in the middle');
      if (signal === 'SIGINT') {
        assert.equal(stopped.code, 130);
        assert.match(
          stopped.stderr,
          /^(\d+) of 12 pictures are done: d\.jsonl\. The same command goes on with the others\.$/m,
        );
      }
      const result = await begin([...words, '--json']).ended;
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stderr, new RegExp(`^${written} of 12 pictures are done already and are not run again`, 'm'));
      assert.equal(objectsOf(result).length, pictures.length - written, 'nothing was run twice');
      assert.deepEqual(
        examplesIn('d.jsonl').map(({ image, suffix }) => [image, suffix]),
        pictures.map(image => [image, described(image)]),
      );
    });

    test(`one that replaces files and is ${name} does not begin anew`, async t => {
      if (isWindows) return t.skip('Windows has no signals for other processes');
      put(...pictures);
      const texts = pictures.map(image => image.replace('.png', '.txt'));
      for (const text of texts) writeFileSync(at(text), 'before');
      const replaced = () => texts.filter(text => read(text) !== 'before').length;
      const words = ['--output', 'sidecars', '--existing', 'overwrite'];
      const command = begin(words);
      await until('some answers', 60_000, () => replaced() >= 3 ? true : undefined);
      command.child.kill(signal);
      await command.ended;
      const written = replaced();
      // One that comes to no run at all in between forgets nothing.
      assert.equal((await begin([...words, '--overlay', '01.png/below']).ended).code, 1);
      const result = await begin([...words, '--json']).ended;
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stderr, /^Going on where this command was interrupted: \d+ of 12 pictures are done/m);
      // Of the picture that was being written the note may be missing.
      assert.ok(objectsOf(result).length - (pictures.length - written) <= 1, 'nothing else was run twice');
      assert.deepEqual(texts.map(text => read(text)), pictures.map(image => `${described(image)}\n`));
      assert.equal(readdirSync(folder).length, 2 * pictures.length, 'nothing half-written stays');
    });
  }

  test('one with new names keeps those that it had found', async t => {
    if (isWindows) return t.skip('Windows has no signals for other processes');
    put(...pictures);
    writeFileSync(at('d.jsonl'), '{"mine":1}\n');
    const words = ['--output', 'jsonl', 'd.jsonl', '--existing', 'rename'];
    const command = begin(words);
    await until('some answers', 60_000, () => wholeLines('d-2.jsonl') >= 3 ? true : undefined);
    command.child.kill('SIGKILL');
    await command.ended;
    assert.equal((await begin(words).ended).code, 0);
    assert.deepEqual(examplesIn('d-2.jsonl').map(({ image }) => image), pictures);
    assert.ok(!existsSync(at('d-3.jsonl')));
    assert.equal(read('d.jsonl'), '{"mine":1}\n');
  });

  test('a COCO file that a killed batch had begun holds everything in the end', async t => {
    if (isWindows) return t.skip('Windows has no signals for other processes');
    put(...pictures);
    const start = () =>
      startCommand(['detect', 'star', ...pictures, '--no-cache', '--output', 'coco', 'c.json', ...exact], {
        cache,
        cwd: folder,
      });
    const command = start();
    await until('some answers', 60_000, () => wholeLines('c.json.partial') >= 3 ? true : undefined);
    command.child.kill('SIGKILL');
    await command.ended;
    const written = wholeLines('c.json.partial');
    const result = await start().ended;
    assert.match(result.stderr, new RegExp(`^${written} of 12 pictures are done already`, 'm'));
    const { images } = JSON.parse(read('c.json')) as { readonly images: readonly { readonly file_name: string }[] };
    assert.deepEqual(images.map(image => image.file_name), pictures);
    assert.ok(!existsSync(at('c.json.partial')));
  });
});

describe('a full disk', () => {
  let preload = '';
  before(async () => {
    preload = await buildPreload(root.path, 'diskFault');
  });

  test('ends the batch with what cures it, what was written stays whole, and the same command goes on', async () => {
    const pictures = sampleImages.slice(0, 4);
    put(...pictures);
    mkdirSync(at('out'));
    const env = { NODE_OPTIONS: preload, DISK_FAULT_FOLDER: at('out'), DISK_FAULT_FILE: at('fault') };
    const command = ['caption', ...pictures, '--output', 'jsonl', 'out/c.jsonl'];
    await succeeded(run(['caption', pictures[0]!, '--output', 'jsonl', 'out/c.jsonl'], env));
    const before = read('out/c.jsonl');
    writeFileSync(at('fault'), 'ENOSPC');
    const result = await run(command, env);
    assert.equal(result.code, 1);
    assert.match(
      result.stderr,
      /no room for “.*c\.jsonl”\. Free some space and go on.*\(error 1402\)\n1 of 4 pictures are done/,
    );
    assert.equal(read('out/c.jsonl'), before);
    rmSync(at('fault'));
    await succeeded(run(command, env));
    assert.deepEqual(examplesIn('out/c.jsonl').map(({ image }) => image), pictures.map(name => `../${name}`));
  });
});

describe('words that make no sense', () => {
  test('are mistakes of usage, and nothing is run or written', async () => {
    put('01.png', '02.png');
    const before = readdirSync(folder);
    const mistakes: readonly (readonly [words: readonly string[], says: RegExp])[] = [
      [['caption', '01.png', '--output', 'answers.jsonl'], /--output jsonl answers\.jsonl/],
      [['caption', '01.png', '--output', 'jsonl'], /needs a file behind it/],
      [['caption', '--output', 'jsonl', '01.png', '02.png'], /"01\.png" is a picture/],
      [['caption', '01.png', '--output', 'jsonl', '-'], /--json/],
      [['caption', '01.png', '--output', 'coco', 'c.json'], /caption finds none/],
      [['caption', '01.png', '--existing', 'skip'], /--output, which is missing/],
      [['caption', '01.png', '--output', 'sidecars', '--existing', 'append'], /skip, overwrite, rename/],
      [['caption', '01.png', '--output', 'sidecars', '--output', 'sidecars'], /given twice/],
      [['models', '--output', 'sidecars'], /takes no --output/],
    ];
    for (const [words, says] of mistakes) {
      const result = await run(words);
      assert.equal(result.code, 2, words.join(' '));
      assert.match(result.stderr, says);
    }
    assert.deepEqual(readdirSync(folder), before);
  });

  test('a picture from a pipe has no name for a file: it is refused in its turn, and the others are written', async () => {
    put('01.png');
    const result = await runCommand(['caption', '-', '01.png', '--output', 'jsonl', 'c.jsonl', ...exact], {
      cache,
      cwd: folder,
      input: readFileSync(samplePath('02.png')),
    });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /“-” has no name.*Save the picture.*error 1501/);
    assert.deepEqual(examplesIn('c.jsonl').map(({ image }) => image), ['01.png']);
  });
});
