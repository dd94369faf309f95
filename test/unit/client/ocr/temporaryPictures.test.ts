import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { TemporaryPictures } from '../../../../client/src/images/temporaryPictures';

const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-pictures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a picture has a file for as long as it is worked on, also where the work fails', async () => {
  const pictures = new TemporaryPictures(folder);
  const seen = await pictures.with(Uint8Array.of(1, 2, 3), 'image/jpeg', imagePath => {
    assert.deepEqual([...readFileSync(imagePath)], [1, 2, 3]);
    return Promise.resolve(imagePath);
  });
  assert.match(seen, /\.jpg$/);
  assert.ok(!existsSync(seen));
  for (const [name, ending] of [['a/b.TIFF', '.tiff'], ['a.b/c', '.png'], ['x.p/../n', '.png']] as const) {
    assert.ok(
      (await pictures.with(Uint8Array.of(1), { name }, imagePath => Promise.resolve(imagePath))).endsWith(ending),
      name,
    );
  }
  await assert.rejects(pictures.with(Uint8Array.of(1), 'image/x-unknown', () => Promise.reject(new Error('no'))), /no/);
  assert.deepEqual(readdirSync(folder), []);
});

test('what an earlier window left behind is removed after an hour', async () => {
  const [old, recent] = [path.join(folder, 'old.png'), path.join(folder, 'recent.png')];
  writeFileSync(old, '');
  writeFileSync(recent, '');
  const longAgo = new Date(Date.now() - 2 * 3600_000);
  utimesSync(old, longAgo, longAgo);
  await new TemporaryPictures(folder).with(Uint8Array.of(1), 'image/png', () => Promise.resolve());
  assert.deepEqual(readdirSync(folder), ['recent.png']);
});
