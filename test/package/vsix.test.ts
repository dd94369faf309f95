// The VSIX of this platform: what is in it, that it works alone, and that it is made the same way twice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nativePlatform } from '../support/binaryFormat';
import { temporaryFolder } from '../support/commandLine';
import { packageFact, relativeLinks, unpackExtension, zipContent } from '../support/packages';
import { recordedAnswer } from '../support/samples';

describe('the VSIX', () => {
  const target = packageFact('PALIGEMMA_TEST_TARGET');
  const folder = temporaryFolder();
  let content: ReadonlyMap<string, Buffer>;

  before(async () => {
    content = await zipContent(packageFact('PALIGEMMA_TEST_VSIX'));
    unpackExtension(content, folder.at('extension'));
  });
  after(() => folder.remove());

  const text = (name: string): string => content.get(name)?.toString('utf8') ?? assert.fail(`${name} is missing`);

  /** Runs a bundle of the package; nothing of the checkout is in reach. */
  function run(script: string, args: readonly string[], cwd: string): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [folder.at('extension', 'dist', script), ...args], {
      encoding: 'utf8',
      cwd,
      env: { ...process.env, NODE_PATH: '', PALIGEMMA_CACHE: folder.at('cache') },
      timeout: 120_000,
    });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  test('two builds of the same sources are the same bytes', () => {
    assert.ok(
      readFileSync(packageFact('PALIGEMMA_TEST_VSIX')).equals(readFileSync(packageFact('PALIGEMMA_TEST_VSIX_AGAIN'))),
    );
  });

  test('its manifest names the platform, and everything that it names is there', () => {
    const manifest = text('extension.vsixmanifest');
    assert.match(manifest, new RegExp(`<Identity [^>]*TargetPlatform="${target}"`));
    const assets = [...manifest.matchAll(/Path="([^"]+)"/g)].map(([, name]) => name ?? '');
    assert.ok(assets.length >= 5, manifest);
    for (const name of assets) assert.ok(content.has(name), name);
    const types = text('[Content_Types].xml');
    for (const ending of ['.js', '.json', '.node', '.png', '.vsixmanifest']) {
      assert.ok(types.includes(`Extension="${ending}"`), ending);
    }
    const extension = JSON.parse(text('extension/package.json')) as Record<string, unknown>;
    assert.deepEqual(['scripts', 'devDependencies', 'files'].filter(key => key in extension), []);
    assert.ok(content.has(`extension/${path.posix.normalize(String(extension['main']))}`));
  });

  test('every file that the extension contributes is there', () => {
    const { contributes, icon } = JSON.parse(text('extension/package.json')) as {
      readonly contributes: unknown;
      readonly icon: string;
    };
    const named = new Set([icon]);
    JSON.stringify(contributes, (key, value: unknown) => {
      if (
        /^(path|configuration|markdown|svg|image|light|dark|icon)$/.test(key) && typeof value === 'string'
        && !value.startsWith('$(')
      ) named.add(value);
      return value;
    });
    assert.ok(named.size > 8, [...named].join(' '));
    for (const name of named) assert.ok(content.has(path.posix.join('extension', name)), name);
  });

  test('it holds no sources, no source maps, no other platform and nothing of CUDA', () => {
    const names = [...content.keys()];
    assert.deepEqual(
      names.filter(name => /\.(ts|map|mjs|h|cc|gyp)$|\/recipe\/|\/test\/|cuda|tensorrt/i.test(name)),
      [],
    );
    const natives = names.filter(name => /\.(node|so|dll|dylib)(\.|$)/.test(name));
    assert.ok(natives.length >= 4, natives.join(' '));
    for (const name of natives) assert.equal(nativePlatform(content.get(name) ?? Buffer.alloc(0)), target, name);
  });

  test('every relative link of its documents leads to a file that is there', () => {
    const documents = [...content.keys()].filter(name =>
      /^extension\/(README\.md|CHANGELOG\.md|docs\/|model-host\/).*/.test(name) && name.endsWith('.md')
    );
    assert.ok(documents.includes('extension/README.md'));
    for (const document of documents) {
      for (const target_ of relativeLinks(text(document))) {
        const place = path.posix.normalize(path.posix.join(path.posix.dirname(document), target_)).replace(/\/$/, '');
        assert.ok(
          content.has(place) || [...content.keys()].some(name => name.startsWith(`${place}/`)),
          `${target_} in ${document}`,
        );
      }
    }
  });

  test('the pages that an editor shows have no link into the package, and pictures by https only', () => {
    for (const name of ['extension/README.md', 'extension/CHANGELOG.md']) {
      assert.deepEqual(relativeLinks(text(name)), [], name);
      for (const [, source = ''] of text(name).matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)) assert.match(source, /^https:/);
    }
  });

  test('the page of the extension is for people who have it, and speaks of no checkout', () => {
    assert.doesNotMatch(text('extension/README.md'), /npm |checkout|git clone|Node\.js/);
    assert.match(text('extension/README.md'), /PaliGemma 2: First Steps/);
  });

  test('the notices name every package that is in it, with a licence', () => {
    const notices = text('extension/THIRD-PARTY-NOTICES.txt');
    const copied = [...content.keys()].filter(name =>
      /^extension\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(name)
    );
    assert.ok(copied.length >= 7, copied.join(' '));
    for (const manifest of copied) {
      const { name, version, license } = JSON.parse(text(manifest)) as {
        readonly name: string;
        readonly version: string;
        readonly license: string;
      };
      assert.ok(notices.includes(`\n${name} ${version}\n${license}\n`), `${name} ${version} has a section`);
    }
    for (const name of ['vscode-languageclient', 'vscode-jsonrpc', 'minimatch']) {
      assert.match(notices, new RegExp(`\\n${name} [\\d.]+\\n`), `${name} is bundled`);
    }
    for (const part of ['GNU LESSER GENERAL PUBLIC LICENSE', 'Notices of onnxruntime', 'libvips']) {
      assert.ok(notices.includes(part), part);
    }
  });

  test('its model host passes the self-test', () => {
    const answer = run('model-host.js', ['--self-test'], folder.path);
    assert.match(answer, /onnxruntime/i);
    assert.match(answer, /sharp/i);
  });

  test('its command line captions a picture with its own demo model', () => {
    const answer = run('cli.js', [
      'caption',
      folder.at('extension', 'media/samples/01.png'),
      '--weights',
      'f32',
      '--device',
      'cpu',
    ], folder.path);
    assert.equal(answer, `${recordedAnswer('01.png', 'caption en')}\n`);
  });
});
