import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { ESLint, type Linter } from 'eslint';
import { preProcessFile } from 'typescript';
import { scriptModule } from '../../support/scriptModule';

interface Room {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly surroundings: 'pure' | 'page' | 'node' | 'editor' | 'host';
}

const roots = [
  'paligemma/src',
  'metrics/src',
  'datasets/src',
  'system/src',
  'net/src',
  'batch/src',
  'drawings/src',
  'model-host/src',
  'server/src',
  'client/src',
  'media',
];
const sources = roots.flatMap(root =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(name => `${root}/${name.split(path.sep).join('/')}`)
    .filter(file => file.endsWith('.ts'))
);
const folderOf = (file: string): string => path.posix.dirname(file);

describe('the rooms of the sources', () => {
  let rooms: readonly Room[] = [];
  let rules: Linter.Config[] = [];

  before(async () => {
    ({ rooms } = await scriptModule<{ readonly rooms: readonly Room[] }>('lint/rooms.mjs'));
    ({ roomRules: rules } = await scriptModule<{ readonly roomRules: Linter.Config[] }>('lint/roomRules.mjs'));
  });

  test('every folder of sources is a room, and every room has a file', () => {
    const folders = [...new Set(sources.map(folderOf))].sort();
    assert.deepEqual(rooms.map(({ folder }) => folder).sort(), folders);
  });

  test('no room may import one that may import it, directly or by way of others', () => {
    const done = new Set<string>();
    for (const { folder, mayImport } of rooms) {
      for (const other of mayImport) assert.ok(done.has(other), `${folder} stands below ${other}`);
      done.add(folder);
    }
  });

  test('in each room the lint refuses an import of every room that it may not know', async () => {
    const eslint = await linter(rules);
    const fileIn = new Map(sources.map(file => [folderOf(file), file]));
    for (const { folder, mayImport } of rooms) {
      const others = rooms.map(room => room.folder).filter(other => other !== folder);
      const text = others.map(other => `import '${relative(folder, fileIn.get(other)!)}';`).join('\n');
      const refused = await refusals(eslint, text, `${folder}/probe.ts`, 'import-x/no-restricted-paths');
      const lines = others.flatMap((other, index) => mayImport.includes(other) ? [] : [index + 1]);
      assert.deepEqual(refused, lines, folder);
    }
  });

  test('in each room the lint refuses the packages that do not belong there', async () => {
    const eslint = await linter(rules);
    const packages = ['sharp', 'onnxruntime-node', 'vscode', 'node:fs', 'fs'];
    const allowed = {
      pure: [],
      page: [],
      node: ['node:fs', 'fs'],
      editor: ['vscode', 'node:fs', 'fs'],
      host: ['sharp', 'onnxruntime-node', 'node:fs', 'fs'],
    };
    const text = packages.map(name => `import '${name}';`).join('\n');
    for (const { folder, surroundings } of rooms) {
      const refused = await refusals(eslint, text, `${folder}/probe.ts`, 'no-restricted-imports');
      const wanted = packages.flatMap((name, index) =>
        (allowed[surroundings] as string[]).includes(name) ? [] : [index + 1]
      );
      assert.deepEqual(refused, wanted, folder);
    }
  });

  test('the client takes the editor’s window from the room alone that makes tame what is shown', async () => {
    const eslint = await linter(rules);
    for (const { folder } of rooms.filter(({ surroundings }) => surroundings === 'editor')) {
      const refused = await refusals(
        eslint,
        "import { window } from 'vscode';",
        `${folder}/probe.ts`,
        'no-restricted-imports',
      );
      assert.deepEqual(refused, folder === 'client/src/common' ? [] : [1], folder);
    }
  });

  test('the project’s lint holds these rules for every file', async () => {
    const eslint = new ESLint();
    for (const { folder } of rooms) {
      const file = sources.find(source => folderOf(source) === folder)!;
      const { rules: used = {} } = await eslint.calculateConfigForFile(file) as Linter.Config;
      const own = rules.find(({ name }) => name === `rooms/${folder}`)?.rules ?? {};
      for (const name of Object.keys(own)) {
        assert.deepEqual((used[name] as unknown[])[1], (own[name] as unknown[])[1], `${file}: ${name}`);
      }
    }
  });
});

test('no file imports itself by way of others, types included', () => {
  const known = new Set(sources);
  const imports = new Map(sources.map(file => {
    const specifiers = preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);
    const targets = specifiers.map(name => `${path.posix.join(folderOf(file), name)}.ts`);
    return [file, targets.filter(target => known.has(target))];
  }));
  assert.ok([...imports.values()].flat().length > sources.length);
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) assert.fail(`${[...way.slice(way.indexOf(file)), file].join('\n → ')}`);
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

/** The rules of the rooms alone, without types: the files that are asked about need not exist. */
async function linter(rules: readonly Linter.Config[]): Promise<ESLint> {
  const [{ default: importX }, { parser }] = await Promise.all([
    import('eslint-plugin-import-x'),
    import('typescript-eslint'),
  ]);
  return new ESLint({
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: parser },
        plugins: { 'import-x': importX },
        settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
      },
      ...rules,
    ],
  });
}

/** Lines, from 1, that `rule` refuses. */
async function refusals(eslint: ESLint, text: string, filePath: string, rule: string): Promise<number[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return result!.messages.filter(({ ruleId }) => ruleId === rule).map(({ line }) => line);
}

function relative(folder: string, file: string): string {
  const way = path.posix.relative(folder, file).replace(/\.ts$/, '');
  return way.startsWith('.') ? way : `./${way}`;
}
