// Answers of fine-tunes in the terminal, as what they are: printed, in JSON, and from a prompt file.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { hasTerminal, linesOf, objectsOf, onTerminal, runCommand, temporaryFolder } from '../support/commandLine';
import { FakeInferenceServer } from '../support/fakeInferenceServer';
import { samplePath } from '../support/samples';

const written = '<table><thead><tr><td>Name</td><td>Price</td></tr></thead><tr><td>Milk</td>'
  + '<td coords="<loc0100><loc0200><loc0300><loc0400>">2.50</td></tr></table>';
const columns = ['| Name | Price |', '| ---- | ----- |', '| Milk | 2.50  |'];
const folder = temporaryFolder();
const options = { cache: folder.at('cache'), env: { PALIGEMMA_API_KEY: '' } };
let server: FakeInferenceServer;

before(async () => {
  server = await FakeInferenceServer.start({ answer: () => [written] });
  const added = await runCommand(['models', 'add', server.origin, '--yes'], options);
  assert.equal(added.code, 0, added.stderr);
});
after(() => {
  server.close();
  folder.remove();
});

const args = (...more: string[]) => ['run', 'the table', samplePath('01.png'), '--model', server.url, ...more];

test('a program gets the answer as it was written, and the kind that it asks for', async () => {
  assert.deepEqual(linesOf(await runCommand(args(), options)), [written]);
  assert.deepEqual(linesOf(await runCommand(args('--show', 'table'), options)), columns);
  assert.deepEqual(linesOf(await runCommand(args('--show', 'table', '--raw'), options)), [written]);
});

test('a person gets the table in columns', async t => {
  if (!hasTerminal()) return t.skip('there is no program here that gives a command a terminal');
  const shown = await onTerminal(args(), options);
  for (const line of columns) assert.ok(shown.includes(line), shown);
});

test('JSON says what the answer is, with the places of its cells', async () => {
  const [object] = objectsOf(await runCommand(args('--json'), options));
  const { kind, rows, headerRows, cells, faults } = object?.['answer'] as Record<string, unknown> & {
    cells: Record<string, unknown>[];
  };
  assert.deepEqual([kind, rows, headerRows, faults], ['table', [['Name', 'Price'], ['Milk', '2.50']], 1, undefined]);
  assert.equal(object?.['suffix'], written);
  const box = cells[3]?.['box'] as Record<string, number>;
  assert.equal(box['x1'], 100 / 1024 * Number(object['widthPx']));
});

test('a kind that there is not is refused with those that there are', async () => {
  const { code, stderr } = await runCommand(args('--show', 'spreadsheet'), options);
  assert.equal(code, 2);
  assert.match(stderr, /--show takes one of text, .*table.*, not "spreadsheet"/);
});

test('a prompt file says what its answers are', async () => {
  const file = folder.at('prompts.paligemma');
  const run = async (setting: string) => {
    writeFileSync(file, `@model ${server.url}\n@image ${samplePath('01.png')}\n${setting}the table\n`);
    return (await runCommand(['file', file], options)).stdout.trimEnd().split('\t')[2];
  };
  assert.equal(await run(''), written);
  assert.equal(await run('@set show table\n'), columns.join('\\n'));
});

test('a molecule is told with its formula and mass, and music line by line', async () => {
  const before = server.kind.answer;
  try {
    server.kind.answer = () => ['CC(=O)Oc1ccccc1C(=O)O'];
    const molecule = (...more: string[]) =>
      runCommand(['run', 'the smiles', samplePath('01.png'), '--model', server.url, ...more], options);
    assert.deepEqual(linesOf(await molecule()), ['CC(=O)Oc1ccccc1C(=O)O']);
    assert.deepEqual(linesOf(await molecule('--show', 'molecule')), ['CC(=O)Oc1ccccc1C(=O)O', 'C9H8O4, 180.16 g/mol']);
    assert.deepEqual(objectsOf(await molecule('--json'))[0]?.['answer'], {
      kind: 'molecule',
      smiles: 'CC(=O)Oc1ccccc1C(=O)O',
      formula: 'C9H8O4',
      mass: 180.159,
      atoms: 13,
    });
    server.kind.answer = () => ['**ekern\t**ekern\n4·c\t4·d\n4·c\n*-\t*-'];
    const music = (...more: string[]) =>
      runCommand(['run', 'the kern', samplePath('01.png'), '--model', server.url, ...more], options);
    assert.deepEqual(linesOf(await music('--show', 'music')), ['**kern\t**kern', '4c\t4d', '4c', '*-\t*-']);
    const [object] = objectsOf(await music('--json'));
    const { spines, faults } = object?.['answer'] as { spines: number; faults: { message: string }[] };
    assert.equal(spines, 2);
    assert.match(faults[0]?.message ?? '', /^Fields in line 3: 1, columns: 2/);
  } finally {
    server.kind.answer = before;
  }
});
