import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';

interface Size {
  readonly packed: number;
  readonly unpacked: number;
}
interface Targets {
  readonly checkSize: (name: string, size: Size, maxBytes: Size) => void;
  readonly targetNamed: (name: string) => object;
}

let targets: Targets;
before(async () => {
  targets = await scriptModule<Targets>('packaging/targets.mjs');
});

test('a package within its bounds passes, one beyond either fails with the numbers', () => {
  const bounds = { packed: 10, unpacked: 20 };
  targets.checkSize('a.vsix', { packed: 10, unpacked: 20 }, bounds);
  assert.throws(
    () => targets.checkSize('a.vsix', { packed: 11, unpacked: 20 }, bounds),
    /a\.vsix has 11 bytes, 20 unpacked; at most 10 and 20/,
  );
  assert.throws(() => targets.checkSize('a.vsix', { packed: 1, unpacked: 21 }, bounds), /21 unpacked/);
});

test('names that objects inherit are no platforms', () => {
  assert.throws(() => targets.targetNamed('constructor'), /no package for "constructor"/);
});
