import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { ThumbnailParams } from '../../../../model-host/src/contract/protocol';
import { Failure } from '../../../../paligemma/src/failures';
import { Thumbnails } from '../../../../server/src/lsp/pictures/thumbnails';
import { temporaryFolder } from '../../../support/temporary';

const sha256 = 'a'.repeat(64);

test('equal pictures share the work on their small copy, and the failure of each names its own file', async () => {
  const asked: string[] = [];
  let open = () => {};
  const gate = new Promise<void>(resolve => {
    open = resolve;
  });
  const thumbnails = new Thumbnails({
    cachePath: temporaryFolder('thumbnails'),
    make: async ({ imagePath }: ThumbnailParams) => {
      asked.push(imagePath);
      if (imagePath === '/other.png') throw new Failure('imageEmpty', 'empty');
      await gate;
      throw new Failure('imageUnreadable', `${path.basename(imagePath)} is damaged`);
    },
  });
  const pictures = ['/p/a.png', '/q/b.png'];
  const ends = Promise.allSettled(pictures.map(file => thumbnails.get({ path: file, sha256 }, [])));
  // Others that come through show that those before them had the time to.
  for (const other of ['b', 'c', 'd']) {
    await assert.rejects(thumbnails.get({ path: '/other.png', sha256: other.repeat(64) }, []), {
      reason: 'imageEmpty',
    });
  }
  open();
  assert.deepEqual((await ends).map(end => end.status === 'rejected' && (end.reason as Failure).message), [
    'a.png is damaged',
    'b.png is damaged',
  ]);
  assert.deepEqual(asked.filter(file => file !== '/other.png'), pictures, 'each was looked at once');
});
