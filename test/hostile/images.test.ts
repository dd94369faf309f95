// Pictures that are broken or malicious, through the real model host: it never dies, never hangs, and says what is
// wrong with each.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import type { GenerateResult, ThumbnailResult } from '../../model-host/src/contract/protocol';
import { loadImage } from '../../model-host/src/image/load';
import { parseHeader } from '../../server/src/workspace/imageHeader';
import { greedySvgs, nosySvgs, polyglots, sizeBombs } from '../support/hostile/bombs';
import { mutated, pictureSamples, truncated, type PictureSample } from '../support/hostile/pictures';
import { sandbox } from '../support/hostile/sandbox';
import { Tally } from '../support/hostile/tally';
import { WatchedHost, type Ended } from '../support/hostile/watchedHost';
import { samplePath } from '../support/samples';
import { seededRandom } from '../support/seededRandom';

const demo = {
  path: path.resolve('model-host/demo-model/paligemma2-demo-224'),
  weights: 'int4',
  device: 'cpu',
  attention: 'full',
} as const;
/**
 * A picture at the limit of pixels takes 0.8 GB as RGB and the decoder's own share; the rest is room for the runtime.
 */
const MOST_MIB = 2000;
const box = sandbox('images');
const tally = new Tally();
let host: WatchedHost;
let samples: PictureSample[] = [];
let count = 0;

before(async () => {
  box.watch();
  samples = await pictureSamples(seededRandom(20_260_101));
  host = await WatchedHost.start(box);
  assert.equal((await generate(samplePath('01.png'))).outcome, 'done');
});
after(async () => {
  tally.print();
  await host.stop();
  box.remove();
});

function generate(imagePath: string): Promise<Ended> {
  return host.request('modelHost/generate', {
    model: demo,
    imagePath,
    prefix: 'caption en',
    maxNewTokens: 1,
    locDivisor: 1024,
    progressToken: '',
  });
}

function thumbnail(imagePath: string): Promise<Ended> {
  return host.request('modelHost/thumbnail', {
    imagePath,
    maxSidePx: 64,
    regions: [{ label: '<b>&', box: { x1: 1, y1: 1, x2: 9, y2: 9 } }],
  });
}

function overlay(imagePath: string): Promise<Ended> {
  return host.request('modelHost/overlay', {
    imagePath,
    regions: [],
    outPath: path.join(box.cache, `overlay-${count}.png`),
  });
}

/** A new file each time: nothing that is known of an earlier one may answer for it. */
function written({ name, bytes }: PictureSample): string {
  const folder = path.join(box.work, String(count++ % 50));
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const fair = /^(?:done|imageUnreadable|imageUnsupported|imageTooLarge|imageEmpty)$/;

async function attack(
  group: string,
  sample: PictureSample,
  ways: readonly ((imagePath: string) => Promise<Ended>)[],
): Promise<void> {
  const file = written(sample);
  for (const way of ways) {
    const ended = await way(file);
    tally.add(group, ended);
    if (!fair.test(ended.outcome)) {
      const kept = path.resolve('out', `hostile-${sample.name}`);
      writeFileSync(kept, sample.bytes);
      assert.fail(`${group} ${sample.name} (kept as ${kept}): ${ended.outcome} ${ended.message}\n${host.stderr}`);
    }
  }
}

/** For SVG, each of which the host draws in a process of its own. */
async function threeAtATime(
  all: readonly PictureSample[],
  each: (sample: PictureSample) => Promise<void>,
): Promise<void> {
  const queue = [...all];
  await Promise.all([0, 1, 2].map(async () => {
    for (let sample = queue.shift(); sample !== undefined; sample = queue.shift()) await each(sample);
  }));
}

test('at least 35 kinds of pictures are tried, and each is read while it is whole', async () => {
  assert.ok(samples.length >= 35, samples.map(({ name }) => name).join(' '));
  for (const sample of samples) {
    const file = written(sample);
    assert.equal((await thumbnail(file)).outcome, 'done', sample.name);
    assert.equal((await overlay(file)).outcome, 'done', sample.name);
  }
});

test('pictures cut off at every sixteenth are read or refused', async () => {
  for (const sample of samples) {
    for (const bytes of truncated(sample)) await attack('cut off', { ...sample, bytes }, [thumbnail, overlay]);
  }
});

test('pictures with bytes flipped, overwritten, doubled, cut out and put in are read or refused', async () => {
  const random = seededRandom(20_260_102);
  for (const sample of samples) {
    // Each HEIC that still looks like one gets a process of its own.
    for (let round = 0; round < (sample.name.endsWith('.heic') ? 15 : 55); round++) {
      await attack('mutated', { ...sample, bytes: mutated(sample.bytes, random) }, [
        round % 4 === 0 ? overlay : thumbnail,
      ]);
    }
  }
});

test('broken pictures on the way to the model are answered or refused', async () => {
  const random = seededRandom(20_260_103);
  for (const sample of samples) {
    for (let round = 0; round < 4; round++) {
      await attack('asked about', { ...sample, bytes: mutated(sample.bytes, random) }, [generate]);
    }
  }
});

test('pictures that unpack to a huge size are read within bounds or refused', async () => {
  for (const sample of await sizeBombs()) await attack('bombs', sample, [thumbnail, overlay, generate]);
});

test('SVG that asks for much time and memory is drawn within bounds or refused', async () => {
  const slow = /-(?:usesInDefs|masks|big)\./;
  await threeAtATime(
    greedySvgs(),
    sample => attack('greedy SVG', sample, slow.test(sample.name) ? [thumbnail] : [thumbnail, overlay]),
  );
});

test('files that pass for several formats, and bare signatures, are read or refused', async () => {
  for (const sample of await polyglots()) await attack('polyglots', sample, [thumbnail, overlay, generate]);
});

test('SVG sees no file and no address, whichever way it asks', async () => {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const secret = path.join(box.work, 'secret.png');
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#fe0102' } }).png().toFile(secret);
  try {
    await threeAtATime(nosySvgs(secret, `http://127.0.0.1:${(server.address() as AddressInfo).port}`), async sample => {
      await attack('nosy SVG', sample, [thumbnail]);
      const drawn = await loadImage(written(sample)).catch(() => undefined);
      for (let at = 0; drawn !== undefined && at < drawn.data.length; at += 3) {
        assert.ok(
          !(drawn.data[at] === 0xfe && drawn.data[at + 1] === 1 && drawn.data[at + 2] === 2),
          `the secret picture shows in ${sample.bytes.toString()}`,
        );
      }
    });
    assert.deepEqual(requests, []);
  } finally {
    server.close();
  }
});

test('the header reader of the server takes any bytes', () => {
  const random = seededRandom(20_260_104);
  for (const sample of samples) {
    for (const bytes of truncated(sample)) parseHeader(bytes);
    for (let round = 0; round < 300; round++) {
      const { widthPx, heightPx } = parseHeader(mutated(sample.bytes, random));
      assert.equal(widthPx === undefined, heightPx === undefined);
      if (widthPx !== undefined) assert.ok(Number.isSafeInteger(widthPx) && widthPx > 0, `${sample.name}: ${widthPx}`);
      tally.add('header', { outcome: 'done', elapsedMs: 0 });
    }
  }
});

test('after all that the host is the same process, answers as before, and has stayed within bounds', async () => {
  assert.equal(host.exit, undefined);
  const good = await generate(samplePath('01.png'));
  assert.equal(good.outcome, 'done');
  assert.equal((good.answer as GenerateResult).tokenIds.length, 1);
  const small = await thumbnail(samplePath('01.png'));
  assert.ok((small.answer as ThumbnailResult).path.startsWith(box.cache));
  if (host.peakMiB !== undefined) {
    console.log(`  the host's peak: ${Math.round(host.peakMiB)} MiB`);
    assert.ok(host.peakMiB < MOST_MIB, `${host.peakMiB} MiB`);
  }
});

test('nothing was written outside of the cache, and nothing half-written is left in it', () => {
  assert.deepEqual(box.changes(), []);
});
