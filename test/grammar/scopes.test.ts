/** Scopes of every fixture: a change of colour is seen before a person sees it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, Registry, parseRawGrammar } from 'vscode-textmate';
import type { IGrammar } from 'vscode-textmate';
import { growthFault } from '../support/hostile/growth';

const fixtures = path.resolve('test/fixtures/prompts');
const files: Readonly<Record<string, string>> = {
  'source.paligemma': path.resolve('syntaxes/paligemma.tmLanguage.json'),
  'markdown.paligemma.codeblock': path.resolve('syntaxes/paligemma.markdown.tmLanguage.json'),
};
/** Stands in for VS Code's Markdown grammar, which the injection extends. */
const markdown = JSON.stringify({
  scopeName: 'text.html.markdown',
  patterns: [{ match: '^#.*$', name: 'markup.heading.markdown' }],
});

async function grammarOf(scopeName: string): Promise<IGrammar> {
  await loaded;
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: scope => {
      const file = files[scope];
      if (file !== undefined) return Promise.resolve(parseRawGrammar(readFileSync(file, 'utf8'), file));
      return Promise.resolve(scope === 'text.html.markdown' ? parseRawGrammar(markdown, 'markdown.json') : null);
    },
    getInjections: scope => scope === 'text.html.markdown' ? ['markdown.paligemma.codeblock'] : undefined,
  });
  const grammar = await registry.loadGrammar(scopeName);
  assert.ok(grammar !== null, scopeName);
  return grammar;
}

const loaded = loadWASM(readFileSync(path.resolve('node_modules/vscode-oniguruma/release/onig.wasm')).buffer);

interface Piece {
  readonly text: string;
  readonly scopes: readonly string[];
}

function tokenize(grammar: IGrammar, text: string): Piece[][] {
  let state = INITIAL;
  return text.split(/\r\n|\n/).map(line => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.map(token => ({ text: line.slice(token.startIndex, token.endIndex), scopes: token.scopes.slice(1) }));
  });
}

function scopesOf(grammar: IGrammar, line: string): string[] {
  return tokenize(grammar, line)[0]!.filter(piece => piece.text.trim() !== '').map(piece =>
    `${piece.text} ${piece.scopes.at(-1) ?? ''}`
  );
}

for (const name of readdirSync(fixtures).filter(file => /\.(?:paligemma|md)$/.test(file) && file !== 'README.md')) {
  test(`scopes of ${name}`, async () => {
    const grammar = await grammarOf(name.endsWith('.md') ? 'text.html.markdown' : 'source.paligemma');
    const source = readFileSync(path.join(fixtures, name), 'utf8');
    const actual = tokenize(grammar, source).map(line =>
      line.map(piece =>
        `${JSON.stringify(piece.text)} ${piece.scopes.join(' ')}`.trimEnd()
      ).join('\n')
    ).join('\n\n') + '\n';
    const golden = path.join(fixtures, `${name}.scopes`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, actual);
    assert.ok(existsSync(golden), `${golden} is missing; UPDATE_GOLDEN=1 writes it`);
    assert.equal(actual, readFileSync(golden, 'utf8').replaceAll('\r\n', '\n'));
  });
}

test('what the language server takes for a task or a directive has the colour of one', async () => {
  const grammar = await grammarOf('source.paligemma');
  for (const task of ['cap', 'caption', 'describe', 'answer', 'question', 'detect', 'segment', 'ocr']) {
    assert.deepEqual(scopesOf(grammar, `${task} `), [`${task} keyword.other.task.paligemma`]);
    assert.deepEqual(scopesOf(grammar, `${task}s `), [`${task}s string.unquoted.prompt.paligemma`]);
  }
  for (const name of ['@model', '@image', '@set']) {
    assert.deepEqual(scopesOf(grammar, `  ${name}`), [`${name} keyword.control.directive.paligemma`]);
    assert.deepEqual(scopesOf(grammar, `${name}s`), [`${name}s invalid.illegal.directive.paligemma`]);
  }
});

test('all 35 languages are coloured', async () => {
  const grammar = await grammarOf('source.paligemma');
  for (
    const code
      of 'ar bn cs da de el en es fa fi fil fr he hi hr hu id it ja ko mi nl no pl pt ro ru sv sw te th tr uk vi zh'
        .split(' ')
  ) {
    assert.deepEqual(scopesOf(grammar, `caption ${code}`), [
      'caption keyword.other.task.paligemma',
      `${code} constant.language.code.paligemma`,
    ]);
  }
});

test('a prompt that is joined ends where its last line ends', async () => {
  const grammar = await grammarOf('source.paligemma');
  const lines = tokenize(grammar, 'a\\\n# b\\\n\n# c');
  assert.ok(lines[1]?.every(piece => piece.scopes[0] === 'meta.prompt.paligemma'));
  assert.equal(lines[3]?.[0]?.scopes[0], 'comment.line.number-sign.paligemma');
});

test('long lines are tokenized in time that grows with their length only', async () => {
  const grammar = await grammarOf('source.paligemma');
  // VS Code gives up at 20,000 characters a line.
  for (const piece of ['x ', ' ', ';', '\\', '<', '"', "'", '{', ',', '<loc0001>', '*']) {
    for (const prefix of ['', 'detect ', '@image ', '@set ', '  => ', '@model ']) {
      const fault = growthFault(
        (line: string) => tokenize(grammar, line),
        length => prefix + piece.repeat(length / piece.length),
        20_000,
      );
      assert.equal(fault, undefined, `${prefix}${piece}…`);
    }
  }
});
