import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readSettingFolders } from '../../../../server/src/lsp/connection/settingFolders';

const homePath = path.resolve('/home/somebody');
const workspacePath = path.resolve('/projects/one');
const read = (written: readonly string[], openFolder: string | undefined) =>
  readSettingFolders('paligemma.modelFolders', written, {
    env: { MODELS: '/data', PALIGEMMA_API_KEY: 'sk-secret' },
    homePath,
    workspacePath: openFolder,
  });

test('folders of a setting take the variables of VS Code and file: URLs', () => {
  const own = path.resolve('/models/a b');
  assert.deepEqual(
    read(
      ['${workspaceFolder}/mods', '${userHome}/mods', '${env:MODELS}/x', pathToFileURL(own).href, '~/m', 'rel'],
      workspacePath,
    ),
    { paths: [`${workspacePath}/mods`, `${homePath}/mods`, '/data/x', own, '~/m', 'rel'], problems: [] },
  );
});

test('a folder of another machine is left out, unless the workspace or the person’s own folder lies there', () => {
  const elsewhere = ['//nas/models', '\\\\nas\\models', 'file://nas/models', '${env:NAS}/models'];
  const readAt = (homePlace: string, openFolder: string) =>
    readSettingFolders('paligemma.modelFolders', elsewhere, {
      env: { NAS: '//nas' },
      homePath: homePlace,
      workspacePath: openFolder,
    });
  const { paths, problems } = readAt(homePath, workspacePath);
  assert.deepEqual([paths, problems.length], [[], 4]);
  assert.match(problems[0] ?? '', /“\/\/nas\/models” is on another machine.*models add/);
  const places: readonly (readonly [string, string])[] = [['//nas/home', workspacePath], [homePath, '\\\\NAS\\work']];
  for (const [home, open] of places) {
    assert.ok(readAt(home, open).problems.every(problem => !problem.includes('another machine')));
  }
});

test('an entry that names no folder is left out, with a sentence that says why', () => {
  const { paths, problems } = read(
    ['${workspaceFolder}/x', '${env:NONE}/x', '${file}', 'file://%', '${env:PALIGEMMA_API_KEY}', '/models'],
    undefined,
  );
  assert.deepEqual(paths, ['/models']);
  assert.deepEqual(problems.map(problem => problem.slice(0, 60)), [
    'paligemma.modelFolders: “${workspaceFolder}/x” is left out, ',
    'paligemma.modelFolders: “${env:NONE}/x” is left out, because',
    'paligemma.modelFolders: “${file}” is left out, because that ',
    'paligemma.modelFolders: “file://%” is not a folder on this m',
    'paligemma.modelFolders: “${env:PALIGEMMA_API_KEY}” is left o',
  ]);
  assert.ok(!problems.join().includes('sk-secret'));
  assert.match(problems[0] ?? '', /no folder is open\. Open one/);
  assert.match(problems[1] ?? '', /use \$\{userHome\}, \$\{workspaceFolder\} or \$\{env:NAME\}/);
});
