// Running prompts of a file by commands that every client can send, with a host that plays every way to go wrong.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { CodeLens, TextDocumentEdit } from 'vscode-languageserver-types';
import { knownAnswers, showAnswers, storedAnswer, type AskedPictures } from '../../server/src/contract/answers';
import { buildFakeHost } from '../support/fakeHostWatch';
import {
  at,
  codesOf,
  fullCapabilities,
  messageText,
  PromptEditor,
  span,
  type PromptEditorOptions,
} from '../support/promptEditor';
import { storedResults } from '../../server/src/contract/protocol';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('prompt-runs');
const timeout = 30_000;
const picture = path.resolve('test/fixtures/golden/images/one-pixel.png');
const otherPicture = path.resolve('media/samples/01.png');
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
  copyFileSync(picture, path.join(root, 'a.png'));
  copyFileSync(otherPicture, path.join(root, 'b.png'));
  const env = { PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: path.join(root, 'cache'), ...options.env };
  const editor = await PromptEditor.start({ ...options, root, env });
  editors.push(editor);
  return editor;
}

const titles = async (editor: PromptEditor, uri: string, line: number) =>
  (await editor.ask<CodeLens[]>('codeLens', uri)).filter(({ range }) => range.start.line === line).map(({ command }) =>
    command?.title
  );

test(
  'one prompt on its pictures: hints at the end of its line, lenses, hover with the answer, progress',
  { timeout },
  async () => {
    const editor = await start();
    const uri = await editor.open(editor.uri('x.paligemma'), '@image *.png\ncaption en\nocr\n');
    const summary = await editor.command('paligemma.runPrompt', { uri, line: 1 });
    assert.deepEqual(summary, { done: 2, failed: 0, cancelled: 0, problems: [] });
    const hints = await editor.ask<{ position: object; label: string }[]>('inlayHint', uri, { range: span(0, 0, 0) });
    assert.deepEqual(hints, [], 'only what is in the range');
    assert.deepEqual(await editor.hints(uri), ['→ a.png: echo: caption en (+1)']);
    assert.deepEqual(await titles(editor, uri, 1), ['Run', '2 images · 2 results', 'Expect this result']);
    const hover = await editor.ask<{ contents: { value: string } }>('hover', uri, at(1, 3));
    assert.match(hover.contents.value, /!\[.*thumbnails.*\.png\|height=180\)/, 'the boxes of the result are drawn');
    const kinds = editor.client.workDone.map(value => value['kind']);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
    assert.ok(editor.client.workDone.some(value => /^[12]\/2 b\.png/.test(String(value['message']))));
    assert.ok(editor.refreshes.all.includes('inlayHint') && editor.refreshes.all.includes('codeLens'));
    await editor.stop();
  },
);

test('a running prompt shows its text as it grows; stopping it leaves nothing', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png\nslow down\nocr\n');
  const running = editor.command<{ cancelled: number; done: number }>('paligemma.runAllPrompts', { uri });
  await editor.hintsUntil(
    uri,
    labels => labels.length === 2 && labels[0] === '→ so far …' && labels[1] === '→ waiting…',
  );
  assert.deepEqual(await titles(editor, uri, 1), ['Stop', '1 image']);
  assert.deepEqual(await titles(editor, uri, 0), ['Run All (2 prompts)', 'Stop All']);
  assert.deepEqual(await editor.command('paligemma.stopRun', { uri, line: 1 }), { stopped: 1 });
  assert.deepEqual(await running, { done: 1, failed: 0, cancelled: 1, problems: [] });
  assert.deepEqual(await editor.hints(uri), ['→ echo: ocr']);
  await editor.stop();
});

test('stop all ends what waits at once; cancelling the progress does the same', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png\nslow 1\nslow 2\n');
  const running = editor.command<{ cancelled: number }>('paligemma.runAllPrompts', { uri });
  await editor.hintsUntil(uri, labels => labels[0] === '→ so far …');
  assert.deepEqual(await editor.command('paligemma.stopRun', { uri }), { stopped: 2 });
  assert.equal((await running).cancelled, 2);
  assert.deepEqual(await editor.hints(uri), []);
  const again = editor.command('paligemma.runAllPrompts', { uri }).then(
    () => 'answered',
    (error: { code: number }) => error.code,
  );
  await editor.hintsUntil(uri, labels => labels[0] === '→ so far …');
  await editor.client.connection.sendNotification('window/workDoneProgress/cancel', {
    token: editor.client.workDoneTokens.at(-1),
  });
  assert.equal(await again, -32800);
  assert.deepEqual(await editor.hints(uri), []);
  await editor.stop();
});

test('a failure stands on the line of its prompt until that is edited, or runs again', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '# 😀\n@image a.png\nfail now\nocr\n');
  const summary = await editor.command<{ failed: number; problems: string[] }>('paligemma.runAllPrompts', { uri });
  assert.deepEqual([summary.failed, summary.problems], [1, ['The prompt is too long; shorten it.']]);
  const [failure] = (await editor.diagnostics(uri, found => codesOf(found).includes('run-failed'))).filter(({ code }) =>
    code === 'run-failed'
  );
  assert.deepEqual([failure?.range, failure?.message], [span(2, 0, 8), 'a.png: The prompt is too long; shorten it.']);
  const version = await editor.change(uri, [{ range: span(2, 8, 8), text: '!' }]);
  const later = await editor.diagnostics(uri, (_, sent) => sent === version);
  assert.ok(!codesOf(later).includes('run-failed'));
  const back = await editor.change(uri, [{ range: span(2, 8, 9), text: '' }]);
  assert.ok(
    !codesOf(await editor.diagnostics(uri, (_, sent) => sent === back)).includes('run-failed'),
    'undo does not bring it back',
  );
  await editor.stop();
});

test('known results are there when a file is opened again, in another server too, and are hidden by an edit', {
  timeout,
}, async () => {
  const root = path.join(folder, 'known');
  const first = await start({ root });
  const text = '@image a.png\ncaption en\n@set max-new-tokens 7\ncaption en\n';
  const opened = await first.open(first.uri('x.paligemma'), text);
  await first.command('paligemma.runPrompt', { uri: opened, line: 1 });
  await first.stop();
  const editor = await start({ root });
  const uri = await editor.open(editor.uri('x.paligemma'), text);
  assert.deepEqual(
    await editor.hintsUntil(uri, labels => labels.length > 0),
    ['→ echo: caption en'],
    'but not for other settings',
  );
  await editor.change(uri, [{ range: span(1, 10, 10), text: 'x' }]);
  assert.deepEqual(await editor.hints(uri), []);
  await editor.change(uri, [{ range: span(1, 10, 11), text: '' }]);
  assert.deepEqual(await editor.hints(uri), ['→ echo: caption en']);
  copyFileSync(otherPicture, path.join(root, 'a.png'));
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('a.png'), type: 2 }],
  });
  assert.deepEqual(
    await editor.hintsUntil(uri, labels => labels.length === 0),
    [],
    'another picture, nothing is known of it',
  );
  copyFileSync(picture, path.join(root, 'a.png'));
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('a.png'), type: 2 }],
  });
  await editor.hintsUntil(uri, labels => labels.length === 1);
  await editor.stop();
});

test(
  'expected answers: passed and failed are seen on the line, and accepting writes the line',
  { timeout },
  async () => {
    const editor = await start();
    const uri = await editor.open(
      editor.uri('x.paligemma'),
      '@image a.png\r\nocr\r\n  => echo: ocr\r\ncaption en\r\n  => wrong\r\ndescribe en\r\n',
    );
    await editor.command('paligemma.runAllPrompts', { uri });
    const hints = await editor.hints(uri);
    assert.deepEqual(hints, ['→ echo: ocr', '✓', '→ echo: caption en', '✗ different', '→ echo: describe en']);
    const found = await editor.diagnostics(uri, diagnostics => codesOf(diagnostics).includes('expectation-failed'));
    assert.deepEqual(found.find(({ code }) => code === 'expectation-failed')?.range, span(4, 5, 10));
    await editor.command('paligemma.acceptResult', { uri, line: 3 });
    const [edit] = editor.edits.all.at(-1)?.documentChanges as TextDocumentEdit[];
    assert.deepEqual([edit?.textDocument, edit?.edits], [{ uri, version: 1 }, [{
      range: span(4, 0, 10),
      newText: '  => echo: caption en',
    }]]);
    await editor.command('paligemma.acceptResult', { uri, line: 5 });
    assert.deepEqual((editor.edits.all.at(-1)?.documentChanges as TextDocumentEdit[])[0]?.edits, [{
      range: span(5, 11, 11),
      newText: '\r\n  => echo: describe en',
    }]);
    await assert.rejects(editor.command('paligemma.acceptResult', { uri, line: 1 }), /no new answer to accept/);
    await editor.stop();
  },
);

test(
  'a client that shows answers is told where each one of a prompt is kept, and gets it whole',
  { timeout },
  async () => {
    const editor = await start({ options: { showsAnswers: true } });
    const told = new Promise<AskedPictures>(resolve => editor.client.connection.onNotification(showAnswers, resolve));
    const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png, b.png\ncaption en\n@image a.png\nocr\n');
    await editor.command('paligemma.runPrompt', { uri, line: 3 });
    await editor.command('paligemma.runPrompt', { uri, line: 1 });
    await editor.command('paligemma.showImages', { uri, line: 1 });
    const { prompt, pictures } = await told;
    assert.deepEqual([prompt, pictures.map(({ imageUri }) => imageUri)], ['caption en', [
      editor.uri('a.png'),
      editor.uri('b.png'),
    ]]);
    assert.deepEqual(editor.shown, [], 'no picture is opened besides');
    const { connection } = editor.client;
    const imageUri = editor.uri('a.png');
    const known = await connection.sendRequest(knownAnswers, { imageUri });
    assert.deepEqual(known.map(answer => [answer.prompt, answer.text]), [
      ['caption en', 'echo: caption en'],
      ['ocr', 'echo: ocr'],
    ], 'the newest first');
    const key = pictures[0]?.key ?? assert.fail('the answer is known');
    assert.equal(known[0]?.key, key);
    const answer = await connection.sendRequest(storedAnswer, { key });
    assert.deepEqual([answer?.prompt, answer?.suffix, answer?.fromStore], ['caption en', 'echo: caption en', true]);
    assert.equal(await connection.sendRequest(storedAnswer, { key: '0'.repeat(64) }), null);
    for (const wrong of ['../../x', key.toUpperCase().replace(/[0-9]/g, 'F'), '']) {
      await assert.rejects(connection.sendRequest(storedAnswer, { key: wrong }), /not well formed/);
    }
    await assert.rejects(connection.sendRequest(knownAnswers, { imageUri: 'https://a/b.png' }), /not well formed/);
    await assert.rejects(connection.sendRequest(knownAnswers, { imageUri: editor.uri('gone.png') }), /gone\.png/);
  },
);

test('selected lines run, their pictures are shown, and what cannot be run says why', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(
    editor.uri('x.paligemma'),
    'ocr\n@image a.png, gone.png\nocr\ncaption en\ndescribe en\n',
  );
  assert.deepEqual(await editor.command('paligemma.runPromptsInLines', { uri, line: 2, endLine: 3 }), {
    done: 2,
    failed: 0,
    cancelled: 0,
    problems: ['Nothing was found for “gone.png”: check the paths of @image.'],
  });
  const shown = await editor.command<{ images: { imageUri: string; result?: { suffix: string } }[] }>(
    'paligemma.showImages',
    { uri, line: 3 },
  );
  assert.deepEqual(shown.images.map(({ imageUri, result }) => [imageUri, result?.suffix]), [[
    editor.uri('a.png'),
    'echo: caption en',
  ]]);
  assert.deepEqual(editor.shown, [editor.uri('a.png')]);
  const { results } = await editor.client.connection.sendRequest(storedResults, {
    imageUris: [editor.uri('a.png'), editor.uri('b.png'), editor.uri('gone.png')],
    prompt: 'caption en',
  });
  assert.deepEqual(results.map(result => result?.suffix), ['echo: caption en', undefined, undefined], 'nothing is run');
  assert.deepEqual(await editor.command('paligemma.runPrompt', { uri, line: 0 }), {
    done: 0,
    failed: 0,
    cancelled: 0,
    problems: ['No picture is named for a prompt: write “@image” and a path on a line above it.'],
  });
  assert.match(editor.client.messages.at(-1)?.message ?? '', /^Nothing was run\. No picture/);
  mkdirSync(new URL(editor.uri('holiday')));
  const other = await editor.open(editor.uri('folders.paligemma'), '@image holiday/\nocr\ncaption en\n');
  assert.deepEqual(await editor.command('paligemma.runAllPrompts', { uri: other }), {
    done: 0,
    failed: 0,
    cancelled: 0,
    problems: ['holiday/ is a folder. Name the pictures in it, for example holiday/*.png.'],
  });
  for (
    const [argument, message] of [
      [undefined, /needs an argument/],
      [{ uri: 'file:///none' }, /not open as a prompt file/],
      [{ uri, line: -1 }, /whole number/],
      [{ uri, line: 1 }, /no prompt in line 2/],
      [{ uri, line: 'x' }, /whole number/],
    ] as const
  ) await assert.rejects(editor.command('paligemma.runPrompt', argument), message);
  await editor.stop();
});

test('a client without inlay hints gets results as diagnostics', { timeout }, async () => {
  const { inlayHint: _, ...textDocument } = fullCapabilities.textDocument;
  const editor = await start({ capabilities: { ...fullCapabilities, textDocument } });
  const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png\ncaption en\n');
  await editor.command('paligemma.runPrompt', { uri, line: 1 });
  const found = await editor.diagnostics(uri, diagnostics => codesOf(diagnostics).includes('result'));
  assert.deepEqual(found.map(({ code, range, message }) => [code, range, message]), [[
    'result',
    span(1, 0, 10),
    'a.png: echo: caption en',
  ]]);
  await editor.stop();
});

test(
  'a model that is not there fails on the line; a crash of the host does not take the server with it',
  { timeout },
  async () => {
    const editor = await start();
    const uri = await editor.open(
      editor.uri('x.paligemma'),
      '@image a.png\ncrash\n@model nowhere\nocr\n@model demo\nocr\n',
    );
    const summary = await editor.command<{ done: number; failed: number }>('paligemma.runAllPrompts', { uri });
    assert.deepEqual([summary.done, summary.failed], [1, 2]);
    const found = await editor.diagnostics(
      uri,
      diagnostics => codesOf(diagnostics).filter(code => code === 'run-failed').length === 2,
    );
    const failures = found.filter(({ code }) => code === 'run-failed');
    assert.deepEqual(failures.map(({ range }) => range.start.line), [1, 3]);
    assert.match(messageText(failures[1]), /no model .*called nowhere/);
    assert.deepEqual(
      found.filter(({ code }) => code === 'unknown-model').map(({ range }) => range.start.line),
      [2],
      'the short name of the demo model is known',
    );
    await editor.stop();
  },
);

test('while a prompt runs, typing is checked and completed', { timeout }, async () => {
  const editor = await start();
  const gate = path.join(folder, 'gate-typing');
  const uri = await editor.open(editor.uri('x.paligemma'), `@image a.png\ngate ${gate}\n`);
  const running = editor.command('paligemma.runAllPrompts', { uri });
  await editor.hintsUntil(uri, labels => labels[0] === '→ so far …');
  const version = await editor.change(uri, [{ range: span(2, 0, 0), text: 'Detect cup' }]);
  assert.ok(codesOf(await editor.diagnostics(uri, (_, sent) => sent === version)).includes('capital-task'));
  assert.ok((await editor.ask<{ items: unknown[] }>('completion', uri, at(2, 3))).items.length > 0);
  writeFileSync(gate, '');
  assert.deepEqual(await running, { done: 1, failed: 0, cancelled: 0, problems: [] });
  await editor.stop();
});

test('what was run elsewhere is known here too', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image a.png\ncaption en\n');
  assert.deepEqual(await editor.hints(uri), []);
  await editor.client.run({ imageUris: [editor.uri('b.png')], prompt: 'caption en' });
  await editor.client.run({ imageUris: [editor.uri('a.png')], prompt: 'caption en' });
  assert.deepEqual(await editor.hintsUntil(uri, labels => labels.length > 0), ['→ echo: caption en']);
  await editor.stop();
});
