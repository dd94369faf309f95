// Test files in a process of their own and together in one: nothing that is wrong with one is lost, or hides another.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface FileResult {
  readonly file: string;
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number };
  readonly tests: readonly { readonly name: string; readonly ms: number }[];
}
interface NodeTests {
  readonly runTestFiles: (
    files: readonly { readonly file: string; readonly script: string | undefined }[],
    options: {
      readonly limitMs: number;
      readonly isLive: boolean;
      readonly showPasses: boolean;
      readonly print: (text: string) => void;
    },
  ) => Promise<readonly FileResult[]>;
}

const contents = {
  sound: `test('adds', () => {}); test('group', async t => { await t.test('inner', () => {}); });`,
  failing: `test('is wrong', () => { throw new Error('one is not two'); }); test('is right', () => {});`,
  skipping: `test('not here', { skip: 'there is no moon' }, () => {});`,
  unloadable: `throw new Error('cannot be loaded');`,
  empty: '',
  dying: `test('dies', () => process.exit(3));`,
  hanging: `test('ends', () => {}); setInterval(() => {}, 1000);`,
  leaking: `test('sets a variable', () => { process.env.PALIGEMMA_LEAK = '1'; });`,
  tidy:
    `const { before, after } = require('node:test'); let was; before(() => { process.env.PALIGEMMA_LEAK = '1'; }); after(() => { delete process.env.PALIGEMMA_LEAK; }); test('uses a variable', () => {});`,
  strict:
    `test('sees no variable of another file', () => { if (process.env.PALIGEMMA_LEAK !== undefined) throw new Error('seen'); });`,
} as const;

/** Long enough for a process to start on a busy machine; only the file that hangs waits for it. */
const limitMs = 5_000;
mkdirSync('out', { recursive: true });
const folder = mkdtempSync(path.resolve('out', 'runner-'));
let nodeTests: NodeTests;

before(async () => {
  for (const [name, text] of Object.entries(contents)) {
    writeFileSync(path.join(folder, `${name}.cjs`), `const { test } = require('node:test');\n${text}\n`);
  }
  nodeTests = await scriptModule<NodeTests>('testing/nodeTests.mjs');
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  ...names: readonly (keyof typeof contents | 'unbundled')[]
): Promise<{ readonly printed: string; readonly of: (name: string) => FileResult }> {
  let printed = '';
  const results = await nodeTests.runTestFiles(
    names.map(name => ({ file: name, script: name === 'unbundled' ? undefined : path.join(folder, `${name}.cjs`) })),
    { limitMs, isLive: false, showPasses: false, print: text => void (printed += text) },
  );
  assert.deepEqual(results.map(({ file }) => file).sort(), [...names].sort(), 'each file has its result');
  return { printed, of: name => results.find(({ file }) => file === name) ?? assert.fail(name) };
}

for (const beside of [[], ['sound', 'strict']] as const) {
  const where = beside.length === 0 ? 'alone' : 'beside others';

  test(`${where}, what passes is counted and named with its time`, async () => {
    const { of } = await run('sound', ...beside.slice(1));
    assert.deepEqual(of('sound').counts, { passed: 2, failed: 0, skipped: 0 });
    assert.deepEqual(of('sound').tests.map(({ name }) => name), ['adds', 'group › inner']);
    assert.ok(of('sound').tests.every(({ ms }) => ms >= 0));
  });

  test(`${where}, a failed test is told with its reason`, async () => {
    const { of, printed } = await run('failing', ...beside);
    assert.deepEqual(of('failing').counts, { passed: 1, failed: 1, skipped: 0 });
    assert.match(printed, / {2}failing: 1 passed, 1 FAILED, .* s\n {4}FAILED {3}is wrong .*\n.*one is not two/);
  });

  test(`${where}, a skipped test is told with its reason`, async () => {
    const { of, printed } = await run('skipping', ...beside);
    assert.deepEqual(of('skipping').counts, { passed: 0, failed: 0, skipped: 1 });
    assert.match(printed, /not here: there is no moon/);
  });

  for (
    const [name, reason] of [
      ['unloadable', /cannot be loaded/],
      ['empty', /empty: the file holds no test/],
      ['unbundled', /unbundled cannot be bundled/],
    ] as const
  ) {
    test(`${where}, a file that is ${name} fails, and nothing else does`, async () => {
      const { of, printed } = await run(...beside.slice(0, 1), name, ...beside.slice(1));
      assert.equal(of(name).counts.failed, 1);
      assert.match(printed, reason);
      for (const other of beside) assert.equal(of(other).counts.failed, 0, other);
    });
  }
}

test('a file that ends the process fails, and so does what was to follow it', async () => {
  const { of, printed } = await run('sound', 'dying', 'strict');
  assert.equal(of('dying').counts.failed, 1);
  assert.equal(of('strict').counts.failed, 1);
  assert.match(printed, /dying: ended with code 3/);
});

test('a file that keeps the process alive fails the process', async () => {
  const { of, printed } = await run('hanging');
  assert.deepEqual(of('hanging').counts, { passed: 1, failed: 1, skipped: 0 });
  assert.match(printed, /stopped after 5 s, after its last test/);
});

test('a file that changes the environment for those after it fails; one whose hooks undo it does not', async () => {
  const { of, printed } = await run('tidy', 'strict', 'leaking');
  assert.deepEqual(of('tidy').counts, { passed: 1, failed: 0, skipped: 0 });
  assert.deepEqual(of('strict').counts, { passed: 1, failed: 0, skipped: 0 });
  assert.equal(of('leaking').counts.failed, 1);
  assert.match(printed, /leaking changes what the files after it see/);
});
