// The example of the documentation gives the answers that stand in it and in the guide.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { linesOf, runCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';

const cache = temporaryFolder();
withDemoModel(cache.path);
after(() => cache.remove());
const example = 'docs/examples/shapes.paligemma';

test('the example runs and gives what it expects, as the guide prints it', async () => {
  const result = await runCommand(['file', example, '--device', 'cpu'], { cache: cache.path });
  assert.equal(result.code, 0, result.stderr);
  const lines = linesOf(result);
  assert.equal(lines.length, 5);
  const guide = readFileSync('docs/guides/prompts.md', 'utf8');
  for (const line of lines.slice(0, 2)) assert.ok(guide.includes(`\n${line}\n`), line);
});

test('the check that the guide recommends for CI passes', async () => {
  const command = /^paligemma (file docs\/examples\/.* --no-cache)$/m.exec(
    readFileSync('docs/guides/prompts.md', 'utf8'),
  )?.[1];
  assert.ok(command !== undefined, 'the guide names the command');
  const result = await runCommand(command.split(' '), { cache: cache.path });
  assert.equal(result.code, 0, result.stderr);
});
