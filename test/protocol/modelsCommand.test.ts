// The built command line against a hub on this machine: download, list, run, verify, remove, with the real host.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { end, FakeHub, filesOfFolder } from '../support/fakeHub';
import { distPath } from '../support/lspClient';
import { goldenFolder } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const timeout = 120_000;
const folder = temporaryFolder('models');
const id = 'google/paligemma2-3b-mix-224';
const secret = 'hf_secretOfTheTest';
const picture = path.join(goldenFolder, 'images', 'one-pixel.png');
let hub: FakeHub;
let caches = 0;

before(async () => {
  hub = await FakeHub.start();
  hub.add(id, {
    files: { ...filesOfFolder(path.join(goldenFolder, 'models', 'gqa-224')), 'README.md': Buffer.from('card') },
    token: secret,
  });
});
after(() => hub.close());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell with a cache and a home of its own, so that no token and no model of this machine is seen. */
function shell(cache = path.join(folder, `cache-${++caches}`)) {
  const run = (
    args: readonly string[],
    { env = {}, input }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
  ) =>
    new Promise<Ended>((resolve, reject) => {
      const home = path.join(cache, 'home');
      const child = spawn(process.execPath, [path.join(distPath, 'cli.js'), ...args], {
        cwd: folder,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PALIGEMMA_CACHE: cache,
          HF_ENDPOINT: hub.endpoint,
          HF_HOME: home,
          HF_TOKEN: '',
          HUGGING_FACE_HUB_TOKEN: '',
          HF_TOKEN_PATH: '',
          HF_HUB_CACHE: '',
          HUGGINGFACE_HUB_CACHE: '',
          PALIGEMMA_LOG: '1',
          ...env,
        },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(input ?? '');
      child.once('error', reject);
      child.once('close', code => resolve({ code, stdout, stderr }));
    });
  return { cache, run };
}

function objects({ stdout }: Ended): Record<string, unknown>[] {
  return stdout.split('\n').slice(0, -1).map(line => JSON.parse(line) as Record<string, unknown>);
}

test(
  'from nothing to an answer: refused, downloaded with a token, listed, run, verified, removed',
  { timeout },
  async () => {
    const { cache, run } = shell();
    const refused = await run(['models', 'download', id]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /accepted its licence.*--token-stdin/);
    assert.equal(refused.stdout, '');

    const downloaded = await run([
      'models',
      'download',
      'paligemma2-3b-mix-224',
      '--token-stdin',
      '--json',
      '--weights',
      'f32',
      '--device',
      'cpu',
    ], { input: `${secret}\n` });
    assert.equal(downloaded.code, 0, downloaded.stderr);
    assert.ok(![downloaded.stdout, downloaded.stderr].some(text => text.includes(secret)), 'the token is never logged');
    const [installed] = objects(downloaded);
    assert.deepEqual([installed?.['id'], installed?.['path'], installed?.['wasThere'], installed?.['converted']], [
      id,
      path.join(cache, 'models', 'google--paligemma2-3b-mix-224'),
      false,
      'f32',
    ]);

    const [listed] = objects(await run(['models', 'list', '--json']));
    assert.deepEqual([
      listed?.['id'],
      listed?.['kind'],
      listed?.['origin'],
      listed?.['resolutionPx'],
      listed?.['converted'],
      listed?.['isInstalled'],
    ], [id, 'mix', 'downloaded', 224, ['f32'], true]);
    const all = objects(await run(['models', '--json', '--all']));
    assert.equal(all.filter(model => model['id'] === id).length, 1);
    const other = all.find(model => model['id'] === 'google/paligemma2-10b-mix-448') ?? assert.fail();
    assert.deepEqual(Object.keys(other).sort(), [
      'converted',
      'downloadBytes',
      'fits',
      'id',
      'isInstalled',
      'kind',
      'licence',
      'memoryBytes',
      'resolutionPx',
      'size',
    ]);

    const answer = await run(['caption', picture, '--weights', 'f32', '--device', 'cpu', '--json']);
    assert.equal(answer.code, 0, answer.stderr);
    assert.equal(objects(answer)[0]?.['model'], id, 'it is the best one that is installed');

    const [verified] = objects(await run(['models', 'verify', id, '--json']));
    const files = verified?.['files'] as readonly { readonly path: string; readonly status: string }[];
    assert.deepEqual([verified?.['ok'], [...new Set(files.map(({ status }) => status))]], [true, ['ok']]);
    assert.ok(
      files.some(file => file.path.includes('converted')) && files.some(file => file.path.endsWith('tokenizer.json')),
    );
    writeFileSync(path.join(cache, 'models', 'google--paligemma2-3b-mix-224', 'tokenizer.json'), '{}');
    const damaged = await run(['models', 'verify', id]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stdout, /^damaged\t.*tokenizer\.json$/m);

    const unasked = await run(['models', 'remove', id]);
    assert.equal(unasked.code, 2, 'nobody can be asked');
    const [removed] = objects(await run(['models', 'remove', id, '--yes', '--json']));
    assert.ok(Number(removed?.['bytesFreed']) > 4_000_000);
    assert.deepEqual([readdirSync(path.join(cache, 'models')), readdirSync(path.join(cache, 'converted'))], [[], []]);
  },
);

test('only the converted model is kept on request, in a place of choice; its name runs it', { timeout }, async () => {
  const { cache, run } = shell();
  const place = path.join(cache, 'big disk', 'mix');
  mkdirSync(path.dirname(place), { recursive: true });
  const downloaded = await run([
    'models',
    'download',
    `${id}@main`,
    '--to',
    place,
    '--delete-source',
    '--weights',
    'f32',
  ], { env: { HF_TOKEN: secret } });
  assert.equal(downloaded.code, 0, downloaded.stderr);
  assert.equal(downloaded.stdout, `${id}\n`);
  assert.ok(existsSync(path.join(place, 'manifest.json')) && !existsSync(path.join(place, 'model.safetensors')));
  assert.deepEqual(readdirSync(path.dirname(place)), ['mix']);
  const answer = await run(['run', 'caption en', picture, '--model', id, '--device', 'cpu', '--json']);
  assert.equal(answer.code, 0, answer.stderr);
  assert.equal(objects(answer)[0]?.['model'], id);
  assert.equal(objects(await run(['models', 'verify', id, '--json']))[0]?.['ok'], true);
  assert.equal(
    (await run(['models', 'download', id, '--to', place], { env: { HF_TOKEN: secret } })).code,
    0,
    'it is there already',
  );
  assert.equal((await run(['models', 'remove', id, '--yes'])).code, 0);
  assert.equal(existsSync(place), false);
});

test('a folder is added without a copy; failures are one line, or one object with --json', { timeout }, async () => {
  const { run } = shell();
  const place = path.join(goldenFolder, 'models', 'wide-448');
  const added = await run(['models', 'add', place]);
  assert.deepEqual([added.code, added.stdout], [0, 'wide-448\n']);
  const [first] = objects(await run(['models', 'list', '--json']));
  assert.deepEqual([first?.['id'], first?.['origin'], first?.['path']], ['wide-448', 'added', place]);
  const removed = await run(['models', 'remove', 'wide-448', '--yes']);
  assert.deepEqual([removed.code, existsSync(place)], [0, true]);
  assert.match(removed.stderr, /stays/);
  const failed = await run(['models', 'add', 'nowhere', '--json']);
  assert.equal(failed.code, 1);
  assert.deepEqual(Object.keys(objects(failed)[0]?.['error'] as object), ['code', 'kind', 'message']);
  for (
    const args of [
      ['models', 'paint'],
      ['models', 'remove'],
      ['models', 'add', 'a', 'b'],
      ['models', 'list', '--yes'],
      ['models', 'download', id, '--no-convert', '--delete-source'],
      ['models', 'download', `${id}@a`, '--revision', 'b'],
      ['models', 'download', id, '--token', secret],
    ]
  ) {
    assert.equal((await run(args)).code, 2, args.join(' '));
  }
  assert.equal((await run(['models', 'download', id, '--token-stdin'], { input: 'hf_a\nhf_b' })).code, 1);
});

test('Ctrl+C in mid-download keeps what came and leaves no half model', {
  timeout,
  skip: process.platform === 'win32' ? 'Windows has no such signals' : false,
}, async () => {
  const { cache, run } = shell();
  const open = new FakeHubGate();
  hub.fault = (request, response, contents) => open.holds(request.origin, request.file, response, contents);
  try {
    const child = spawn(process.execPath, [path.join(distPath, 'cli.js'), 'models', 'download', id, '--no-convert'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PALIGEMMA_CACHE: cache, HF_ENDPOINT: hub.endpoint, HF_TOKEN: secret },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<number | null>(resolve => child.once('close', resolve));
    await open.reached;
    child.kill('SIGINT');
    assert.equal(await ended, 130);
    assert.match(stderr, /Cancelled\./);
  } finally {
    hub.fault = () => false;
  }
  assert.deepEqual(readdirSync(path.join(cache, 'models')), ['google--paligemma2-3b-mix-224.partial']);
  const left = objects(await run(['models', '--all', '--json'])).find(model => model['id'] === id);
  assert.ok(Number(left?.['partialBytes']) > 0);
  assert.equal((await run(['models', 'remove', id, '--yes'])).code, 0);
  assert.deepEqual(readdirSync(path.join(cache, 'models')), []);
});

/** Holds the weights back after their first half. */
class FakeHubGate {
  private open: () => void = () => undefined;
  readonly reached = new Promise<void>(resolve => {
    this.open = resolve;
  });

  holds(origin: string, file: string | undefined, response: ServerResponse, contents: Buffer | undefined): boolean {
    if (origin !== 'storage' || file !== 'model.safetensors' || contents === undefined) return false;
    response.writeHead(200, { 'content-length': String(contents.length) });
    response.write(contents.subarray(0, contents.length / 2), () => this.open());
    return true;
  }
}

test('a hub in trouble ends with one sentence', { timeout }, async () => {
  const { run } = shell();
  hub.fault = (_, response) => {
    end(response, 200, '<html>', { 'content-type': 'text/html' });
    return true;
  };
  try {
    const result = await run(['models', 'download', id], { env: { HF_TOKEN: secret, PALIGEMMA_LOG: '' } });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^paligemma: .*web page.*\(error 1105\)\n$/);
  } finally {
    hub.fault = () => false;
  }
});
