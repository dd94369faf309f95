import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { readNpz } from '../../../model-host/src/output/npz';
import { golden, random } from '../image/support';
import { npyFile, zipFile } from './zipFiles';

const all = () => true;
const LIMIT = 1 << 20;
const numbers = Float32Array.of(1, -2.5, 3, 4, 5, 6);
const array = npyFile([2, 3], numbers);

test('stored and deflated arrays are read, others are left alone', () => {
  const file = zipFile([
    { name: 'a.npy', content: array },
    { name: 'b.npy', content: array, isDeflated: true },
    { name: 'doubles.npy', content: npyFile([6], Float64Array.from(numbers)) },
    { name: 'skipped.npy', content: Buffer.from('rubbish') },
    { name: 'read.me', content: Buffer.from('text') },
  ], 'a comment');
  const arrays = readNpz(file, name => name !== 'skipped', LIMIT);
  assert.deepEqual([...arrays.keys()], ['a', 'b', 'doubles']);
  for (const name of ['a', 'b', 'doubles']) assert.deepEqual(arrays.get(name)?.data, numbers);
  assert.deepEqual(arrays.get('a')?.shape, [2, 3]);
  assert.deepEqual(arrays.get('doubles')?.shape, [6]);
});

test('a file that numpy wrote is read', async () => {
  const arrays = readNpz(
    await readFile(golden('mask-decoder/decoder.npz')),
    name => name.endsWith('_embedding'),
    LIMIT,
  );
  assert.deepEqual(arrays.get('_vq_vae._embedding')?.shape, [128, 512]);
});

const faults: readonly (readonly [string, Buffer, RegExp])[] = [
  ['no zip at all', Buffer.from('PK, but not really a zip file'), /no zip file/],
  ['an empty file', Buffer.alloc(0), /no zip file/],
  ['a wrong checksum', zipFile([{ name: 'a.npy', content: array, claims: { check: 1 } }]), /a\.npy is damaged/],
  ['an unknown method', zipFile([{ name: 'a.npy', content: array, claims: { method: 12 } }]), /unknown method \(12\)/],
  [
    'a size beyond the limit',
    zipFile([{ name: 'a.npy', content: array, claims: { unpackedBytes: 2 ** 31 } }]),
    /claims 2147483648 bytes/,
  ],
  [
    'an offset outside the file',
    zipFile([{ name: 'a.npy', content: array, claims: { localOffset: 0xfffffff0 } }]),
    /not where the directory says/,
  ],
  [
    'more data than claimed',
    zipFile([{ name: 'a.npy', content: Buffer.alloc(100_000), isDeflated: true, claims: { unpackedBytes: 10 } }]),
    /damaged/,
  ],
  ['no deflate stream', zipFile([{ name: 'a.npy', content: array, claims: { method: 8 } }]), /damaged/],
  ['no numpy array', zipFile([{ name: 'a.npy', content: Buffer.from('hello, hello, hello') }]), /no numpy array/],
  [
    'a strange type',
    zipFile([{
      name: 'a.npy',
      content: npyFile([6], numbers, "{'descr': '|O', 'fortran_order': False, 'shape': (6,), }"),
    }]),
    /holds \|O/,
  ],
  [
    'columns first',
    zipFile([{
      name: 'a.npy',
      content: npyFile([6], numbers, "{'descr': '<f4', 'fortran_order': True, 'shape': (6,), }"),
    }]),
    /by columns/,
  ],
  [
    'a shape too large',
    zipFile([{ name: 'a.npy', content: npyFile([7], numbers) }]),
    /24 bytes where its shape needs 28/,
  ],
];
for (const [what, file, message] of faults) {
  test(`a file with ${what} is refused`, () => {
    assert.throws(() => readNpz(file, all, LIMIT), { message });
  });
}

test('a file cut off anywhere, or with bytes changed, is refused or read right, never worse', () => {
  const file = zipFile([{ name: 'a.npy', content: array, isDeflated: true }, { name: 'b.npy', content: array }]);
  for (let length = 0; length < file.length; length++) {
    assert.throws(() => readNpz(file.subarray(0, length), all, LIMIT), Error);
  }
  const draw = random(7);
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const broken = Buffer.from(file);
    for (let i = 0; i < 3; i++) broken[Math.floor(draw() * broken.length)] = Math.floor(draw() * 256);
    try {
      for (const { data } of readNpz(broken, all, LIMIT).values()) assert.deepEqual(data, numbers);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(error instanceof Error);
      refused++;
    }
  }
  assert.ok(refused > 500);
});
