// The built language server on data sets, as any LSP editor sees them.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type {
  CodeLens,
  Command,
  CompletionList,
  DocumentHighlight,
  DocumentSymbol,
  Hover,
  MarkupContent,
  WorkspaceEdit,
} from 'vscode-languageserver-types';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { AskedPictures } from '../../server/src/contract/answers';
import { showAnswers, storedAnswer } from '../../server/src/contract/answers';
import { COMPARE_SET_LINE, lineMasks, MEND_SET, RUN_SET_LINE, SHOW_SET_LINE } from '../../server/src/contract/dataSets';
import { imageHover, imagesAt } from '../../server/src/contract/imageLinks';
import { buildFakeHost } from '../support/fakeHostWatch';
import {
  at,
  codesOf,
  fullCapabilities,
  messageText,
  PromptEditor,
  pullingCapabilities,
  span,
} from '../support/promptEditor';
import { temporaryFolder } from '../support/temporary';
import { goldenModelFolder } from '../support/tokenizers';

const folder = temporaryFolder('data-sets');
const timeout = 60_000;
const boxed = '{"image": "a.png", "prefix": "detect cat", "suffix": "<loc0000><loc0000><loc0512><loc0512> cat"}';
const plain = '{"image": "a.png", "prefix": "caption en", "suffix": "a cat"}';
const faulty = plain.replace('a cat', 'a cat ');
const picture = path.resolve('test/fixtures/golden/images/tiny-8x8.png');
const editors: PromptEditor[] = [];
let hostPath = '';

before(async () => {
  hostPath = await buildFakeHost(folder);
});
after(() => {
  for (const { client } of editors) client.child.kill('SIGKILL');
});

async function start(
  capabilities: Readonly<Record<string, unknown>> = fullCapabilities,
  more: {
    readonly options?: Readonly<Record<string, unknown>>;
    readonly settings?: Readonly<Record<string, unknown>>;
  } = {},
): Promise<PromptEditor> {
  const root = path.join(folder, String(editors.length));
  mkdirSync(root);
  copyFileSync(picture, path.join(root, 'a.png'));
  const env = { PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: path.join(root, 'cache') };
  const editor = await PromptEditor.start({ root, capabilities, env, ...more });
  editors.push(editor);
  return editor;
}

async function opened(
  lines: readonly string[],
  more: Parameters<typeof start>[1] = {},
): Promise<{ readonly editor: PromptEditor; readonly uri: string }> {
  const editor = await start(fullCapabilities, more);
  return { editor, uri: await editor.open(editor.uri('train.jsonl'), `${lines.join('\n')}\n`, 'jsonl') };
}

function markdownOf(hover: Hover | null): string {
  return (hover?.contents as MarkupContent | undefined)?.value ?? '';
}

function argumentsOf(command: Command | undefined): readonly unknown[] {
  return command?.arguments ?? [];
}

function editsOf(edit: WorkspaceEdit | undefined, uri: string) {
  const [change] = edit?.documentChanges ?? [];
  return edit?.changes?.[uri] ?? (change !== undefined && 'edits' in change ? change.edits : []) as never;
}

test('a file is known by its lines, whatever the editor calls its language; one of other lines is left alone', {
  timeout,
}, async () => {
  const editor = await start();
  for (const languageId of ['jsonl', 'json', 'plaintext']) {
    const uri = await editor.open(editor.uri(`${languageId}.jsonl`), `${faulty}\n`, languageId);
    assert.deepEqual(codesOf(await editor.diagnostics(uri, ({ length }) => length > 0)), ['edge-blank']);
  }
  const other = await editor.open(editor.uri('package.json'), '{"name": "thing"}\n', 'json');
  assert.equal(await editor.ask('hover', other, at(0, 12)), null);
  assert.equal(await editor.ask('codeLens', other), null);
  assert.ok(editor.sent.all.every(({ uri }) => uri !== other));
  await editor.stop();
});

test('findings are sent to clients that ask for diagnostics as well: only so they can come in pieces', {
  timeout,
}, async () => {
  const editor = await start(pullingCapabilities);
  const uri = await editor.open(editor.uri('train.jsonl'), `${faulty}\n`, 'jsonl');
  const [finding] = await editor.diagnostics(uri, ({ length }) => length > 0);
  assert.match(finding?.codeDescription?.href ?? '', /docs\/data-set-diagnostics\.md#edge-blank$/);
  assert.deepEqual(await editor.ask('diagnostic', uri), { kind: 'full', items: [] });
  await editor.stop();
});

test('an edit is judged by its line, and a file that stops being a data set loses its findings', {
  timeout,
}, async () => {
  const { editor, uri } = await opened([plain, faulty]);
  await editor.diagnostics(uri, found => codesOf(found).includes('edge-blank'));
  const end = faulty.indexOf(' "}');
  await editor.change(uri, [{ range: span(1, end, end + 1), text: '' }]);
  // What is left: both lines say the same of the same picture.
  await editor.diagnostics(uri, found => codesOf(found).join() === 'repeated-line');
  await editor.change(uri, [{ range: span(0, 0, 0), text: 'x' }]);
  await editor.diagnostics(uri, found => codesOf(found).join() === 'unreadable-line');
  await editor.change(uri, [{ text: '{"name": "thing"}' }]);
  await editor.diagnostics(uri, found => found.length === 0);
  await editor.change(uri, [{ text: faulty }]);
  await editor.diagnostics(uri, found => codesOf(found).join() === 'edge-blank', editor.sent.all.length);
  await editor.stop();
});

test('a picture that vanishes is told of, and one that comes back is not any more', { timeout }, async () => {
  const { editor, uri } = await opened([plain, '{"image": "b.png", "prefix": "caption en", "suffix": "a dog"}']);
  await editor.diagnostics(uri, found => codesOf(found).join() === 'picture-missing');
  copyFileSync(picture, path.join(folder, String(editors.length - 1), 'b.png'));
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('b.png'), type: 1 }],
  });
  await editor.diagnostics(uri, found => found.length === 0);
  const from = editor.sent.all.length;
  rmSync(path.join(folder, String(editors.length - 1), 'a.png'));
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('a.png'), type: 3 }],
  });
  const [gone] = await editor.diagnostics(uri, found => codesOf(found).join() === 'picture-missing', from);
  assert.equal(gone?.range.start.line, 0);
  await editor.stop();
});

test('a client that does not watch files hears of a vanished picture all the same', { timeout }, async () => {
  const { didChangeWatchedFiles: _, ...workspace } = fullCapabilities.workspace;
  const editor = await start({ ...fullCapabilities, workspace });
  const uri = await editor.open(editor.uri('train.jsonl'), `${faulty}\n`, 'jsonl');
  await editor.diagnostics(uri, found => codesOf(found).join() === 'edge-blank');
  rmSync(path.join(folder, String(editors.length - 1), 'a.png'));
  await editor.diagnostics(uri, found => codesOf(found).includes('picture-missing'));
  await editor.stop();
});

test('a large file is checked in pieces with progress, edits in between, and no more findings are sent than fit', {
  timeout,
}, async () => {
  const { editor, uri } = await opened(Array.from({ length: 12_000 }, (_, n) => faulty.replace('a cat', `cat ${n}`)));
  await editor.diagnostics(uri, found => found.length === 501 && messageText(found[500]).includes(' more findings'));
  // Behind the part that is checked first, while the others are.
  await editor.change(uri, [{ range: span(9_000, 0, 0), text: 'x' }]);
  const told = await editor.diagnostics(
    uri,
    found => messageText(found.at(-1)).includes('There are 11500 more') && codesOf(found).includes('unreadable-line'),
  );
  assert.equal(told[0]?.range.start.line, 8_900, 'where the edit is, findings come first');
  assert.ok(editor.client.workDone.some(({ kind, title }) => kind === 'begin' && title === 'Checking the data set'));
  await editor.stop();
});

test('a line with more tokens than the default model takes is told of, where that model is on this machine', {
  timeout,
}, async () => {
  const model = path.join(folder, 'models', 'paligemma2-3b-mix-224');
  cpSync(goldenModelFolder('gqa-224'), model, { recursive: true });
  // The stand-in for the host counts a token for each letter; 256 are what such a model takes.
  const short = plain.replace('a cat', 'a'.repeat(200));
  const long = plain.replace('caption en', 'describe en').replace('a cat', 'b'.repeat(300));
  const { editor, uri } = await opened([short, long], {
    settings: { modelFolders: [path.dirname(model)], model: path.basename(model) },
  });
  const [finding] = await editor.diagnostics(uri, found => codesOf(found).join() === 'too-long');
  assert.equal(finding?.range.start.line, 1);
  assert.match(messageText(finding), /\b313\b.*\b256\b/);
  await editor.change(uri, [{ range: span(1, long.indexOf('bbb'), long.indexOf('bbb') + 100), text: '' }]);
  await editor.diagnostics(uri, found => found.length === 0);
  await editor.stop();
});

test('a line of 10 MB is passed over, and the lines around it are read', { timeout }, async () => {
  const long = JSON.stringify({ image: 'a.png', prefix: 'x', suffix: 'y'.repeat(10_000_000) });
  const { editor, uri } = await opened([plain, long, faulty]);
  const found = await editor.diagnostics(uri, ({ length }) => length > 0);
  assert.deepEqual(found.map(({ range, code }) => [range.start.line, code]), [[2, 'edge-blank']]);
  await editor.change(uri, [{ range: span(1, 5_000_000, 5_000_000), text: 'z' }]);
  assert.equal(await editor.ask('hover', uri, at(1, 5_000_000)), null);
  assert.match(markdownOf(await editor.ask('hover', uri, at(0, 35))), /caption/);
  await editor.stop();
});

test('a light bulb mends a line, its command all of a kind, and fix-all everything', { timeout }, async () => {
  const { editor, uri } = await opened([faulty, plain, faulty.replace('a cat', 'two cats')]);
  const found = await editor.diagnostics(uri, ({ length }) => length === 2);
  const [fix, all] = await editor.actions(uri, found[0]!.range, found);
  const text = `${[faulty, plain, faulty.replace('a cat', 'two cats')].join('\n')}\n`;
  const apply = (edit: WorkspaceEdit | undefined) =>
    TextDocument.applyEdits(TextDocument.create(uri, 'jsonl', 1, text), editsOf(edit, uri));
  assert.equal(apply(fix?.edit), text.replace('a cat "}', 'a cat"}'));
  assert.deepEqual(all?.command?.command, MEND_SET);
  assert.deepEqual(await editor.command(MEND_SET, ...argumentsOf(all?.command)), { lines: 2 });
  assert.equal(apply(editor.edits.all[0]), text.replaceAll(' "}', '"}'));
  const [everything] = await editor.actions(uri, span(0, 0, 0), [], ['source.fixAll']);
  assert.equal(apply(everything?.edit), text.replaceAll(' "}', '"}'));
  await assert.rejects(editor.command(MEND_SET, { uri: 'file:///other' }), /an open data set/);
  await editor.stop();
});

test(
  'hovers: the picture with the boxes of the line, the box of a token, the task of a prompt',
  { timeout },
  async () => {
    const { editor, uri } = await opened([boxed]);
    const over = (text: string) => editor.ask<Hover | null>('hover', uri, at(0, boxed.indexOf(text) + 2));
    assert.match(markdownOf(await over('a.png')), /!\[a\\?\.png\]\(file:.*\.png.*\*\*a\\?\.png\*\*/s);
    assert.match(markdownOf(await over('<loc0512>')), /Pixels of 8 × 8: left 0, top 0, right 4, bottom 4/);
    assert.match(markdownOf(await over('detect')), /detect \{/);
    assert.equal(await editor.ask('hover', uri, at(0, 0)), null);
    const image = { documentUri: uri, target: 'a.png' };
    assert.equal(await editor.client.connection.sendRequest(imageHover, image), null, 'not a second time');
    const place = { documentUri: uri, line: 0, character: 0 };
    assert.deepEqual(await editor.client.connection.sendRequest(imagesAt, place), { imageUris: [editor.uri('a.png')] });
    await editor.stop();
  },
);

test('completion, links, symbols, highlights and the new name of a label', { timeout }, async () => {
  const other = boxed.replaceAll('cat', 'cat ; dog').replace('0512> cat ; dog', '0512> dog');
  const { editor, uri } = await opened([boxed, other]);
  const items = await editor.ask<CompletionList>('completion', uri, at(0, boxed.indexOf('a.png')));
  assert.deepEqual(items.items.map(({ label }) => label), ['a.png']);
  const [link] = await editor.ask<{ readonly target: string }[]>('documentLink', uri);
  assert.equal(link?.target, editor.uri('a.png'));
  const [symbol] = await editor.ask<DocumentSymbol[]>('documentSymbol', uri);
  assert.deepEqual([symbol?.name, symbol?.children?.length], ['a.png', 2]);
  const label = at(0, boxed.indexOf('cat') + 1);
  const marks = await editor.ask<DocumentHighlight[]>('documentHighlight', uri, label);
  assert.equal(marks.length, 3);
  assert.deepEqual(
    await editor.ask('prepareRename', uri, label),
    span(0, boxed.indexOf('cat'), boxed.indexOf('cat') + 3),
  );
  const edit = await editor.ask<WorkspaceEdit>('rename', uri, { ...label, newName: 'wild "cat"' });
  const renamed = TextDocument.applyEdits(
    TextDocument.create(uri, 'jsonl', 1, `${boxed}\n${other}\n`),
    editsOf(edit, uri),
  );
  assert.equal(renamed, `${boxed}\n${other}\n`.replaceAll('cat', 'wild \\"cat\\"'));
  await assert.rejects(editor.ask('rename', uri, { ...label, newName: 'a;b' }), /none of ; < >/);
  await assert.rejects(editor.ask('rename', uri, { ...at(0, 0), newName: 'x' }), /no label here/);
  await editor.stop();
});

test('lenses: show, run and compare, for a client that shows answers', { timeout }, async () => {
  const editor = await start(fullCapabilities, { options: { showsAnswers: true } });
  const shown: AskedPictures[] = [];
  editor.client.connection.onNotification(showAnswers, asked => void shown.push(asked));
  const uri = await editor.open(editor.uri('train.jsonl'), `${boxed}\n`, 'jsonl');
  const lenses = await editor.ask<CodeLens[]>('codeLens', uri);
  const commands = [];
  for (const lens of lenses) {
    const { command } = await editor.client.connection.sendRequest<CodeLens>('codeLens/resolve', lens);
    commands.push(command?.command);
    await editor.command(command?.command ?? '', ...argumentsOf(command));
  }
  assert.deepEqual(commands, [SHOW_SET_LINE, RUN_SET_LINE, COMPARE_SET_LINE]);
  assert.deepEqual(shown.map(({ prompt, pictures }) => [prompt, pictures.length]), [
    ['detect cat', 1],
    ['detect cat', 1],
    ['detect cat', 2],
  ]);
  const key = shown[0]?.pictures[0]?.key ?? '';
  const said = await editor.client.connection.sendRequest(storedAnswer, { key });
  assert.equal(said?.suffix, '<loc0000><loc0000><loc0512><loc0512> cat');
  assert.deepEqual(said.regions, [{ label: 'cat', box: { x1: 0, y1: 0, x2: 4, y2: 4 } }]);
  assert.equal(shown[2]?.pictures[0]?.key, key);
  // What the model answered is another answer, which stands behind the line from now on.
  const hints = await editor.hintsUntil(uri, labels => labels.length > 0);
  assert.match(hints[0] ?? '', /^≠ /);
  await assert.rejects(editor.command(SHOW_SET_LINE, { uri, line: 5 }), /Line 6 names no single picture/);
  await editor.stop();
});

const codes = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');

test('Show and the request of a view have the shapes of a line’s masks, and no model runs for them', {
  timeout,
}, async () => {
  const editor = await start(fullCapabilities, { options: { showsAnswers: true } });
  const shown: AskedPictures[] = [];
  editor.client.connection.onNotification(showAnswers, asked => void shown.push(asked));
  const masked = boxed.replace('> cat"', `>${codes} cat"`).replace('detect', 'segment');
  const uri = await editor.open(editor.uri('train.jsonl'), `${masked}\n`, 'jsonl');
  await editor.command(SHOW_SET_LINE, { uri, line: 0 });
  const said = await editor.client.connection.sendRequest(storedAnswer, { key: shown[0]?.pictures[0]?.key ?? '' });
  assert.deepEqual(said?.regions.map(({ mask }) => mask), [{ width: 8, height: 8, png: 'fake' }]);

  const suffix = `<loc0000><loc0000><loc0512><loc0512>${codes} cat`;
  const ask = (more: object) =>
    editor.client.connection.sendRequest(lineMasks, { suffix, widthPx: 400, heightPx: 200, maxSidePx: 100, ...more });
  assert.deepEqual(await ask({}), { widthPx: 100, heightPx: 50, masks: [{ region: 0, png: 'fake' }] });
  assert.deepEqual(await ask({ suffix: 'a cat' }), { widthPx: 100, heightPx: 50, masks: [] });
  for (const wrong of [{ suffix: 5 }, { widthPx: 0 }, { heightPx: 0.5 }, { maxSidePx: 'many' }]) {
    await assert.rejects(ask(wrong), /lineMasks.*not well formed/, JSON.stringify(wrong));
  }
  await editor.stop();
});

test('with the settings off there are neither findings nor lenses', { timeout }, async () => {
  const settings = { dataSetFindings: false, dataSetLenses: false };
  const { editor, uri } = await opened([faulty], { settings });
  assert.deepEqual(await editor.ask('codeLens', uri), []);
  await editor.change(uri, [{ range: span(0, 0, 0), text: ' ' }]);
  assert.match(markdownOf(await editor.ask('hover', uri, at(0, 36))), /caption/);
  assert.deepEqual(editor.sent.all, []);
  await editor.stop();
});
