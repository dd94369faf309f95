// Pictures and prompt files by every way that a shell has: pipes, patterns, folders, lists.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { linesOf, objectsOf, runCommand, startCommand, temporaryFolder } from '../support/commandLine';
import type { CommandOptions, CommandResult } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { until } from '../support/processes';
import { recordedAnswer, samplePath } from '../support/samples';

const folder = temporaryFolder();
const cache = folder.at('cache');
withDemoModel(cache);
after(() => folder.remove());

const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];
const caption = (words: readonly string[], options: Partial<CommandOptions> = {}) =>
  runCommand(['caption', ...words, ...exact], { cache, ...options });
const answerOf = (name: string) => recordedAnswer(name, 'caption en');
const isWindows = process.platform === 'win32';

function succeeded(result: CommandResult): CommandResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

describe('pipes', () => {
  const picture = readFileSync(samplePath('01.png'));

  test('- is the picture that comes on standard input, and nothing of it stays', async () => {
    const env = { TMPDIR: folder.at('temporary'), TEMP: folder.at('temporary'), TMP: folder.at('temporary') };
    mkdirSync(env.TMPDIR);
    const result = succeeded(await caption(['-'], { input: picture, env }));
    assert.deepEqual(linesOf(result), [answerOf('01.png')]);
    assert.deepEqual(readdirSync(env.TMPDIR), []);
  });

  test('in the column of paths and in JSON it is called -', async () => {
    const result = succeeded(await caption(['-', samplePath('02.png')], { input: picture }));
    assert.deepEqual(linesOf(result), [`-\t${answerOf('01.png')}`, `${samplePath('02.png')}\t${answerOf('02.png')}`]);
    const [object] = objectsOf(succeeded(await caption(['-', '--json'], { input: picture })));
    assert.deepEqual([object?.['image'], object?.['suffix']], ['-', answerOf('01.png')]);
  });

  test('a pipe with nothing in it fails by itself', async () => {
    const result = await caption(['-', samplePath('02.png')], { input: '' });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /Nothing came through “-”.*error 1004/);
    assert.deepEqual(linesOf(result), [`${samplePath('02.png')}\t${answerOf('02.png')}`]);
  });

  test('a pipe that never ends is ended by Ctrl+C', async t => {
    if (isWindows) return t.skip('Windows has no SIGINT for other processes');
    const temporary = folder.at('endless');
    mkdirSync(temporary);
    const command = startCommand(['caption', '-', ...exact], {
      cache,
      input: picture,
      keepsInputOpen: true,
      env: { TMPDIR: temporary },
    });
    // Signals are listened to before anything is read.
    await until('the folder for the picture', 60_000, () => readdirSync(temporary).length > 0 ? true : undefined);
    command.child.kill('SIGINT');
    const result = await command.ended;
    assert.deepEqual([result.code, result.stdout], [130, ''], result.stderr);
    assert.deepEqual(readdirSync(temporary), [], 'nothing of it stays');
  });

  test('a named pipe and one of a shell are pictures', t => {
    if (isWindows || spawnSync('bash', ['--version']).status !== 0) return t.skip('no bash here');
    const words = exact.join(' ');
    const { stdout, stderr } = spawnSync('bash', [
      '-c',
      `mkfifo "$FIFO" && { cat "$ONE" > "$FIFO" & } && "$NODE" dist/cli.js caption "$FIFO" <(cat "$TWO") ${words}`,
    ], {
      encoding: 'utf8',
      env: {
        ...process.env,
        PALIGEMMA_CACHE: cache,
        NODE: process.execPath,
        FIFO: folder.at('pipe'),
        ONE: samplePath('01.png'),
        TWO: samplePath('02.png'),
      },
    });
    assert.deepEqual(linesOf({ stdout }).map(line => line.split('\t')[1]), ['01.png', '02.png'].map(answerOf), stderr);
  });

  test('a prompt file comes on standard input, its paths from the current folder', async () => {
    const result = succeeded(
      await runCommand(['file', '-', ...exact], {
        cache,
        cwd: samplePath('.'),
        input: '@image 01.png\ncaption en\n',
      }),
    );
    assert.deepEqual(linesOf(result), [`01.png\tcaption en\t${answerOf('01.png')}`]);
  });
});

test('a prompt file in UTF-16, as PowerShell writes it', async () => {
  copyFileSync(samplePath('01.png'), folder.at('ü.png'));
  const text = Buffer.from('\ufeff@image ü.png\r\ncaption en\r\n', 'utf16le');
  for (const [name, bytes] of [['little', text], ['big', Buffer.from(text).swap16()]] as const) {
    writeFileSync(folder.at(`${name}.paligemma`), bytes);
    const result = succeeded(
      await runCommand(['file', `${name}.paligemma`, ...exact], { cache, cwd: folder.path }),
    );
    assert.deepEqual(linesOf(result), [`ü.png\tcaption en\t${answerOf('01.png')}`]);
  }
});

describe('the column of paths', () => {
  test('one picture that is named gives its answer alone, unless --with-path asks for more', async () => {
    assert.deepEqual(linesOf(succeeded(await caption([samplePath('01.png')]))), [answerOf('01.png')]);
    assert.deepEqual(linesOf(succeeded(await caption([samplePath('01.png'), '--with-path']))), [
      `${samplePath('01.png')}\t${answerOf('01.png')}`,
    ]);
  });

  test('patterns, folders and lists give it for a single picture too', async () => {
    mkdirSync(folder.at('one'));
    copyFileSync(samplePath('01.png'), folder.at('one', 'a.png'));
    const shown = isWindows ? 'one\\a.png' : 'one/a.png';
    const runs: readonly (readonly [words: readonly string[], input: string, shown: string])[] = [
      [['one/*.png'], '', shown],
      [['--recursive', 'one'], '', shown],
      [['--files-from', '-'], 'one/a.png\0', 'one/a.png'],
    ];
    for (const [words, input, image] of runs) {
      const result = succeeded(await caption(words, { input, cwd: folder.path }));
      assert.deepEqual(linesOf(result), [`${image}\t${answerOf('01.png')}`], words.join(' '));
    }
  });
});

test('an address is refused in its turn, and the other pictures run', async () => {
  const words = ['https://example.org/a.png', samplePath('01.png'), '--json'];
  const [refused, answered] = objectsOf(await caption(words));
  assert.equal(refused?.['image'], 'https://example.org/a.png');
  assert.equal((refused['error'] as { readonly code: number }).code, 1501);
  assert.equal(answered?.['suffix'], answerOf('01.png'));
});

test('standard input named twice, and an empty name, are mistakes of usage', async () => {
  for (const words of [['-', '-'], ['-', '--files-from', '-'], ['']]) {
    const result = await caption(words);
    assert.deepEqual([result.code, result.stdout], [2, ''], words.join(' '));
  }
});

test('~ is the home folder where no shell has seen it', async () => {
  const result = await caption(['~/nothing of this name.png'], {
    env: { HOME: folder.path, USERPROFILE: folder.path },
  });
  assert.equal(result.code, 1);
  assert.ok(result.stderr.includes(folder.at('nothing of this name.png')), result.stderr);
});
