// The official packager on a copy of the VSIX's content: it has nothing to say, and would write the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '../support/commandLine';
import { packageFact, unpackExtension, zipContent } from '../support/packages';

const withoutVsce = process.env['PALIGEMMA_TEST_NO_VSCE'];

/** What the Marketplace reads of a VSIX besides its files. */
function described(content: ReadonlyMap<string, Buffer>): object {
  const text = content.get('extension.vsixmanifest')?.toString('utf8')
    ?? assert.fail('there is no extension.vsixmanifest');
  const one = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim();
  const all = (pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, ...parts]) => parts.join(' = ')).sort();
  return {
    identity: one(/<Identity ([^>]*?)\/?>/),
    name: one(/<DisplayName>(.*)<\/DisplayName>/),
    description: one(/<Description [^>]*>(.*)<\/Description>/)?.replaceAll('&apos;', "'"),
    tags: one(/<Tags>(.*)<\/Tags>/)?.split(',').sort(),
    categories: one(/<Categories>(.*)<\/Categories>/),
    flags: one(/<GalleryFlags>(.*)<\/GalleryFlags>/),
    properties: all(/<Property Id="([^"]+)" Value="([^"]*)"/g),
    assets: all(/<Asset Type="([^"]+)"/g),
  };
}

test(
  'vsce packs a copy of the VSIX without a warning, and describes it as it is described',
  { skip: withoutVsce },
  async t => {
    const folder = temporaryFolder();
    t.after(() => folder.remove());
    const ours = await zipContent(packageFact('PALIGEMMA_TEST_VSIX'));
    unpackExtension(ours, folder.at('extension'));
    const manifest = JSON.parse(ours.get('extension/package.json')?.toString('utf8') ?? '') as {
      readonly repository?: unknown;
    };
    // What is left out is not its matter here: without the file it warns that nothing is.
    writeFileSync(folder.at('extension', '.vscodeignore'), '');
    const { status, stdout, stderr } = spawnSync(process.execPath, [
      packageFact('PALIGEMMA_TEST_VSCE'),
      'package',
      '--no-dependencies',
      '--target',
      packageFact('PALIGEMMA_TEST_TARGET'),
      ...(manifest.repository === undefined ? ['--allow-missing-repository'] : []),
      '--out',
      folder.at('theirs.vsix'),
    ], { cwd: folder.at('extension'), encoding: 'utf8', input: '', timeout: 120_000 });
    const said = `${stdout}\n${stderr}`;
    assert.equal(status, 0, said);
    assert.doesNotMatch(said, /\b(?:WARNING|ERROR)\b/);
    const theirs = await zipContent(folder.at('theirs.vsix'));
    assert.deepEqual(described(ours), described(theirs));
    // It leaves packages out here, and has names of its own for the two pages.
    const names = (content: ReadonlyMap<string, Buffer>): string[] =>
      [...content.keys()].filter(name => !name.startsWith('extension/node_modules/'))
        .map(name => name.replace('README.md', 'readme.md').replace('CHANGELOG.md', 'changelog.md')).sort();
    assert.deepEqual(names(ours), names(theirs));
  },
);
