// The notices must not leave a package out, and an unknown licence must stop a release.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { scriptModule } from '../../support/scriptModule';
import { temporaryFolder } from '../../support/temporary';

interface Notices {
  readonly bundledPackages: (metafile: object, isShipped?: (output: string) => boolean) => string[];
  readonly isAllowed: (expression: string, list?: readonly string[]) => boolean;
  readonly noticesOf: (bundled: readonly string[], copied: readonly string[], options?: object) => string;
}
interface Targets {
  readonly copiedPackages: (target: string) => readonly { readonly name: string }[];
  readonly installOnlyPackages: Readonly<Record<string, readonly string[]>>;
  readonly targets: Readonly<Record<string, object>>;
}
interface LockedPackage {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const folder = temporaryFolder('notices');
let notices: Notices;
let targets: Targets;
before(async () => {
  notices = await scriptModule<Notices>('packaging/notices.mjs');
  targets = await scriptModule<Targets>('packaging/targets.mjs');
});

/** A package's folder with this manifest and a licence's text; null: none. */
function packageWith(
  name: string,
  license: string | undefined,
  licenceText: string | null = 'Do as you like.',
): string {
  const place = path.join(folder, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(
    path.join(place, 'package.json'),
    JSON.stringify({ name, version: '1.2.3', ...(license === undefined ? {} : { license }) }),
  );
  if (licenceText !== null) writeFileSync(path.join(place, 'LICENSE'), licenceText);
  return place;
}

test('a package stands in the notices with its version, licence and text, and once only', () => {
  const one = packageWith('one', 'MIT', 'The words of one.');
  const text = notices.noticesOf([one], [one, packageWith('two', 'ISC')]);
  assert.equal(text.split('\none 1.2.3\nMIT\n').length, 2);
  assert.ok(text.includes('The words of one.') && text.includes('two 1.2.3\nISC\n'));
});

test('a licence that is not on the list, none at all, or one without its text is refused by name', () => {
  assert.throws(() => notices.noticesOf([packageWith('strange', 'SSPL-1.0')], []), /strange 1\.2\.3 .*SSPL-1\.0/);
  assert.throws(() => notices.noticesOf([], [packageWith('bare', undefined)]), /bare 1\.2\.3 .*\(none\)/);
  assert.throws(() => notices.noticesOf([], [packageWith('silent', 'MIT', null)]), /silent 1\.2\.3 brings no text/);
});

test('the LGPL is for libraries that can be exchanged, never for what is bundled', () => {
  const library = packageWith('@img/sharp-other', 'LGPL-3.0-or-later');
  assert.ok(notices.noticesOf([], [library]).includes('GNU LESSER GENERAL PUBLIC LICENSE'));
  assert.throws(() => notices.noticesOf([library], []), /LGPL-3\.0-or-later/);
  assert.throws(() => notices.noticesOf([], [packageWith('other', 'LGPL-3.0-or-later')]), /LGPL-3\.0-or-later/);
});

test('SPDX expressions: all of AND, one of OR', () => {
  assert.ok(notices.isAllowed('MIT'));
  assert.ok(notices.isAllowed('(MIT OR GPL-3.0-or-later)'));
  assert.ok(notices.isAllowed('MIT AND Apache-2.0'));
  assert.ok(!notices.isAllowed('Apache-2.0 AND LGPL-3.0-or-later'));
  assert.ok(!notices.isAllowed('GPL-3.0-only'));
});

test('bundled packages are read from what esbuild says of its bundles, nested ones too', () => {
  const metafile = {
    outputs: {
      'dist/cli.js': {
        inputs: {
          'server/src/cli/main.ts': {},
          'node_modules/a/lib/x.js': {},
          'node_modules/a/lib/y.js': {},
          'node_modules/a/node_modules/@s/b/z.js': {},
        },
      },
      'dist/extension.js': { inputs: { 'node_modules/c/index.js': {} } },
    },
  };
  const relative = (folders: readonly string[]) =>
    folders.map(place => path.relative(process.cwd(), place).replaceAll(path.sep, '/'));
  assert.deepEqual(relative(notices.bundledPackages(metafile)), [
    'node_modules/a',
    'node_modules/a/node_modules/@s/b',
    'node_modules/c',
  ]);
  assert.deepEqual(relative(notices.bundledPackages(metafile, output => output.endsWith('cli.js'))), [
    'node_modules/a',
    'node_modules/a/node_modules/@s/b',
  ]);
});

test('every package that the native ones need at run time is copied, on each platform', () => {
  const locked = (JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  }).packages;
  for (const target of Object.keys(targets.targets)) {
    const copied = targets.copiedPackages(target).map(({ name }) => name);
    for (const name of copied) {
      const { license = '', dependencies = {} } = locked[`node_modules/${name}`]
        ?? assert.fail(`${name} is not in package-lock.json`);
      assert.ok(
        license.split(' AND ').every(part =>
          notices.isAllowed(part) || name.startsWith('@img/sharp-') || name === 'libheif-js'
        ),
        `${name}: ${license}`,
      );
      const needed = Object.keys(dependencies).filter(dependency =>
        targets.installOnlyPackages[name]?.includes(dependency) !== true
      );
      assert.deepEqual(needed.filter(dependency => !copied.includes(dependency)), [], `${name} needs them`);
    }
  }
});
