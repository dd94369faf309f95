/**
 * What the manifest contributes for the language points at files that are there and say what the language server says.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { semanticTokenModifiers, semanticTokenTypes } from '../../server/src/language/features/semanticTokens';
import { parse } from '../unit/language/promptSupport';

interface Contributions {
  readonly languages: readonly {
    readonly id: string;
    readonly configuration: string;
    readonly extensions: readonly string[];
    readonly icon: Readonly<Record<string, string>>;
  }[];
  readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
  readonly snippets: readonly { readonly path: string }[];
  readonly semanticTokenModifiers: readonly { readonly id: string }[];
  readonly semanticTokenScopes: readonly { readonly scopes: Readonly<Record<string, readonly string[]>> }[];
}

const read = (file: string) => JSON.parse(readFileSync(path.resolve(file), 'utf8')) as unknown;
const contributions = read('syntaxes/contributions.json') as Contributions;

test('every contributed file is there', () => {
  const files = [
    ...contributions.languages.flatMap(language => [language.configuration, ...Object.values(language.icon)]),
    ...contributions.grammars.map(grammar => grammar.path),
    ...contributions.snippets.map(snippet => snippet.path),
  ];
  for (const file of files) assert.ok(existsSync(path.resolve(file)), file);
  for (const grammar of contributions.grammars) {
    assert.equal((read(grammar.path) as { scopeName: string }).scopeName, grammar.scopeName);
  }
});

test('semantic scopes name token types and modifiers of the server', () => {
  assert.deepEqual(contributions.semanticTokenModifiers.map(modifier => modifier.id), [...semanticTokenModifiers]);
  for (const selector of contributions.semanticTokenScopes.flatMap(entry => Object.keys(entry.scopes))) {
    const [type, ...modifiers] = selector.split('.');
    assert.ok((semanticTokenTypes as readonly string[]).includes(type ?? ''), selector);
    assert.ok(modifiers.every(modifier => (semanticTokenModifiers as readonly string[]).includes(modifier)), selector);
  }
});

test('snippets are prompts without faults of form', () => {
  const snippets = read('syntaxes/snippets.json') as Readonly<
    Record<string, { readonly body: readonly string[]; readonly description: string }>
  >;
  for (const [name, { body, description }] of Object.entries(snippets)) {
    assert.ok(description !== '', name);
    const text = body.join('\n').replace(/\$\{\d+\|([^,]*),[^}]*\}/g, '$1').replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(
      /\\\\/g,
      '\\',
    );
    const document = parse(text);
    assert.ok(document.directives.every(directive => directive.kind !== 'unknown'), name);
    assert.equal(document.strayExpectations.length, 0, name);
  }
});

test('the word pattern takes directives, tokens and words of any language', () => {
  const { wordPattern } = read('syntaxes/language-configuration.json') as {
    wordPattern: { pattern: string; flags: string };
  };
  const words = (text: string) => text.match(new RegExp(wordPattern.pattern, `g${wordPattern.flags}`));
  assert.deepEqual(words('@set max-new-tokens 12'), ['@set', 'max-new-tokens', '12']);
  assert.deepEqual(words('caption <loc0001><loc0002>'), ['caption', '<loc0001>', '<loc0002>']);
  assert.deepEqual(words("Kreis größer, it's 中文"), ['Kreis', 'größer', "it's", '中文']);
});
