import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { readQuestions } from '../../../server/src/evaluation/questions';
import type { Example } from '../../../server/src/evaluation/readExamples';

const folder = mkdtempSync(path.join(tmpdir(), 'examples-'));
after(() => rmSync(folder, { recursive: true }));

async function questionsOf(lines: readonly unknown[], limit = Infinity) {
  const file = path.join(folder, 'set.jsonl');
  writeFileSync(file, lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return readQuestions(file, limit, CancellationToken.None);
}

const sentences = async (line: unknown) =>
  (await questionsOf([line])).lines.map(read => ('failure' in read ? read.failure.message : 'read'));

test('each form of line is an example', async () => {
  const { lines, asked } = await questionsOf([
    { image: 'a.png', prefix: 'ocr', suffix: 'A' },
    { file_name: 'a.png', prefix: 'ocr', suffix: 'A' },
    { messages: [{ role: 'user', content: '<image>ocr' }, { role: 'assistant', content: 'A' }], images: ['a.png'] },
    { image: 'a.png', prompt: 'ocr', completion: 'A' },
    { image: 'a.png', prefix: 'ocr', answers: ['A', 'a'] },
  ]);
  assert.equal(asked, 5);
  for (const line of lines) {
    const { image, imagePath, prefix, expected } = line as Example;
    assert.deepEqual([image, imagePath, prefix, expected], ['a.png', path.join(folder, 'a.png'), 'ocr', 'A']);
  }
});

test('lines of one picture and prompt share their answers, and the first of them counts', async () => {
  const line = { image: 'a.png', prefix: 'caption en' };
  const { lines } = await questionsOf([
    { ...line, suffix: 'one' },
    { ...line, suffix: 'two' },
    { ...line, image: './a.png', suffix: 'three' },
    { ...line, prefix: 'cap en', suffix: 'four' },
  ]);
  assert.deepEqual(
    lines.map(read => ('failure' in read ? undefined : [read.references, read.isRepeated])),
    [
      [['one', 'two', 'three'], false],
      [['one', 'two', 'three'], true],
      [['one', 'two', 'three'], true],
      [['four'], false],
    ],
  );
});

test('a line that cannot be evaluated says why', async () => {
  assert.match(String(await sentences('[1')), /no JSON/);
  assert.match(String(await sentences('[1]')), /no object/);
  assert.match(String(await sentences({ prefix: 'a', suffix: 'b' })), /names no picture/);
  assert.match(String(await sentences({ image: 'a.png', suffix: 'b' })), /no prompt/);
  assert.match(String(await sentences({ image: 'a.png', prefix: 'b', suffix: 4 })), /no expected answer/);
  assert.match(String(await sentences({ image: ['a.png', 'b.png'], prefix: 'a', suffix: 'b' })), /names 2 pictures/);
  for (const image of ['\\\\host\\share\\a.png', '//host/a.png', 'file://host/a.png']) {
    assert.match(String(await sentences({ image, prefix: 'a', suffix: 'b' })), /another machine/, image);
  }
  for (const image of ['https://example.com/a.png', 'data:image/png;base64,AAAA', 's3://pictures/a.png']) {
    assert.match(String(await sentences({ image, prefix: 'a', suffix: 'b' })), /is an address/, image);
  }
});

test('the limit counts lines that can be evaluated', async () => {
  const line = { image: 'a.png', prefix: 'ocr', suffix: 'A' };
  const { lines, asked } = await questionsOf(['[', line, '', line, line], 2);
  assert.deepEqual([lines.length, asked], [3, 2]);
});
