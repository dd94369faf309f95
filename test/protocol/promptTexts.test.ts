// Hostile and unusual texts over the wire: positions in every unit, line ends, marks, documents without a file, size.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type {
  CompletionList,
  Diagnostic,
  DocumentLink,
  Hover,
  Range,
  SemanticTokens,
} from 'vscode-languageserver-types';
import { buildFakeHost } from '../support/fakeHostWatch';
import {
  at,
  codesOf,
  fullCapabilities,
  messageText,
  PromptEditor,
  span,
  wholeText,
  type PromptEditorOptions,
} from '../support/promptEditor';
import { seededRandom } from '../support/seededRandom';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('prompt-texts');
const timeout = 60_000;
const picture = path.resolve('test/fixtures/golden/images/one-pixel.png');
const editors: PromptEditor[] = [];
let hostPath = '';
let counter = 0;

before(async () => {
  hostPath = await buildFakeHost(folder);
});
after(() => {
  for (const { client } of editors) client.child.kill('SIGKILL');
});

async function start(options: Partial<PromptEditorOptions> = {}): Promise<PromptEditor> {
  const root = options.root ?? path.join(folder, `workspace-${++counter}`);
  mkdirSync(root, { recursive: true });
  const editor = await PromptEditor.start({
    ...options,
    root,
    env: { PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: path.join(folder, `cache-${counter}`) },
  });
  editors.push(editor);
  return editor;
}

/** The text of a one-line range, in the units of an encoding. */
function cut(line: string, { start, end }: Range, encoding: string): string {
  const bytes = { 'utf-8': 'utf8', 'utf-16': 'utf16le', 'utf-32': '' }[encoding] as BufferEncoding;
  if (encoding === 'utf-32') return [...line].slice(start.character, end.character).join('');
  const unit = encoding === 'utf-16' ? 2 : 1;
  return Buffer.from(line, bytes).subarray(start.character * unit, end.character * unit).toString(bytes);
}

for (const encoding of ['utf-16', 'utf-8', 'utf-32']) {
  test(
    `positions in ${encoding}, behind emoji, umlauts, a byte order mark and every line end`,
    { timeout },
    async () => {
      const editor = await start({
        capabilities: {
          ...fullCapabilities,
          general: { positionEncodings: encoding === 'utf-16' ? ['utf-8', 'utf-16'] : [encoding] },
        },
      });
      assert.equal(editor.client.initializeResult.capabilities['positionEncoding'], encoding);
      copyFileSync(picture, path.join(folder, `workspace-${counter}`, '😀 ü#%.png'));
      const lines = ['\ufeff# größe', '@image "😀 ü#%.png", 😀 gone.png', 'detect 😀 cup;größe', 'Detect ü😀'];
      const text = `${lines[0]}\r\n${lines[1]}\r${lines[2]}\n${lines[3]}`;
      const uri = await editor.open(editor.uri('x.paligemma'), text);
      const found = await editor.diagnostics(
        uri,
        (diagnostics, version) => version === 1 && codesOf(diagnostics).includes('image-missing'),
      );
      const textOf = (code: string) => {
        const diagnostic = found.find(each => each.code === code);
        assert.ok(diagnostic !== undefined, `no ${code} in ${codesOf(found).join()}`);
        return cut(lines[diagnostic.range.start.line] ?? '', diagnostic.range, encoding);
      };
      assert.equal(textOf('image-missing'), '😀 gone.png');
      assert.equal(textOf('capital-task'), 'Detect');
      const links = await editor.ask<DocumentLink[]>('documentLink', uri);
      assert.deepEqual(
        links.map(
          link => [cut(lines[1] ?? '', link.range, encoding), decodeURIComponent(link.target ?? '').split('/').at(-1)],
        ),
        [['"😀 ü#%.png"', '😀 ü#%.png']],
      );
      const inPath = { 'utf-16': 12, 'utf-8': 16, 'utf-32': 10 }[encoding] ?? 0;
      const hover = await editor.ask<Hover>('hover', uri, at(1, inPath));
      assert.equal(hover.range === undefined ? '' : cut(lines[1] ?? '', hover.range, encoding), '"😀 ü#%.png"');
      const { data } = await editor.ask<SemanticTokens>('semanticTokens/range', uri, {
        range: { start: { line: 2, character: 0 }, end: { line: 2, character: 99 } },
      });
      assert.deepEqual(data.slice(0, 3), [2, 0, 6]);
      // An edit in the middle of the line, in the client's units: the emoji becomes a word.
      const emoji = { 'utf-16': 2, 'utf-8': 4, 'utf-32': 1 }[encoding] ?? 0;
      const version = await editor.change(uri, [{ range: span(2, 7, 7 + emoji), text: 'tea' }]);
      const later = await editor.diagnostics(uri, (_, sent) => sent === version);
      const spacing = later.find(({ code }) => code === 'separator-spacing');
      assert.equal(spacing === undefined ? '' : cut('detect tea cup;größe', spacing.range, encoding).trim(), ';');
      // Fixes go back in the client's units, and name the client's own diagnostic.
      const [fix] = await editor.actions(uri, span(2, 0, 99), later, ['quickfix']);
      assert.deepEqual(fix?.diagnostics?.[0]?.range, spacing?.range);
      await editor.stop();
    },
  );
}

test('untitled and virtual documents have all that needs no folder', { timeout }, async () => {
  const editor = await start();
  for (
    const uri of [
      'untitled:Untitled-1',
      'vscode-vfs://github/owner/name/x.paligemma',
      'git:/x.paligemma?{"ref":""}',
      'file://server/share/x.paligemma',
    ]
  ) {
    await editor.open(uri, '@image photos/a.png, /no such/*.png\nDetect cup\n');
    const found = await editor.diagnostics(uri, diagnostics => codesOf(diagnostics).includes('capital-task'));
    assert.ok(!codesOf(found).includes('run-failed'), uri);
    assert.ok((await editor.ask<CompletionList>('completion', uri, at(1, 3))).items.length > 0, uri);
    const summary = await editor.command<{ done: number; failed: number }>('paligemma.runAllPrompts', { uri });
    assert.equal(summary.done, 0, uri);
  }
  await editor.stop();
});

test('a line of a megabyte and a file of 10,000 lines are edited, checked and completed', { timeout }, async () => {
  const editor = await start();
  for (
    const text of [
      `detect ${'cup;'.repeat(250_000)}`,
      `@image ${'a,'.repeat(500_000)}`,
      `@image ${'['.repeat(1_000_000)}`,
      `\\${'=>'.repeat(500_000)}\n`,
      'detect cup\n'.repeat(10_000),
      '@image a.png\ncap\n'.repeat(5_000),
    ]
  ) {
    const uri = await editor.open(editor.uri(`x${text.length}.paligemma`), text);
    const version = await editor.change(uri, [{ range: span(0, 5, 5), text: 'x' }, { range: span(0, 5, 6), text: '' }]);
    await editor.diagnostics(uri, (_, sent) => sent === version);
    const startedAt = performance.now();
    for (const method of ['completion', 'hover', 'signatureHelp']) await editor.ask(method, uri, at(0, 9));
    await editor.ask('inlayHint', uri, { range: wholeText });
    for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens', 'semanticTokens/full']) {
      await editor.ask(method, uri);
    }
    await editor.actions(uri, span(0, 0, 0));
    await editor.ask('formatting', uri, { options: { tabSize: 2, insertSpaces: true } });
    assert.ok(performance.now() - startedAt < 10_000, `${text.slice(0, 20)}… took ${performance.now() - startedAt} ms`);
    await editor.close(uri);
  }
  await editor.stop();
});

test(
  'a circle of links and a folder of many pictures are bounded, said so, and hold nothing up',
  { timeout },
  async () => {
    const root = path.join(folder, 'many');
    mkdirSync(path.join(root, 'shots'), { recursive: true });
    // A junction needs no privilege on Windows.
    symlinkSync(root, path.join(root, 'shots', 'circle'), 'junction');
    for (let index = 0; index < 12_000; index++) writeFileSync(path.join(root, 'shots', `${index}.png`), '');
    const editor = await start({ root });
    const uri = await editor.open(editor.uri('x.paligemma'), '@image **/*.png\ncaption en\n');
    let slowest = 0;
    let isDone = false;
    const limited = editor.diagnostics(uri, diagnostics => codesOf(diagnostics).includes('glob-limited')).then(
      found => {
        isDone = true;
        return found;
      },
    );
    while (!isDone) {
      const startedAt = performance.now();
      await editor.ask('hover', uri, at(1, 2));
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
    assert.match(messageText((await limited).find(({ code }) => code === 'glob-limited')), /the first 10000 are used/);
    assert.ok(slowest < 1000, `${slowest} ms for a hover meanwhile`);
    assert.ok((await editor.ask<CompletionList>('completion', uri, at(0, 7))).items.length > 0);
    await editor.stop();
  },
);

test('random edits in random texts: the server agrees with a server that opens the result', { timeout }, async () => {
  const editor = await start();
  const random = seededRandom(7);
  const pieces = [
    '@image a.png',
    '\n',
    '\r\n',
    '\r',
    '\\',
    '=>',
    '  => x',
    'detect ',
    ' ; ',
    '😀',
    '\ud83d',
    'caption en',
    '""',
    '"',
    '# c',
    '@set max-new-tokens 5',
    '\ufeff',
    '\t',
    '<loc0001>',
  ];
  const piece = () => random.pick(pieces);
  const uri = await editor.open(editor.uri('fuzz.paligemma'), '');
  let text = '';
  for (let round = 0; round < 150; round++) {
    const lines = text.split(/\r\n|\r|\n/);
    const line = random.below(lines.length);
    const character = random.below((lines[line]?.length ?? 0) + 1);
    const end = Math.min(lines[line]?.length ?? 0, character + random.below(4));
    const added = piece() + piece();
    const offset = lineOffset(text, line) + character;
    text = text.slice(0, offset) + added + text.slice(offset + end - character);
    await editor.change(uri, [{ range: span(line, character, end), text: added }]);
    if (round % 10 !== 9) continue;
    const fresh = await editor.open(editor.uri(`fuzz-${round}.paligemma`), text);
    const [edited, opened] = await Promise.all(
      [uri, fresh].map(each => editor.ask<SemanticTokens>('semanticTokens/full', each)),
    );
    // The modifiers say whether a picture was found, and that may still be looked up.
    const plain = (tokens: SemanticTokens | undefined) => tokens?.data.filter((_, index) => index % 5 !== 4);
    assert.deepEqual(plain(edited), plain(opened), JSON.stringify(text));
    for (const method of ['hover', 'completion', 'signatureHelp']) await editor.ask(method, uri, at(line, character));
    await editor.close(fresh);
  }
  assert.equal(await editor.stop(), 0);
});

/** Where a line begins. */
function lineOffset(text: string, line: number): number {
  const ends = [...text.matchAll(/\r\n|\r|\n/g)];
  const before = ends[line - 1];
  return before === undefined ? 0 : before.index + before[0].length;
}

test('a request that is cancelled is answered as cancelled, and the next one works', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png\ncaption en\n');
  const source = new CancellationTokenSource();
  const params = { textDocument: { uri }, ...at(0, 9) };
  const asked = editor.client.connection.sendRequest<Diagnostic>('textDocument/hover', params, source.token).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
  source.cancel();
  assert.ok([0, -32800].includes(await asked));
  assert.ok(await editor.ask('completion', uri, at(1, 3)) !== null);
  await editor.stop();
});
