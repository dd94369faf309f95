/** What the documentation shows to be typed is understood by the program. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseCommandLine } from '../../../server/src/cli/options';
import { verbs } from '../../../server/src/cli/verbs';
import { emptyContext } from '../../../server/src/language/knowledge/context';
import { findAll } from '../../../server/src/language/findings/diagnostics';
import { createDocument } from '../../../server/src/language/syntax/document';
import { scriptModule } from '../../support/scriptModule';
import { markdownFiles } from './markdownFiles';

/** Fenced blocks in a language, with the file that holds them. */
function blocks(language: string): { readonly file: string; readonly text: string }[] {
  return markdownFiles().flatMap(({ file }) =>
    [...readFileSync(file, 'utf8').matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\`$`, 'gm'))].map((
      [, , text = ''],
    ) => ({ file, text }))
  );
}

/** Words of a shell command, without its comment, and up to where its output goes. */
function words(line: string): string[] {
  const command = line.replace(/\s+#.*$/, '').split(/\s[|>]\s/)[0] ?? '';
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

test('every command of the documentation names a verb and its options', () => {
  let commands = 0;
  for (const { file, text } of blocks('sh')) {
    for (const line of text.split('\n').filter(candidate => candidate.startsWith('paligemma '))) {
      commands++;
      const { positionals, values } = parseCommandLine(words(line).slice(1));
      const verb = verbs.find(({ name }) => name === positionals[0]);
      assert.ok(verb !== undefined, `${file}: ${line}`);
      for (const option of Object.keys(values)) {
        assert.ok((verb.options as readonly string[]).includes(option), `${file}: ${line}: ${option}`);
      }
    }
  }
  assert.ok(commands > 30, `only ${commands} commands were found`);
});

test('npm scripts that are named are there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = markdownFiles().flatMap(({ file, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([\w:]*\w)/g)].map(([, name = '']) => ({ file, name }))
  );
  assert.ok(named.length > 5);
  for (const { file, name } of named) assert.ok(Object.hasOwn(scripts, name), `${file}: npm run ${name}`);
});

test('commands of the extension are called by their titles', () => {
  const texts = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Readonly<Record<string, string>>;
  const titles = new Set(
    Object.entries(texts).flatMap(([key, text]) => (/^command\..*\.title$/.test(key) ? [text] : [])),
  );
  const named = markdownFiles().flatMap(({ file, text }) =>
    [...text.matchAll(/\*\*PaliGemma 2: ([^*]+)\*\*/g)].map(([, title = '']) => ({
      file,
      title: title.replace(/\s+/g, ' '),
    }))
  );
  assert.ok(named.length >= 6, `only ${named.length} were found`);
  for (const { file, title } of named) assert.ok(titles.has(title), `${file}: ${title}`);
});

test('prompt files that are shown have no faults of form', () => {
  const shown = blocks('paligemma');
  assert.ok(shown.length >= 5);
  for (const { file, text } of shown) {
    // Those say what is not on this machine, or stand alone for the sake of one line.
    const passed = new Set([
      'no-image',
      'unused-directive',
      'unknown-model',
      'model-not-installed',
      'missing-model-folder',
      'unknown-task',
    ]);
    const findings = findAll(createDocument(`file:///${file}.paligemma`, 0, text), emptyContext).filter(({ code }) =>
      !passed.has(String(code))
    );
    assert.deepEqual(findings.map(({ code, message }) => `${file}: ${String(code)}: ${message}`), []);
  }
});

test('every environment variable of the program is described', () => {
  const described = ['docs/command-line.md', 'CONTRIBUTING.md'].map(file => readFileSync(file, 'utf8')).join();
  const sources = ['server/src', 'model-host/src'].flatMap(folder =>
    readdirSync(folder, { recursive: true }).map(name => path.join(folder, String(name)))
  ).filter(file => file.endsWith('.ts'));
  const names = new Set(
    sources.flatMap(file => readFileSync(file, 'utf8').match(/\b(?:PALIGEMMA|HF|HUGGING)_[A-Z_]+/g) ?? []),
  );
  assert.ok(names.size >= 8);
  for (const name of names) assert.match(described, new RegExp(`\\b${name}\\b`));
});

test('the parts of the tests are those of the table in CONTRIBUTING', async () => {
  const { parts } = await scriptModule<{ readonly parts: Readonly<Record<string, unknown>> }>('testing/parts.mjs');
  const section = readFileSync('CONTRIBUTING.md', 'utf8').split('| part | folder | what |')[1]?.split('\n\n')[0] ?? '';
  const rows = section.split('\n').slice(2).flatMap(row =>
    (row.split('|')[1] ?? '').split(',').map(name => name.trim())
  );
  assert.deepEqual([...rows].sort(), Object.keys(parts).sort());
});

test('the pages for contributors name every folder of the sources', () => {
  const [contributing, architecture] = ['CONTRIBUTING.md', 'docs/architecture.md'].map(file =>
    readFileSync(file, 'utf8')
  ) as [string, string];
  const foldersOf = (root: string) =>
    readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => `${name}/`);
  for (const root of ['client/src', 'server/src', 'model-host/src', 'scripts', 'media']) {
    const line = contributing.split('\n').find(candidate => candidate.startsWith(`${root}/ `)) ?? assert.fail(root);
    for (const folder of foldersOf(root)) {
      assert.ok(line.includes(` ${folder}`), `CONTRIBUTING.md lacks ${root}/${folder}`);
    }
  }
  for (const root of ['server/src', 'model-host/src']) {
    for (const folder of foldersOf(root)) {
      assert.ok(architecture.includes(`\`${folder}\``), `docs/architecture.md lacks ${root}/${folder}`);
    }
  }
});
