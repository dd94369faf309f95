// The built command line with a host that plays every way to go wrong: exit codes, streams, signals.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import { distPath } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';
import { withoutProgress } from '../support/progressLines';

const folder = temporaryFolder('cli');
const timeout = 30_000;
const skipSignals = process.platform === 'win32' ? 'Windows has no such signals' : false;
let hostPath = '';
let watch: FakeHostWatch;
let caches = 0;

before(async () => {
  for (const name of ['a.png', 'b.png']) {
    copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(folder, name));
  }
  // Other bytes, so that it is another picture.
  copyFileSync(path.resolve('test/fixtures/golden/images/tiny-8x8.png'), path.join(folder, 'b.png'));
  hostPath = await buildFakeHost(folder);
  watch = await FakeHostWatch.open();
});
after(() => watch.close());

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line in the folder of the pictures, with a cache of its own. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cache = path.join(folder, `cache-${++caches}`);
  const child = spawn(process.execPath, [path.join(distPath, 'cli.js'), ...args], {
    cwd: folder,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: cache, ...watch.environment, ...env },
  });
  let [stdout, stderr] = ['', ''];
  const listeners: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr: withoutProgress(stderr) }));
  });
  /** Resolves once stderr holds `text`. */
  const says = (text: string) =>
    new Promise<void>(resolve => {
      const look = () => {
        if (stderr.includes(text)) resolve();
      };
      listeners.push(look);
      look();
    });
  return { child, ended, says, cache };
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(args, env).ended;
}

/** Without the note that a made-up prompt is not what the demo model knows. */
function unexpected({ stderr }: Ended): string {
  return stderr.replaceAll(/^Note: .*is not a task that the demo model knows.*\n/gm, '');
}

function linesOf({ stdout }: Ended): string[] {
  return stdout.split('\n').slice(0, -1);
}

test(
  'one picture: the answer alone; several: path, tab, answer; the note about the demo model on stderr',
  { timeout },
  async () => {
    const one = await run(['caption', 'a.png']);
    assert.deepEqual([one.code, one.stdout], [0, 'echo: caption en\n']);
    assert.match(one.stderr, /^Note: .*paligemma2-demo-224.*\n$/);
    const both = await run(['run', 'x\ny', 'a.png', './b.png', '--model', 'demo']);
    assert.match(both.stderr, /^Note: “x…?.*is not a task that the demo model knows.*\n$/);
    assert.deepEqual([both.code, both.stdout, unexpected(both)], [0, 'a.png\techo: x\\ny\n./b.png\techo: x\\ny\n', '']);
  },
);

test(
  'what every other picture would meet as well is told once to a person, and for each picture to a program, without another run',
  { timeout },
  async () => {
    const text = await run(['run', 'fail', 'a.png', 'b.png', 'a.png', '--model', 'demo']);
    assert.deepEqual([text.code, text.stdout], [1, '']);
    assert.deepEqual(text.stderr.match(/too long/g)?.length, 1);
    assert.match(text.stderr, /2 more of the 3 runs would fail for the same reason/);
    const json = await run(['run', 'fail', 'a.png', 'b.png', 'a.png', '--model', 'demo', '--json']);
    const failures = linesOf(json).map(line =>
      JSON.parse(line) as { readonly image: string; readonly error: { readonly code: number } }
    );
    assert.deepEqual(
      failures.map(({ image, error }) => [image, error.code]),
      ['a.png', 'b.png', 'a.png'].map(image => [image, failureTable.promptTooLong.code]),
    );
  },
);

test(
  'a crash fails its picture and says so; the next picture starts a new host; exit code 1',
  { timeout },
  async () => {
    const result = await run(['run', 'crashOn a.png', 'a.png', 'b.png', '--json', '--model', 'demo']);
    assert.equal(result.code, 1);
    const [failure, answer] = linesOf(result).map(line =>
      JSON.parse(line) as {
        readonly image: string;
        readonly suffix?: string;
        readonly error?: { readonly code: number; readonly kind: string; readonly message: string };
      }
    );
    assert.deepEqual([failure?.image, failure?.error?.code, failure?.error?.kind], [
      'a.png',
      failureTable.hostExited.code,
      'environment',
    ]);
    assert.match(failure?.error?.message ?? '', /exit code 7/);
    assert.deepEqual([answer?.image, answer?.suffix], ['b.png', 'echo: crashOn a.png']);
    assert.equal(unexpected(result), '');
  },
);

test(
  'a failure in text mode is on stderr with its code, and the other pictures are answered',
  { timeout },
  async () => {
    const result = await run(['caption', 'none.png', 'a.png', '--model', 'demo']);
    assert.deepEqual([result.code, result.stdout], [1, 'a.png\techo: caption en\n']);
    assert.match(result.stderr, /^paligemma: none\.png: There is no picture at .*\(error 1001\)\n$/);
  },
);

test('a model that is not there: one object a picture in JSON, one line in text', { timeout }, async () => {
  const json = await run(['caption', 'a.png', 'b.png', '--model', 'nope', '--json']);
  assert.deepEqual([
    json.code,
    linesOf(json).map(line => (JSON.parse(line) as { image: string; error: { code: number } }).error.code),
  ], [1, [failureTable.modelMissing.code, failureTable.modelMissing.code]]);
  const text = await run(['caption', 'a.png', 'b.png', '--model', 'nope']);
  assert.deepEqual([text.code, text.stdout, text.stderr.split('\n').length], [1, '', 2]);
});

test('a second run is answered from the store, unless it may not be', { timeout }, async () => {
  const cache = path.join(folder, 'shared-cache');
  const env = { PALIGEMMA_CACHE: cache };
  await run(['run', 'pid', 'a.png'], env);
  const hosts = watch.started.length;
  const stored = await run(['run', 'pid', 'a.png', '--json'], env);
  assert.equal(watch.started.length, hosts, 'no host was started');
  assert.deepEqual((JSON.parse(stored.stdout) as { timings: unknown }).timings, {
    loadMs: 0,
    imageMs: 0,
    visionMs: 0,
    prefillMs: 0,
    decodeMs: 0,
    tokens: 1,
  });
  const anew = await run(['run', 'pid', 'a.png', '--no-cache', '--json'], env);
  assert.notEqual(
    (JSON.parse(anew.stdout) as { suffix: string }).suffix,
    (JSON.parse(stored.stdout) as { suffix: string }).suffix,
  );
  const other = await run(['run', 'pid', 'a.png', '--max-new-tokens', '9', '--json'], env);
  assert.notEqual(
    (JSON.parse(other.stdout) as { suffix: string }).suffix,
    (JSON.parse(stored.stdout) as { suffix: string }).suffix,
  );
});

test('--overlay writes beside nothing of the user', { timeout }, async () => {
  const result = await run(['detect', 'cup', 'a.png', 'b.png', '--overlay', 'drawn/deep', '--model', 'demo']);
  assert.equal(result.code, 0, result.stderr);
  for (const name of ['a.overlay.png', 'b.overlay.png']) {
    assert.match(readFileSync(path.join(folder, 'drawn/deep', name), 'utf8'), /"label":"cup"/);
  }
  writeFileSync(path.join(folder, 'in-the-way'), '');
  const blocked = await run(['detect', 'cup', 'a.png', '--overlay', 'in-the-way', '--json']);
  assert.deepEqual([blocked.code, (JSON.parse(blocked.stdout) as { error: { code: number } }).error.code], [
    1,
    failureTable.fileUnwritable.code,
  ]);
});

test('convert prints the folder, or the failure of the host', { timeout }, async () => {
  mkdirSync(path.join(folder, 'checkpoint'));
  const done = await run(['convert', 'checkpoint', 'converted']);
  assert.deepEqual([done.code, done.stdout], [0, `${path.join(folder, 'converted')}\n`], done.stderr);
  assert.equal(readFileSync(path.join(folder, 'converted'), 'utf8'), path.join(folder, 'checkpoint'));
  const again = await run(['convert', 'checkpoint', 'converted', '--json']);
  assert.deepEqual([again.code, (JSON.parse(again.stdout) as { error: { code: number } }).error.code], [
    1,
    failureTable.badArgument.code,
  ]);
});

test('mistakes of usage: exit code 2, the usage line on stderr', { timeout }, async () => {
  for (
    const args of [
      [],
      ['paint'],
      ['caption'],
      ['caption', '--stdio', 'a.png'],
      ['caption', '--weights', 'int3', 'a.png'],
      ['convert', 'a'],
      ['models', 'remove'],
      ['lsp'],
    ]
  ) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^paligemma: .*\.\nUsage: paligemma .*\n$/, args.join(' '));
  }
});

test('Ctrl+C in a terminal reaches the host too: one word, exit code 130, nothing stays', {
  timeout,
  skip: skipSignals,
}, async () => {
  const command = start(['run', 'slow', 'a.png', 'b.png', '--model', 'demo'], { PALIGEMMA_LOG: '1' });
  await command.says('ready after');
  // A terminal sends it to the whole group.
  process.kill(-(command.child.pid ?? assert.fail()), 'SIGINT');
  const { code, stdout, stderr } = await command.ended;
  assert.deepEqual([code, stdout], [130, '']);
  assert.match(stderr, /^Cancelled\.$/m);
  await Promise.all(watch.started.map(({ ended }) => ended));
});

test('SIGTERM to the command alone ends the host as well', { timeout, skip: skipSignals }, async () => {
  const command = start(['run', 'slow', 'a.png', '--model', 'demo'], { PALIGEMMA_LOG: '1' });
  await command.says('ready after');
  command.child.kill('SIGTERM');
  assert.equal((await command.ended).code, 143);
  await Promise.all(watch.started.map(({ ended }) => ended));
});

test(
  'a host that never yields is waited for a moment only, or until a second Ctrl+C',
  { timeout, skip: skipSignals },
  async () => {
    const command = start(['run', 'hang', 'a.png', '--model', 'demo'], { PALIGEMMA_LOG: '1' });
    await command.says('blocking');
    command.child.kill('SIGINT');
    assert.equal((await command.ended).code, 130);
    const impatient = start(['run', 'hang', 'a.png', '--model', 'demo'], { PALIGEMMA_LOG: '1' });
    await impatient.says('blocking');
    impatient.child.kill('SIGINT');
    impatient.child.kill('SIGTERM');
    assert.ok([130, 143].includes((await impatient.ended).code ?? 0));
    await Promise.all(watch.started.map(({ ended }) => ended));
  },
);

test('killed: the host does not stay behind', { timeout, skip: skipSignals }, async () => {
  const command = start(['run', 'slow', 'a.png', '--model', 'demo'], { PALIGEMMA_LOG: '1' });
  await command.says('ready after');
  command.child.kill('SIGKILL');
  await command.ended;
  await Promise.all(watch.started.map(({ ended }) => ended));
});

test('a reader that goes away ends it quietly', { timeout, skip: skipSignals }, async () => {
  const gate = path.join(folder, 'gate-epipe');
  const command = start(['run', `gate ${gate}`, 'a.png', 'b.png', 'a.png', '--model', 'demo', '--no-cache']);
  command.child.stdout.destroy();
  writeFileSync(gate, '');
  const ended = await command.ended;
  assert.deepEqual([ended.code, unexpected(ended)], [0, '']);
});

test(
  'standard output and error stay apart, and no file is left in the folder of the pictures',
  { timeout },
  async () => {
    const result = await run(['caption', 'a.png', '--json'], { FAKE_HOST_MODE: 'garbage' });
    assert.equal(linesOf(result).length, 1);
    assert.equal(existsSync(path.join(folder, 'a.overlay.png')), false);
  },
);

test('a prompt file: every prompt on its pictures; what is expected and what is missing decide the exit code', {
  timeout,
}, async () => {
  mkdirSync(path.join(folder, 'prompts'));
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(path.join(folder, 'prompts', name), lines.join('\n'));
  write('good.paligemma', [
    '# a comment',
    '@model demo',
    '@image ../a.png, ../b.*',
    '@set max-new-tokens 7',
    'ocr',
    '  => echo: ocr',
    'a\tb\\',
    'c',
    '""',
    '  => another answer',
    '  => echo: ',
  ]);
  const good = await run(['file', 'prompts/good.paligemma']);
  assert.deepEqual([good.code, unexpected(good)], [0, '']);
  assert.deepEqual(
    linesOf(good),
    ['ocr\techo: ocr', 'a\\tb\\nc\techo: a\\tb\\nc', '\techo: '].flatMap(rest => [`a.png\t${rest}`, `b.png\t${rest}`]),
  );
  write('bad.paligemma', [
    'ocr',
    '@image ../none*.png, ../a.png',
    '@set device webgpu',
    '@set weights f32',
    'ocr',
    '  => something else',
    '@model nowhere',
    'ocr',
  ]);
  const bad = await run(['file', 'prompts/bad.paligemma', '--model', 'demo', '--json']);
  assert.equal(bad.code, 1);
  const objects = linesOf(bad).map(line =>
    JSON.parse(line) as {
      readonly image?: string;
      readonly device?: string;
      readonly suffix?: string;
      readonly error?: { readonly code: number; readonly message: string };
    }
  );
  assert.deepEqual(objects.map(({ image, device, error }) => [image, device ?? error?.code]), [
    [undefined, failureTable.badArgument.code],
    ['../none*.png', failureTable.imageMissing.code],
    ['../none*.png', failureTable.imageMissing.code],
    ['a.png', failureTable.modelMissing.code],
    ['a.png', 'webgpu'],
  ]);
  assert.match(objects[0]?.error?.message ?? '', /bad\.paligemma:1: .*@image/);
  assert.equal(
    unexpected(bad),
    'prompts/bad.paligemma:5: a.png: expected "something else", but the answer is "echo: ocr".\n',
  );
  mkdirSync(path.join(folder, 'prompts', 'sub'));
  write('folder.paligemma', ['@image sub', 'ocr']);
  const named = await run(['file', 'prompts/folder.paligemma']);
  assert.equal(named.code, 1);
  assert.match(
    named.stderr,
    /folder\.paligemma:2: sub is a folder\. Name the pictures in it, for example sub\/\*\.png\./,
  );
  const missing = await run(['file', 'none.paligemma']);
  assert.deepEqual([missing.code, missing.stdout], [1, '']);
  assert.match(missing.stderr, /no prompt file/);
});
