/** What a screen reader reads of a page, beside what it is known to read. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';

const folder = path.resolve('test/fixtures/readAloud');

/**
 * Reads the tree of a page aloud and compares it with the one that was last found right by a person. Where the page is
 * meant to have changed: remove the file, run the test once, and read the new one.
 * @param body Of the page.
 */
export async function assertReadsAs(name: string, body: Locator): Promise<void> {
  const tree = (await body.ariaSnapshot())
    .replaceAll(/\d+[.,]\d+ s\b/g, '0.0 s')
    // It fades.
    .replaceAll(/^ *- status: Copied\n/gm, '')
    .replaceAll(/(slider "Sureness"): "\d+"/g, '$1')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:80')
    .replaceAll(/Confidence \d+ of 100/g, 'Confidence 0 of 100')
    .replaceAll(/\w{3} \d{1,2}, \d{4}, \d{1,2}:\d{2} [AP]M/g, 'Jan 1, 2026, 1:00 PM');
  const file = path.join(folder, `${name}.yml`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${tree}\n`);
    assert.fail(`${file} is new: read it, and run the test again`);
  }
  assert.equal(`${tree}\n`, readFileSync(file, 'utf8'), `${name} is read otherwise than ${file} has it`);
}
