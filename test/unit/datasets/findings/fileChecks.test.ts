import assert from 'node:assert/strict';
import test from 'node:test';
import { FileChecks } from '../../../../datasets/src/findings/fileChecks';
import type { Finding } from '../../../../datasets/src/findings/finding';
import { augmentedName, splitOf, SplitChecks } from '../../../../datasets/src/findings/splitChecks';
import { readSetLine } from '../../../../datasets/src/lines/setLine';

const box = '<loc0100><loc0200><loc0300><loc0400>';

interface Found {
  readonly line: number;
  readonly code: string;
  readonly place: string;
  readonly message: string;
}

function check(lines: readonly object[], name = 'train.jsonl'): readonly Found[] {
  const checks = new FileChecks(name);
  const texts = lines.map(line => JSON.stringify(line));
  const told = (line: number) => ({ code, message, start, end }: Finding) => ({
    line,
    code,
    message,
    place: texts[line - 1]?.slice(start, end) ?? '',
  });
  const own = texts.flatMap((text, index) => {
    const read = readSetLine(text);
    assert.ok('form' in read);
    return checks.take(index + 1, read, text).map(told(index + 1));
  });
  return [...own, ...checks.end().map(({ line, finding }) => told(line)(finding))];
}

function codes(lines: readonly object[], name?: string): readonly string[] {
  return check(lines, name).map(({ line, code, place }) => `${line} ${code} ${place}`);
}

const example = (image: string, prefix: string, suffix: string) => ({ image, prefix, suffix });

test('the same picture, prefix and suffix are learnt twice', () => {
  const line = example('a.png', 'caption en', 'a bus');
  assert.deepEqual(codes([line, example('b.png', 'caption en', 'a bus'), line]), [
    `3 repeated-line ${JSON.stringify(line)}`,
  ]);
});

test('two answers to the same prefix of one picture cannot both be learnt', () => {
  const found = check([example('a.png', 'caption en', 'a bus'), example('a.png', 'caption en', 'a car')]);
  assert.deepEqual(found.map(({ line, code, place }) => [line, code, place]), [[2, 'two-suffixes', 'a car']]);
  assert.match(found[0]?.message ?? '', /line 1/);
  assert.deepEqual(codes([example('a.png', 'caption en', 'a bus'), example('a.png', 'caption de', 'ein Bus')]), []);
});

test('one answer for more than nine lines of ten is said at the first of them', () => {
  const set = (same: number, other: number) => [
    ...Array.from({ length: other }, (_, index) => example(`o${index}.png`, 'answer en any?', `other ${index}`)),
    ...Array.from({ length: same }, (_, index) => example(`${index}.png`, 'answer en any?', 'no')),
  ];
  assert.deepEqual(codes(set(19, 1)), ['2 one-suffix no']);
  assert.deepEqual(codes(set(9, 1)), []);
  assert.deepEqual(codes(set(9, 0)), []);
});

test('a class in two letter cases is said once, where the second spelling stands', () => {
  const line = (image: string, label: string) => example(image, 'detect car', `${box} ${label}`);
  assert.deepEqual(codes([line('a.png', 'car'), line('b.png', 'Car'), line('c.png', 'Car')]), [
    '2 letter-cases Car',
  ]);
});

test('a label is found behind the tokens of its box, whatever letters those have', () => {
  const texts = ['L', 'l'].map(label => JSON.stringify(example(`${label}.png`, 'detect l', `${box} ${label}`)));
  const checks = new FileChecks('train.jsonl');
  const [found] = texts.flatMap((text, index) => {
    const read = readSetLine(text);
    return 'form' in read ? checks.take(index + 1, read, text) : [];
  });
  assert.deepEqual([found?.code, found?.start], ['letter-cases', texts[1]?.lastIndexOf('l')]);
});

test('another list of classes is said once', () => {
  const line = (image: string, prefix: string) => example(image, prefix, '');
  const found = codes([
    line('a.png', 'detect car ; bus'),
    line('b.png', 'detect car ; bus'),
    line('c.png', 'detect bus'),
    line('d.png', 'detect car'),
  ]);
  assert.deepEqual(found.filter(text => text.includes('class-list')), ['3 class-list detect bus']);
  assert.deepEqual(codes([line('a.png', 'detect car'), line('b.png', 'detect')]), []);
});

test('each further form of a line is said once', () => {
  const pair = { prompt: 'caption en', completion: 'a bus', images: ['b.png'] };
  assert.deepEqual(
    check([example('a.png', 'caption en', 'a bus'), pair, pair]).map(({ line, code }) => `${line} ${code}`),
    ['2 mixed-forms', '3 repeated-line'],
  );
});

test('lines with file_name belong into a metadata.jsonl, and others do not', () => {
  const named = { file_name: 'a.png', prefix: '', suffix: 'x' };
  assert.deepEqual(codes([named], 'metadata_v2.jsonl'), ['1 metadata-name a.png']);
  assert.deepEqual(codes([named], 'metadata.jsonl'), []);
  assert.deepEqual(codes([example('a.png', '', 'x')], 'metadata.jsonl'), ['1 metadata-name a.png']);
  assert.deepEqual(codes([example('a.png', '', 'x')]), []);
});

test('a picture in two parts of a set is told with the first place, and in one part is not', () => {
  const splits = new SplitChecks();
  splits.begin('/set/train/annotations.jsonl');
  assert.equal(splits.take(7, [{ kind: 'path', key: '/set/a.png' }, { kind: 'augmented', key: 'a_png' }]), undefined);
  splits.begin('/set/train/more.jsonl');
  assert.equal(splits.take(1, [{ kind: 'path', key: '/set/a.png' }]), undefined);
  splits.begin('/other/one.jsonl');
  assert.equal(splits.take(3, [{ kind: 'path', key: '/other/a.png' }]), undefined);
  splits.begin('/other/two.jsonl');
  assert.equal(splits.take(3, [{ kind: 'path', key: '/other/a.png' }]), undefined);
  splits.begin('/set/valid/annotations.jsonl');
  assert.deepEqual(splits.take(2, [{ kind: 'path', key: '/set/b.png' }, { kind: 'augmented', key: 'a_png' }]), {
    kind: 'augmented',
    file: '/set/train/annotations.jsonl',
    line: 7,
  });
});

test('the part of a set is what its file or folder is called', () => {
  assert.equal(splitOf('/data/_annotations.valid.jsonl'), 'valid');
  assert.equal(splitOf('/data/val/annotations.jsonl'), 'valid');
  assert.equal(splitOf('C:\\data\\training\\metadata.jsonl'), 'train');
  assert.equal(splitOf('/train/latest/attest.jsonl'), undefined);
});

test('a copy by augmenting is known by the name in front of .rf.', () => {
  assert.equal(augmentedName('train/a_jpg.rf.0123456789abcdef0123456789abcdef.jpg'), 'a_jpg');
  assert.equal(augmentedName('train/a.rf.12.jpg'), undefined);
});
