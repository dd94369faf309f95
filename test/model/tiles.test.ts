// Large pictures read in parts by the demo model: each thing once, whatever the offsets, and across seams.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { readGreyPng } from '../../paligemma/src/answers/greyPng';
import type { Box } from '../../paligemma/src/facts';
import type { RunResult } from '../../paligemma/src/runResult';
import type { TileChoice } from '../../paligemma/src/tileChoice';
import { defaultSettings } from '../../server/src/contract/settings';
import { bundlePaths, createRunServices } from '../../server/src/runs/runServices';
import { silentLog } from '../../server/src/util/log';
import { withDemoModel } from '../support/demoCache';
import { drawn, mosaic, objects, words, type Mosaic, type PlacedThing } from '../support/mosaics';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('tiles-model');
const services = createRunServices({
  ...bundlePaths(path.resolve('dist'), {}),
  cachePath: withDemoModel(path.join(folder, 'cache')),
  settings: () => ({ ...defaultSettings, device: 'cpu' as const }),
  log: silentLog,
});
after(() => services.host.stop('The tests are done.'));

async function read(name: string, { bytes }: Mosaic, prompt: string, tiles: TileChoice): Promise<RunResult> {
  const imagePath = path.join(folder, `${name}.png`);
  writeFileSync(imagePath, bytes);
  const model = await services.runner.prepare({ name: 'demo' });
  return services.runner.run(
    { model, imagePath, prompt, tiles, priority: 'command', useStore: true },
    () => undefined,
    CancellationToken.None,
  );
}

interface Found {
  once: number;
  twice: number;
  missed: number;
}

/** A word is found as often as it was read, where it stands that often. */
function foundWords(things: readonly PlacedThing[], text: string): Found {
  const found: Found = { once: 0, twice: 0, missed: 0 };
  const read = text.split(/\s+/);
  for (const word of new Set(things.map(({ label }) => label))) {
    const there = things.filter(({ label }) => label === word).length;
    const times = read.filter(other => other === word).length;
    found.once += Math.min(there, times);
    found.twice += Math.max(0, times - there);
    found.missed += Math.max(0, there - times);
  }
  return found;
}

function foundObjects(things: readonly PlacedThing[], { regions }: RunResult): Found {
  const found: Found = { once: 0, twice: 0, missed: 0 };
  for (const { label, box } of things) {
    const times = regions.filter(region => region.label === label && overlap(region.box, box) >= 0.5).length;
    found[times === 0 ? 'missed' : times === 1 ? 'once' : 'twice']++;
  }
  return found;
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const area = ({ x1, y1, x2, y2 }: Box) => (x2 - x1) * (y2 - y1);
  return width * height / (area(a) + area(b) - width * height);
}

/** The demo model misreads some of the things that it sees alone; nothing is lost, or told twice, beyond that. */
const MOST_MISSED = 0.25;

describe('of a mosaic of things at random places', () => {
  for (const side of [2, 3, 4, 5]) {
    test(`with ${side} × ${side} words each is read once, and as a whole none`, async context => {
      const picture = await mosaic(words, side, side);
      const whole = await read(`words-${side}`, picture, 'ocr', 'off');
      assert.equal(whole.tiles, undefined);
      const found = foundWords(picture.things, (await read(`words-${side}`, picture, 'ocr', `${side}x${side}`)).text);
      context.diagnostic(`words ${side} × ${side}: ${JSON.stringify(found)}`);
      assert.equal(found.twice, 0);
      assert.ok(found.missed <= MOST_MISSED * picture.things.length, JSON.stringify(found));
      assert.ok(foundWords(picture.things, whole.text).once < found.once, 'else it had no need to be cut');
    });

    test(`with ${side} × ${side} objects each is found once`, async context => {
      const picture = await mosaic(objects, side, side);
      const prompt = 'detect star ; circle ; heart ; triangle';
      const result = await read(`objects-${side}`, picture, prompt, `${side}x${side}`);
      const found = foundObjects(picture.things, result);
      context.diagnostic(`objects ${side} × ${side}: ${JSON.stringify(found)}`);
      assert.equal(found.twice, 0);
      assert.ok(found.missed <= Math.max(1, 2 * MOST_MISSED * picture.things.length), JSON.stringify(found));
      assert.ok(foundObjects(picture.things, await read(`objects-${side}`, picture, prompt, 'off')).once < found.once);
    });
  }
});

test('a star that is dragged across the seam is one star at every place', async () => {
  const [star] = objects;
  const heart = objects.find(({ detect }) => detect.endsWith('heart'));
  assert.ok(star !== undefined && heart !== undefined);
  for (let x = 240; x <= 560; x += 40) {
    const picture = await drawn([
      { thing: star, x, y: 110, longPx: 160 },
      // It covers every column near the middle, so that the cut cannot evade.
      { thing: heart, x: 400, y: 300, longPx: 190 },
    ], { widthPx: 800, heightPx: 400 });
    const result = await read(`dragged-${x}`, picture, 'detect star ; heart', '2x1');
    assert.deepEqual(result.tiles?.map(({ x1, x2 }) => x2 - x1), [440, 440, 800], 'the parts overlap, and the whole');
    const found = foundObjects(picture.things, result);
    assert.equal(found.twice, 0, `at ${x}: ${JSON.stringify(result.regions)}`);
    assert.equal(found.once, 2, `at ${x}: ${JSON.stringify({ regions: result.regions, tiles: result.tiles })}`);
  }
});

test('a star across the seam has one mask, in which the pieces of both parts are united', async () => {
  const [star] = objects;
  const heart = objects.find(({ detect }) => detect.endsWith('heart'));
  assert.ok(star !== undefined && heart !== undefined);
  // Where the demo model sees both pieces.
  const picture = await drawn([
    { thing: star, x: 420, y: 110, longPx: 160 },
    { thing: heart, x: 400, y: 300, longPx: 190 },
  ], { widthPx: 800, heightPx: 400 });
  const { regions: [region, ...others], tiles } = await read('masked', picture, 'segment star', '2x1');
  assert.deepEqual(others, []);
  const { data, width, height } = readGreyPng(region?.mask?.png ?? '');
  assert.deepEqual([width, height], [800, 400]);
  const across = [...data.keys()].filter(at => data[at] !== 0).map(at => at % width);
  const [left, right] = tiles ?? [];
  assert.ok(across.some(x => x < right!.x1), 'what only the left part sees');
  assert.ok(across.some(x => x >= left!.x2), 'what only the right part sees');
});
