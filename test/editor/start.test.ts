// `npm start` where there is no desktop VS Code: the address that it prints answers with the sample workspace and the
// extension in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { launchBrowser } from '../support/vscodeHost/browser';

const limitMs = 180_000;

test(
  'the page that npm start prints opens the samples with the extension, and Ctrl+C ends it',
  { timeout: limitMs },
  async t => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, [path.resolve('scripts/start.mjs'), '--web'], {
      env: { ...process.env, PALIGEMMA_CACHE: folder.at('cache') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise<number | null>(resolve => child.once('exit', resolve));
    const browser = await launchBrowser();
    t.after(async () => {
      await browser.close();
      child.kill('SIGKILL');
      folder.remove();
    });

    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', line => {
        const found = /^Open (http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+)$/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      void exited.then(code => reject(new Error(`it ended with code ${code} before it printed an address`)));
    });
    assert.equal((await fetch(address)).status, 200);

    const page = await browser.newPage();
    await page.goto(address);
    for (const name of ['pictures', 'demo.paligemma', 'page.md']) {
      await page.locator(
        '.explorer-folders-view .monaco-list-row',
        { hasText: name },
      ).waitFor({ timeout: 60_000 });
    }
    await page.locator('.statusbar-item', { hasText: 'PaliGemma 2' }).waitFor({ timeout: 60_000 });

    child.kill('SIGINT');
    assert.equal(typeof await exited, 'number');
    await assert.rejects(fetch(address), 'nothing listens any more');
  },
);

test('the README says how to start it', () => {
  assert.match(
    readFileSync('README.md', 'utf8'),
    /`npm start` builds it and opens a sample workspace[^]*address on this machine that it prints/,
  );
});
