import assert from 'node:assert/strict';
import test from 'node:test';
import { loadGreyPng } from '../../../model-host/src/image/load';
import { greyPng } from '../../../model-host/src/image/png';
import { uniteMasks } from '../../../model-host/src/output/uniteMasks';

async function maskOf(width: number, height: number, inside: readonly number[]) {
  const data = new Uint8Array(width * height);
  for (const at of inside) data[at] = 255;
  return { width, height, png: (await greyPng(data, width, height)).toString('base64') };
}

test('inside the united mask is what is inside any of them', async () => {
  const masks = await Promise.all([[0, 1], [1, 2], [11]].map(inside => maskOf(4, 3, inside)));
  const { width, height, png } = await uniteMasks(masks);
  const { data } = await loadGreyPng(Buffer.from(png, 'base64'));
  assert.deepEqual([width, height], [4, 3]);
  assert.deepEqual([...data.keys()].filter(at => data[at] === 255), [0, 1, 2, 11]);
  assert.deepEqual(new Set(data), new Set([0, 255]));
});

test('masks of several sizes, or none, are no masks of one picture', async () => {
  await assert.rejects(uniteMasks([]), RangeError);
  await assert.rejects(uniteMasks([await maskOf(4, 3, [0]), await maskOf(3, 4, [0])]), RangeError);
  await assert.rejects(uniteMasks([await maskOf(4, 3, [0]), { ...await maskOf(3, 4, [0]), width: 4, height: 3 }]), {
    message: /not of the size that it claims/,
  });
  await assert.rejects(uniteMasks([await maskOf(4, 3, [0]), await maskOf(4, 3, [1])], AbortSignal.abort()), {
    name: 'AbortError',
  });
});
