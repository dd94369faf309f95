// `--tiles` and `@set tiles`: parts of a picture as the terminal asks for them and tells of them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Tile } from '../../paligemma/src/runResult';
import { linesOf, objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { drawn, words } from '../support/mosaics';
import { samplePath } from '../support/samples';

const folder = temporaryFolder();
const cache = withDemoModel(folder.at('cache'));
const large = folder.at('large.png');
after(() => folder.remove());

const run = (...args: string[]) => runCommand([...args, '--model', 'demo', '--device', 'cpu'], { cache });
const wordOf = (text: string) => words.find(({ word }) => word === text)!;

before(async () => {
  const { bytes } = await drawn([
    { thing: wordOf('SUN'), x: 180, y: 150, longPx: 200 },
    { thing: wordOf('RED'), x: 750, y: 700, longPx: 200 },
  ], { widthPx: 900, heightPx: 900 });
  writeFileSync(large, bytes);
});

test('a large picture is read in parts, and the JSON tells each with its own answer', async () => {
  const result = await run('ocr', large, '--tiles', '2x2', '--json');
  assert.equal(result.code, 0, result.stderr);
  const [object = {}] = objectsOf(result);
  assert.equal(object['suffix'], 'SUN\nRED');
  const tiles = object['tiles'] as readonly Tile[];
  assert.deepEqual(tiles.map(({ suffix }) => suffix), ['SUN', '', '', 'RED'], 'empty parts are not sent');
  assert.deepEqual(tiles.map(tile => Object.keys(tile)), tiles.map(() => ['x1', 'y1', 'x2', 'y2', 'suffix']));
  assert.deepEqual([tiles[0]?.x1, tiles[0]?.y1, tiles[3]?.x2, tiles[3]?.y2], [0, 0, 900, 900]);
  assert.deepEqual(object['tokenIds'], []);
  assert.ok(!('advisedTiles' in object));
});

test('without the option nothing is cut, and a note says that the text may be too small', async () => {
  const [plain, off] = [await run('ocr', large, '--json'), await run('ocr', large, '--json', '--tiles', 'off')];
  const withoutTimes = (result: typeof plain) => objectsOf(result).map(({ timings: _, ...rest }) => rest);
  assert.deepEqual(withoutTimes(off), withoutTimes(plain));
  const [object = {}] = objectsOf(plain);
  assert.deepEqual([object['tiles'], object['advisedTiles']], [undefined, 9]);
  assert.match(
    plain.stderr,
    /^Note: large\.png has 900 × 900 pixels, and its text may be too small .+ --tiles auto reads it in 9 parts\.$/m,
  );
  const small = await run('ocr', samplePath('11.png'), '--json');
  assert.doesNotMatch(small.stderr, /too small/);
});

test('auto cuts what needs it, and leaves the rest alone', async () => {
  const [object = {}] = objectsOf(await run('ocr', large, '--tiles', 'auto', '--json'));
  assert.equal((object['tiles'] as readonly unknown[]).length, 9);
  const [caption = {}] = objectsOf(await run('caption', large, '--tiles', 'auto', '--json'));
  assert.ok(!('tiles' in caption));
});

test('what is no choice of parts is refused before anything runs, with the number where it is too large', async () => {
  for (const value of ['0x5', '5x0', '3', 'many', '2x2x2', '-1x2', '']) {
    const { code, stderr, stdout } = await run('ocr', large, `--tiles=${value}`);
    assert.deepEqual([code, stdout], [2, '']);
    assert.ok(stderr.includes(`--tiles takes auto, off, or columns and rows such as 3x2, not "${value}".`), stderr);
  }
  const { code, stderr } = await run('ocr', large, '--tiles', '100x100');
  assert.equal(code, 2);
  assert.match(stderr, /--tiles 100x100 would be 10000 parts; a picture is read in 36 at most\./);
});

test('captions and questions are never cut', async () => {
  for (const args of [['caption', large], ['ask', 'what is this?', large]]) {
    const { code, stderr } = await run(...args, '--tiles', '2x2');
    assert.equal(code, 1);
    assert.match(stderr, /Only “ocr”, “detect” and “segment” can be asked of the parts of a picture/);
  }
});

test('a prompt file cuts for the prompts below, and its word goes before that of the command', async () => {
  const file = folder.at('a.paligemma');
  writeFileSync(file, '@image large.png\n@set tiles 2x2\nocr\n');
  const result = await run('file', file, '--tiles', 'off');
  assert.deepEqual([result.code, linesOf(result)[0]?.split('\t').at(-1)], [0, 'SUN\\nRED'], result.stderr);
  writeFileSync(file, '@image large.png\ncaption en\nocr\n');
  const both = await run('file', file, '--tiles', '2x2', '--json');
  assert.equal(both.code, 0, both.stderr);
  assert.deepEqual(objectsOf(both).map(object => 'tiles' in object), [false, true], 'the command means who can be cut');
});
