// PDF documents that are broken or malicious, through the real model host: it never dies, never hangs, and says what is
// wrong with each.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { documentBombs } from '../support/hostile/documents';
import { mutated, truncated, type PictureSample } from '../support/hostile/pictures';
import { sandbox } from '../support/hostile/sandbox';
import { Tally } from '../support/hostile/tally';
import { WatchedHost, type Ended } from '../support/hostile/watchedHost';
import { encryptedPdf, pdf } from '../support/pdfs';
import { samplePath } from '../support/samples';
import { seededRandom } from '../support/seededRandom';

const box = sandbox('documents');
const tally = new Tally();
const good = pdf([
  { lines: ['Rent (cold)', 'is due'], rectangle: [50, 25, 100, 50] },
  { lines: ['Third'], entries: '/Rotate 90 /CropBox [10 10 150 90]' },
]);
const samples: readonly PictureSample[] = [
  { name: 'pages.pdf', bytes: good },
  { name: 'restricted.pdf', bytes: encryptedPdf('') },
];
let host: WatchedHost;
let count = 0;

before(async () => {
  box.watch();
  host = await WatchedHost.start(box);
});
after(async () => {
  tally.print();
  await host.stop();
  box.remove();
});

const thumbnail = (imagePath: string) => host.request('modelHost/thumbnail', { imagePath, maxSidePx: 64 });
const countPages = (imagePath: string) => host.request('modelHost/countPages', { imagePath });
const secondPage = (imagePath: string) => thumbnail(`${imagePath}#page=2`);

const fair = /^(?:done|imageUnreadable|imageUnsupported|imageTooLarge|imageMissing)$/;

async function attack(
  group: string,
  { name, bytes }: PictureSample,
  ways: readonly ((imagePath: string) => Promise<Ended>)[],
): Promise<void> {
  const folder = path.join(box.work, String(count++));
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  for (const way of ways) {
    const ended = await way(file);
    tally.add(group, ended);
    assert.match(ended.outcome, fair, `${group} ${name} ${count}: ${ended.message}\n${host.stderr}`);
    // What stands behind the sentence of a page that cannot be read is what cures it.
    if (ended.outcome !== 'done') assert.match(ended.message, /[.] .*[.]$/, ended.message);
  }
}

/** Each page is drawn in a process of its own. */
async function threeAtATime(group: string, all: readonly PictureSample[]): Promise<void> {
  const queue = [...all.entries()];
  await Promise.all([0, 1, 2].map(async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, sample] = next;
      await attack(group, sample, group === 'bombs' || index % 3 > 0 ? [thumbnail] : [countPages, secondPage]);
    }
  }));
}

test('documents that are cut off are read or refused', async () => {
  await threeAtATime(
    'cut off',
    samples.flatMap((sample, at) =>
      truncated(sample).filter((_, index) => index % 2 === at).map(bytes => ({ ...sample, bytes }))
    ),
  );
});

test('documents with bytes flipped, overwritten, doubled, cut out and put in are read or refused', async () => {
  const random = seededRandom(20_261_130);
  await threeAtATime(
    'mutated',
    samples.flatMap(sample =>
      Array.from({ length: 16 }, () => ({ ...sample, bytes: mutated(Buffer.from(sample.bytes), random) }))
    ),
  );
});

test('documents that unpack, repeat or claim to be huge are drawn within bounds or refused', async () => {
  await threeAtATime('bombs', documentBombs());
});

test('after all that the host is the same process and answers as before', async () => {
  assert.equal(host.exit, undefined);
  assert.equal((await thumbnail(samplePath('01.png'))).outcome, 'done');
  assert.equal((await host.request('modelHost/countPages', { imagePath: samplePath('01.png') })).answer, 1);
});

test('nothing was written outside of the cache, and nothing half-written is left in it', () => {
  assert.deepEqual(box.changes(), []);
});
