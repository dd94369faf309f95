import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import type { Answer } from '../../../batch/src/answer';
import { AnswerFiles } from '../../../batch/src/answerFiles';
import type { OutputForm } from '../../../batch/src/forms';
import type { BatchTarget } from '../../../batch/src/plan';
import { UnwrittenAnswer } from '../../../batch/src/unwritten';
import type { Region } from '../../../paligemma/src/facts';
import { temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('batch');
let count = 0;
let folder = '';
beforeEach(() => {
  folder = path.join(root, String(++count));
  mkdirSync(folder);
});
const at = (...names: string[]): string => path.join(folder, ...names);
const read = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const say = (message: string, ...words: (string | number)[]): string =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(words[Number(index)]));

function answer(name: string, suffix: string, regions: readonly Region[] = []): Answer {
  return {
    imagePath: at(name),
    prompt: 'detect cup ; plate',
    suffix,
    text: suffix,
    regions,
    widthPx: 100,
    heightPx: 50,
  };
}
const cup: Region = { label: 'cup', box: { x1: 10, y1: 10, x2: 30, y2: 20 } };
const spoon: Region = { label: 'spoon', box: { x1: 0, y1: 0, x2: 100, y2: 50 } };

const filesFor = (target: BatchTarget, isResumed = false) => new AnswerFiles(target, isResumed, say);
const single = (kind: 'jsonl' | 'markdown' | 'coco', name: string, replaces = false) =>
  ({ kind, path: at(name), replaces }) as const;
const sidecars = (names: readonly string[], replaces = false, kind: 'sidecars' | 'yolo' | 'voc' = 'sidecars') =>
  ({ kind, paths: names.map(name => at(name)), replaces, folder }) as const;

async function refusal(work: Promise<unknown>): Promise<UnwrittenAnswer> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof UnwrittenAnswer, String(error));
    return error;
  }
  return assert.fail('it was written');
}

describe('a file for each picture', () => {
  test('one that came into being meanwhile is not overwritten, be it a link that leads nowhere', async t => {
    const files = filesFor(sidecars(['1.txt', '2.txt', '3.txt']));
    writeFileSync(at('2.txt'), 'by hand');
    assert.equal(await files.write(0, answer('1.png', 'one')), 'written');
    assert.equal(await files.write(1, answer('2.png', 'two')), 'kept');
    assert.deepEqual([read('1.txt'), read('2.txt')], ['one\n', 'by hand']);
    if (process.platform === 'win32') return t.diagnostic('no links here');
    symlinkSync(at('nowhere'), at('3.txt'));
    assert.equal(await files.write(2, answer('3.png', 'three')), 'kept');
    assert.ok(!existsSync(at('nowhere')));
  });

  test('replacing leaves no file of its own behind, and replaces a link instead of what it leads to', async t => {
    writeFileSync(at('1.txt'), 'before');
    const files = filesFor(sidecars(['1.txt', '2.txt'], true));
    await files.write(0, answer('1.png', 'after'));
    assert.deepEqual([read('1.txt'), readdirSync(folder)], ['after\n', ['1.txt']]);
    if (process.platform === 'win32') return t.diagnostic('no links here');
    writeFileSync(at('elsewhere'), 'untouched');
    symlinkSync(at('elsewhere'), at('2.txt'));
    await files.write(1, answer('2.png', 'after'));
    assert.deepEqual([read('elsewhere'), read('2.txt'), lstatSync(at('2.txt')).isFile()], [
      'untouched',
      'after\n',
      true,
    ]);
  });

  test('what a killed process left half-written is taken away, what another one writes is not', async () => {
    const gone = 'partial-999999999-0123abcd';
    for (const name of [`1.txt.${gone}`, `other.txt.${gone}`, `1.txt.partial-${process.pid}-0123abcd`]) {
      writeFileSync(at(name), 'half');
    }
    await filesFor(sidecars(['1.txt'])).begin();
    assert.deepEqual(readdirSync(folder).sort(), [`1.txt.partial-${process.pid}-0123abcd`, `other.txt.${gone}`]);
  });

  test('one that cannot be written costs its own picture only', async () => {
    const files = filesFor(sidecars(['1.txt', '2.txt'], true));
    mkdirSync(at('1.txt', 'in it'), { recursive: true });
    const failure = await refusal(files.write(0, answer('1.png', 'one')));
    assert.deepEqual([failure.reason, failure.endsOthers], ['fileUnwritable', false]);
    assert.ok(failure.message.includes(at('1.txt')), failure.message);
    assert.equal(await files.write(1, answer('2.png', 'two')), 'written');
    assert.deepEqual(readdirSync(folder).sort(), ['1.txt', '2.txt']);
  });

  test('YOLO: what was asked for has the first numbers, those that are there keep theirs, and no region is an empty file', async () => {
    writeFileSync(at('classes.txt'), 'plate\n');
    const files = filesFor(sidecars(['1.txt', '2.txt', '3.txt'], false, 'yolo'));
    await files.write(0, answer('1.png', '', [spoon, cup]));
    assert.equal(read('classes.txt'), 'plate\ncup\nspoon\n');
    assert.deepEqual(read('1.txt').split('\n').map(line => line.split(' ')[0]), ['2', '1', '']);
    await files.write(1, answer('2.png', ''));
    assert.equal(read('2.txt'), '');
    writeFileSync(at('3.txt'), '');
    assert.equal(await files.write(2, answer('3.png', '', [{ ...cup, label: 'fork' }])), 'kept');
    assert.equal(read('classes.txt'), 'plate\ncup\nspoon\n', 'and adds no class');
  });

  test('Pascal VOC: an annotation for each picture, in folders that are made', async () => {
    const files = filesFor(sidecars(['out/a/1.xml'], false, 'voc'));
    await files.write(0, answer('1.png', '', [cup]));
    assert.match(read('out/a/1.xml'), /<filename>1\.png<\/filename>[^]*<name>cup<\/name>/);
  });
});

describe('one file of lines', () => {
  test('it is replaced with its first answer, added to when resumed, and never glued to a line without an end', async () => {
    writeFileSync(at('c.jsonl'), 'old');
    const target = single('jsonl', 'c.jsonl', true);
    const first = filesFor(target);
    assert.equal(read('c.jsonl'), 'old', 'nothing is lost before there is an answer');
    await first.write(0, answer('1.png', 'a'));
    await first.write(1, answer('2.png', 'b'));
    await filesFor(target, true).write(2, answer('3.png', 'c'));
    const lines = read('c.jsonl').trimEnd().split('\n').map(line => JSON.parse(line) as { suffix: string });
    assert.deepEqual(lines.map(({ suffix }) => suffix), ['a', 'b', 'c']);
    writeFileSync(at('d.md'), '- ![x](x.png)');
    await filesFor(single('markdown', 'd.md')).write(0, answer('1.png', 'a'));
    assert.equal(read('d.md'), '- ![x](x.png)\n- ![a](1.png)\n');
  });

  test('a last line that was cut off is taken away, and nothing else is', async () => {
    const whole = '{"image":"0.png","prefix":"p","suffix":"ü"}\n';
    const lines: readonly (readonly [form: 'jsonl' | 'markdown', before: string, kept: string])[] = [
      ['jsonl', `${whole}{"image":"1.png","prefix":"detect`, whole],
      ['jsonl', `${whole}{"ima`, whole],
      ['jsonl', '{"image":"1.png"', ''],
      ['jsonl', whole.trimEnd(), whole],
      ['jsonl', `${whole}{"other":`, `${whole}{"other":\n`],
      ['markdown', '# Title\n- ![a cup on', '# Title\n'],
      ['markdown', '# Title\n- ![a cup](cup', '# Title\n'],
      ['markdown', '# Title\n- a list', '# Title\n- a list\n'],
      ...['- ![A cat](cat.png "Title")', '- ![A cat](cat.png) by Ann', '- ![A cat](cat (1).png)'].map(line =>
        ['markdown', `# Title\n${line}`, `# Title\n${line}\n`] as const
      ),
    ];
    for (const [form, before, kept] of lines) {
      writeFileSync(at('file'), before);
      await filesFor(single(form, 'file')).write(0, answer('9.png', 'x'));
      assert.equal(read('file').slice(0, kept.length), kept, before);
      assert.equal(read('file').slice(kept.length).split('\n').length, 2, `${before}: then one line`);
    }
  });

  test('a file that is named by a link is written where the link leads', async t => {
    if (process.platform === 'win32') return t.skip('no links here');
    writeFileSync(at('real.jsonl'), 'old\n');
    symlinkSync(at('real.jsonl'), at('link.jsonl'));
    await filesFor(single('jsonl', 'link.jsonl', true)).write(0, answer('1.png', 'new'));
    assert.ok(lstatSync(at('link.jsonl')).isSymbolicLink());
    assert.match(read('real.jsonl'), /^\{.*"new"\}\n$/);
  });

  test('where it cannot be written all the others cannot either, which is known before anything is run', async () => {
    writeFileSync(at('file'), '');
    const failure = await refusal(filesFor(single('jsonl', 'file/c.jsonl')).begin());
    assert.deepEqual([failure.reason, failure.endsOthers], ['fileUnwritable', true]);
    assert.ok(failure.message.includes(at('file/c.jsonl')), failure.message);
  });
});

describe('one COCO file', () => {
  interface Coco {
    readonly info: unknown;
    readonly images: readonly { id: number; file_name: string }[];
    readonly categories: readonly { id: number; name: string }[];
    readonly annotations: readonly { id: number; image_id: number; category_id: number }[];
  }
  const coco = (name: string) => JSON.parse(read(name)) as Coco;
  const shown = ({ images, categories, annotations }: Coco) => ({
    images: images.map(({ id, file_name }) => [id, file_name]),
    categories: categories.map(({ id, name }) => [id, name]),
    annotations: annotations.map(entry => [entry.id, entry.image_id, entry.category_id]),
  });

  test('a link in the place of the lines that are kept meanwhile is taken away, and what it leads to stays', async t => {
    if (process.platform === 'win32') return t.skip('links need a privilege on Windows');
    writeFileSync(at('outside'), 'mine');
    symlinkSync(at('outside'), at('c.json.partial'));
    const files = filesFor(single('coco', 'c.json'));
    await files.write(0, answer('1.png', '', [cup]));
    await files.finish();
    assert.equal(read('outside'), 'mine');
    assert.ok(existsSync(at('c.json')));
  });

  test('all pictures under numbers that refer to each other; what was asked for has the first', async () => {
    const files = filesFor(single('coco', 'c.json'));
    await files.write(0, answer('a/1.png', '', [spoon, cup]));
    await files.write(1, answer('b/1.png', ''));
    await files.finish();
    assert.deepEqual(shown(coco('c.json')), {
      images: [[1, 'a/1.png'], [2, 'b/1.png']],
      categories: [[1, 'cup'], [2, 'plate'], [3, 'spoon']],
      annotations: [[1, 1, 3], [2, 1, 1]],
    });
    assert.deepEqual(readdirSync(folder), ['c.json']);
  });

  test('a file that is added to keeps what it holds, its numbers, and what others wrote in it', async () => {
    const before = {
      info: { year: 2020 },
      images: [{ id: 7, file_name: 'x.png', width: 1, height: 1 }],
      categories: [{ id: 4, name: 'plate' }],
      annotations: [{ id: 9, image_id: 7, category_id: 4, bbox: [0, 0, 1, 1] }],
      mine: [1],
    };
    writeFileSync(at('c.json'), JSON.stringify(before));
    const files = filesFor(single('coco', 'c.json'));
    await files.write(0, answer('1.png', '', [cup]));
    await files.finish();
    assert.deepEqual(shown(coco('c.json')), {
      images: [[7, 'x.png'], [8, '1.png']],
      categories: [[4, 'plate'], [5, 'cup']],
      annotations: [[9, 7, 4], [10, 8, 5]],
    });
    const { info, mine } = JSON.parse(read('c.json')) as { info: unknown; mine: unknown };
    assert.deepEqual([info, mine], [before.info, before.mine]);
  });

  test('what a killed batch had written is there for the next one, but for a line that was cut off', async () => {
    writeFileSync(at('c.json'), JSON.stringify({ images: [], categories: [], annotations: [] }));
    await filesFor(single('coco', 'c.json')).write(0, answer('1.png', '', [cup]));
    appendFileSync(at('c.json.partial'), '{"prompt":"detect cup ; plate","repl');
    const next = filesFor(single('coco', 'c.json'));
    await next.write(1, answer('2.png', ''));
    await next.finish();
    assert.deepEqual(shown(coco('c.json')).images, [[1, '1.png'], [2, '2.png']]);
    assert.deepEqual(readdirSync(folder), ['c.json']);
  });

  test('more answers than are read at once are all there, whole', async () => {
    const files = filesFor(single('coco', 'c.json'));
    const long = 'ü'.repeat(300_001);
    for (const index of [0, 1, 2, 3, 4, 5]) {
      await files.write(index, answer(`${index}.png`, '', [{ ...cup, label: `${index}${long}` }]));
    }
    await files.finish();
    assert.deepEqual(
      coco('c.json').categories.map(({ name }) => [name[0], name.length]).slice(2),
      ['0', '1', '2', '3', '4', '5'].map(first => [first, long.length + 1]),
    );
  });

  test('one that is replaced stays until the batch ends, however often that is interrupted', async () => {
    const before = { images: [{ id: 1, file_name: 'old.png' }], categories: [], annotations: [] };
    writeFileSync(at('c.json'), JSON.stringify(before));
    const target = single('coco', 'c.json', true);
    await filesFor(target).write(0, answer('1.png', ''));
    assert.deepEqual(shown(coco('c.json')).images, [[1, 'old.png']], 'killed: nothing is lost');
    const second = filesFor(target, true);
    await second.write(1, answer('2.png', ''));
    await second.finish();
    writeFileSync(at('c.json.partial'), '', { flag: 'w' });
    const third = filesFor(target, true);
    await third.write(2, answer('3.png', ''));
    await third.finish();
    assert.deepEqual(shown(coco('c.json')).images, [[1, '1.png'], [2, '2.png'], [3, '3.png']]);
    await filesFor(target).finish();
    assert.equal(coco('c.json').images.length, 3, 'a batch without an answer replaces nothing');
  });
});

test('names with line breaks and escapes stand in no file as they are', async () => {
  const name = 'a\n\u001b[31m\u202e\u009b.png';
  for (
    const form of ['jsonl', 'markdown', 'coco', 'voc', 'sidecars', 'yolo'] as const satisfies readonly OutputForm[]
  ) {
    const target = form === 'jsonl' || form === 'markdown' || form === 'coco'
      ? single(form, `out.${form}`)
      : sidecars([`out.${form}`], false, form);
    const files = filesFor(target);
    await files.write(0, answer(name, name, [{ ...cup, label: name }]));
    await files.finish();
    const wild = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/u;
    assert.doesNotMatch(read(`out.${form}`), wild, form);
    if (form === 'jsonl' || form === 'markdown') assert.equal(read(`out.${form}`).split('\n').length, 2, form);
  }
});
