/** What the page says to remove after uninstalling is where the code puts things. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cachePath } from '../../../server/src/models/folders/cachePath';

const page = readFileSync('docs/troubleshooting.md', 'utf8');
const section = /^## What stays after uninstalling\n([\s\S]*?)^## /m.exec(page)?.[1]
  ?? assert.fail('the page has no such section');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly publisher: string;
  readonly name: string;
  readonly contributes: { readonly commands: readonly { readonly command: string; readonly title: string }[] };
};
const titles = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Readonly<Record<string, string>>;

test('the editor’s folders bear the name of the extension', () => {
  assert.ok(section.includes(`\`${manifest.publisher}.${manifest.name}\``));
});

test('the commands that delete are named as the palette names them', () => {
  for (const name of ['forgetHubToken', 'forgetServerKey', 'removeModel']) {
    const { title } = manifest.contributes.commands.find(({ command }) => command === `paligemma.${name}`)
      ?? assert.fail(name);
    const shown = titles[title.slice(1, -1)] ?? assert.fail(title);
    assert.ok(section.includes(`**${shown}**`), shown);
  }
});

test('the cache folder of each system is the one that the code uses', () => {
  const homePath = path.resolve('/home');
  const shown = (platform: NodeJS.Platform): string =>
    cachePath({ env: {}, platform, homePath }).replace(path.join(homePath, 'AppData', 'Local'), '%LOCALAPPDATA%')
      .replace(homePath, '~').replaceAll(path.sep, '/');
  const table = page.replaceAll('\\', '/');
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    assert.ok(table.includes(`\`${shown(platform)}\``), shown(platform));
  }
  assert.ok(section.replaceAll('\\', '/').includes(`\`${path.posix.dirname(shown('win32'))}\``));
});

test('the plugin is named as pip knows it', () => {
  const name = /^name = "(.*)"$/m.exec(readFileSync('vllm-plugin/pyproject.toml', 'utf8'))?.[1];
  assert.ok(section.includes(`pip uninstall ${name}\``));
});
