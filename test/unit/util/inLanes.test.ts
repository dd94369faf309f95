import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { CancelledError } from '../../../server/src/util/cancellation';
import { inLanes } from '../../../server/src/util/inLanes';

const settled = () => new Promise(resolve => setImmediate(resolve));

function setUp(
  items: readonly string[],
  widths: Readonly<Record<string, number>>,
  token: CancellationToken = CancellationToken.None,
) {
  const inHand = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const begun: string[] = [];
  const whole = inLanes(
    items,
    item => ({ name: item.slice(0, 1), width: () => widths[item.slice(0, 1)] ?? 1 }),
    item => {
      begun.push(item);
      return new Promise<void>((resolve, reject) => inHand.set(item, { resolve, reject }));
    },
    token,
  );
  whole.catch(() => undefined);
  return { inHand, begun, whole };
}

test('each lane in its order, as wide as it is, beside the others', async () => {
  const { inHand, begun, whole } = setUp(['a1', 'a2', 'b1', 'a3', 'b2'], { a: 2, b: 1 });
  assert.deepEqual(begun, ['a1', 'a2', 'b1']);
  inHand.get('a2')?.resolve();
  await settled();
  assert.deepEqual(begun.slice(3), ['a3']);
  for (const item of ['a1', 'a3', 'b1']) inHand.get(item)?.resolve();
  await settled();
  inHand.get('b2')?.resolve();
  await whole;
});

test('after a failure nothing more is begun, and what is in hand is waited for', async () => {
  const { inHand, begun, whole } = setUp(['a1', 'a2', 'a3'], { a: 2 });
  let isOver = false;
  void whole.catch(() => {
    isOver = true;
  });
  inHand.get('a1')?.reject(new Error('no'));
  await settled();
  assert.deepEqual([begun, isOver], [['a1', 'a2'], false]);
  inHand.get('a2')?.resolve();
  await assert.rejects(whole, /no/);
});

test('cancelled: nothing more is begun', async () => {
  const source = new CancellationTokenSource();
  const { inHand, begun, whole } = setUp(['a1', 'a2'], {}, source.token);
  source.cancel();
  inHand.get('a1')?.resolve();
  await assert.rejects(whole, CancelledError);
  assert.deepEqual(begun, ['a1']);
});
