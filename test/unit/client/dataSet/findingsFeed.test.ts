import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FindingsFeed } from '../../../../client/src/dataSet/findingsFeed';
import { SetRows } from '../../../../datasets/src/edits/setRows';

test('every line is looked at, also those that change meanwhile, and none twice', async () => {
  const rows = new SetRows(Array.from({ length: 1200 }, (_, at) => `{"image":"${at}.png"}`));
  const looked: number[] = [];
  await new Promise<void>(resolve => {
    const feed = new FindingsFeed({
      rows: () => rows,
      findings: ({ id }) => {
        looked.push(id);
        return [];
      },
      onFound: () => {
        if (feed.isLooking) return;
        if (rows.all.every(({ findings }) => findings !== undefined)) return resolve();
        feed.look();
      },
    });
    feed.look();
    rows.replace(1199, 1, ['{"image":"other.png"}']);
  });
  assert.deepEqual(new Set(looked).size, 1200);
  assert.equal(looked.filter(id => id !== 1200).length, 1199);
});
