import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { test } from 'node:test';
import { whileOpen } from '../../../system/src/descriptors';

/** A system that lets a process open so many files at once. */
class FewDescriptors {
  open = 0;
  refused = 0;

  constructor(private readonly most: number) {}

  readonly opening = async (): Promise<FileHandle> => {
    await Promise.resolve();
    if (this.open >= this.most) {
      this.refused++;
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    }
    this.open++;
    return { close: () => Promise.resolve(void this.open--) } as unknown as FileHandle;
  };
}

test('readings that need more descriptors than there are take turns', async () => {
  const system = new FewDescriptors(3);
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => whileOpen(system.opening, () => Promise.resolve(index))),
  );
  assert.deepEqual(results, Array.from({ length: 50 }, (_, index) => index));
  assert.ok(system.refused > 0);
  assert.equal(system.open, 0);
});

test('where there is none at all they fail, each with the error of the system', async () => {
  const system = new FewDescriptors(0);
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => whileOpen(system.opening, () => Promise.resolve(0))),
  );
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    assert.equal((result.reason as NodeJS.ErrnoException).code, 'EMFILE');
  }
});

test('a reading that fails lets the next one open', async () => {
  const system = new FewDescriptors(1);
  const [failed, done] = await Promise.allSettled([
    whileOpen(system.opening, () => Promise.reject(new Error('damaged'))),
    whileOpen(system.opening, () => Promise.resolve('read')),
  ]);
  assert.deepEqual([failed.status, done.status], ['rejected', 'fulfilled']);
});
