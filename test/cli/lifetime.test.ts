// What happens to a run when something dies or is interrupted, and when two runs want the same at once.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { filesBelow, linesOf, objectsOf, runCommand, startCommand, temporaryFolder } from '../support/commandLine';
import type { RunningCommand } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { childrenOf, isAlive, until } from '../support/processes';
import { recordedAnswer, sampleImages, samplePath } from '../support/samples';

const folder = temporaryFolder();
const cache = withDemoModel(folder.at('cache'));
after(() => folder.remove());

const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];
const images = sampleImages.map(samplePath);
/** For a process to be gone; generous, because the machine may be busy. */
const goneMs = 20_000;
const skip = process.platform === 'linux' ? false : 'looks at processes through /proc';

async function hostOf({ child }: RunningCommand): Promise<number> {
  return until('the model host', 20_000, () => childrenOf(child.pid ?? 0, 'model-host')[0]);
}

test('the same run twice at once, on an empty cache: both get the answer, and the cache is good afterwards', async () => {
  const args = ['caption', samplePath('01.png'), ...exact];
  const own = folder.at('shared');
  const results = await Promise.all([runCommand(args, { cache: own }), runCommand(args, { cache: own })]);
  for (const result of [...results, await runCommand([...args, '--no-cache'], { cache: own })]) {
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, `${recordedAnswer('01.png', 'caption en')}\n`);
  }
});

describe('the model host is killed', { skip }, () => {
  /** When it is killed: the moment is there when this is true. Answers that are complete by then were printed. */
  const moments: readonly (readonly [name: string, cache: string, isThere: (command: RunningCommand) => boolean])[] = [
    ['as soon as it is there', cache, () => true],
    [
      'while it converts the model',
      folder.at('converting'),
      () => filesBelow(folder.at('converting')).some(file => file.endsWith('.data')),
    ],
    ['after the first answer', cache, command => linesOf(command.output()).length >= 1],
    ['after six answers', cache, command => linesOf(command.output()).length >= 6],
  ];
  for (const [name, ownCache, isThere] of moments) {
    test(`${name}: the run that it had fails and says so, the others are answered by a new host`, async () => {
      const command = startCommand(['describe', ...images, ...exact, '--json', '--no-cache'], { cache: ownCache });
      const host = await hostOf(command);
      await until('the moment', 60_000, () => isThere(command) ? true : undefined);
      process.kill(host, 'SIGKILL');
      const result = await command.ended;
      const objects = objectsOf(result);
      assert.deepEqual(objects.map(object => object['image']), images, 'one line a picture');
      const failures = objects.filter(object => 'error' in object) as {
        readonly error: { readonly code: number; readonly message: string };
      }[];
      // A kill between two pictures hits nobody.
      assert.ok(failures.length <= 1, JSON.stringify(failures));
      for (const { error } of failures) {
        assert.ok(
          error.code === failureTable.hostExited.code || error.code === failureTable.hostUnavailable.code,
          JSON.stringify(error),
        );
      }
      for (const [index, object] of objects.entries()) {
        if (!('error' in object)) {
          assert.equal(object['suffix'], recordedAnswer(sampleImages[index] ?? '', 'describe en'));
        }
      }
      assert.equal(result.code, failures.length > 0 ? 1 : 0, result.stderr);
    });
  }

  test('the next command works', async () => {
    const result = await runCommand(['caption', samplePath('01.png'), ...exact, '--no-cache'], { cache });
    assert.deepEqual(linesOf(result), [recordedAnswer('01.png', 'caption en')], result.stderr);
  });
});

describe('the command is ended', { skip }, () => {
  test('by Ctrl+C: it ends without the pictures that are left, its host with it, and what was printed is whole lines', async () => {
    const command = startCommand(['describe', ...images, ...exact, '--no-cache'], { cache });
    const host = await hostOf(command);
    await until('the first answer', 60_000, () => command.output().stdout.includes('\n') ? true : undefined);
    command.child.kill('SIGINT');
    const result = await command.ended;
    assert.ok(linesOf(result).length < images.length, 'the pictures that are left are not waited for');
    assert.ok(result.code === 130 || result.signal === 'SIGINT', `exit code ${result.code}, signal ${result.signal}`);
    assert.match(result.stdout, /\n$/);
    assert.doesNotMatch(result.stderr, /\n\s+at /, 'no stack');
    await until('the end of the host', goneMs, () => isAlive(host) ? undefined : true);
  });

  test('by force: its host does not stay behind', async () => {
    const command = startCommand(['describe', ...images, ...exact, '--no-cache'], { cache });
    const host = await hostOf(command);
    await until('the first answer', 60_000, () => command.output().stdout.includes('\n') ? true : undefined);
    command.child.kill('SIGKILL');
    await command.ended;
    await until('the end of the host', goneMs, () => isAlive(host) ? undefined : true);
  });

  test('while it converts: the next command starts clean', async () => {
    const own = folder.at('interrupted');
    const command = startCommand(['caption', samplePath('01.png'), ...exact], { cache: own });
    process.kill(await hostOf(command), 'SIGKILL');
    command.child.kill('SIGKILL');
    await command.ended;
    const result = await runCommand(['caption', samplePath('01.png'), ...exact], { cache: own });
    assert.equal(result.stdout, `${recordedAnswer('01.png', 'caption en')}\n`, result.stderr);
  });
});
