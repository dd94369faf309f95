// The prompt language over the wire: every feature once, with the positions that a client sees.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  SelectionRange,
  SemanticTokens,
  SemanticTokensDelta,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver-types';
import { buildFakeHost } from '../support/fakeHostWatch';
import {
  at,
  codesOf,
  fullCapabilities,
  PromptEditor,
  pullingCapabilities,
  span,
  type PromptEditorOptions,
} from '../support/promptEditor';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('prompt-language');
const timeout = 30_000;
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

async function start(
  options: Partial<PromptEditorOptions> & { readonly images?: readonly string[] } = {},
): Promise<PromptEditor> {
  const root = options.root ?? path.join(folder, `workspace-${++counter}`);
  mkdirSync(root, { recursive: true });
  for (const image of options.images ?? ['cat.png']) {
    mkdirSync(path.dirname(path.join(root, image)), { recursive: true });
    copyFileSync(picture, path.join(root, image));
  }
  const env = { PALIGEMMA_HOST_PATH: hostPath, PALIGEMMA_CACHE: path.join(folder, `cache-${counter}`), ...options.env };
  const editor = await PromptEditor.start({ ...options, root, env });
  editors.push(editor);
  return editor;
}

const labels = (list: CompletionList) => list.items.map(item => item.label);

test('completion, resolve and signature help are answered', { timeout }, async () => {
  const editor = await start({ images: ['photos/a cat.png', 'photos/dog.png'] });
  const uri = await editor.open(editor.uri('x.paligemma'), '@image \ndetect cup ; plate\ndetect \nanswer en what\ncap');
  const tasks = await editor.ask<CompletionList>('completion', uri, at(4, 3));
  const caption = tasks.items.find(item => item.label === 'caption');
  assert.deepEqual(caption?.textEdit, { range: span(4, 0, 3), newText: 'caption ${1:en}' });
  const resolved = await editor.client.connection.sendRequest<CompletionItem>('completionItem/resolve', caption);
  assert.match(JSON.stringify(resolved.documentation), /caption en/);
  await editor.diagnostics(uri, (_, version) => version === 1);
  const images = await editor.ask<CompletionList>('completion', uri, at(0, 7));
  assert.deepEqual(labels(images).slice(0, 2), ['photos/a cat.png', 'photos/dog.png']);
  const image = await editor.client.connection.sendRequest<CompletionItem>('completionItem/resolve', images.items[0]);
  assert.match(JSON.stringify(image.documentation), /1 × 1 px.*\|height=180|\|height=180.*1 × 1 px/);
  const help = await editor.ask<SignatureHelp>('signatureHelp', uri, at(3, 12));
  assert.deepEqual([help.signatures[0]?.label, help.activeParameter], ['answer {language} {question}', 1]);
  assert.equal(await editor.stop(), 0);
});

test('labels of open and closed prompt files are offered', { timeout }, async () => {
  const root = path.join(folder, 'labels');
  mkdirSync(root);
  const editor = await start({ root });
  editor.write('other.paligemma', 'detect teapot ; saucer\n');
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('other.paligemma'), type: 1 }],
  });
  const uri = await editor.open(editor.uri('x.paligemma'), 'segment kettle\ndetect ');
  for (;;) {
    const found = labels(await editor.ask<CompletionList>('completion', uri, at(1, 7)));
    if (!found.includes('teapot') || !found.includes('kettle')) continue;
    assert.ok(found.indexOf('kettle') < found.indexOf('teapot'), 'open files first');
    break;
  }
  await editor.stop();
});

test('hover, links, symbols, folding, selection and formatting are answered', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image cat.png\ncaption  en\ndetect a;b\n=> x');
  const hover = await editor.ask<Hover>('hover', uri, at(0, 9));
  assert.deepEqual(hover.range, span(0, 7, 14));
  assert.match(JSON.stringify(hover.contents), /!\[cat.*thumbnails.*\.png\|width=\d+,height=\d+\).*\d+ × \d+ px/);
  const task = await editor.ask<Hover>('hover', uri, at(1, 3));
  assert.deepEqual(task.range, span(1, 0, 7));
  const links = await editor.ask<DocumentLink[]>('documentLink', uri);
  assert.deepEqual(links.map(({ range, target }) => [range, target]), [[span(0, 7, 14), editor.uri('cat.png')]]);
  const symbols = await editor.ask<DocumentSymbol[]>('documentSymbol', uri);
  assert.deepEqual(symbols.map(symbol => [symbol.name, symbol.children?.map(child => child.name)]), [['cat.png', [
    'caption en',
    'detect a;b',
    '=> x',
  ]]]);
  const folds = await editor.ask<FoldingRange[]>('foldingRange', uri);
  assert.deepEqual(folds.map(({ startLine, endLine }) => [startLine, endLine]), [[0, 3]]);
  const [selection] = await editor.ask<SelectionRange[]>('selectionRange', uri, {
    positions: [{ line: 2, character: 7 }],
  });
  assert.deepEqual([selection?.range, selection?.parent?.range], [span(2, 7, 8), span(2, 7, 10)]);
  const edits = await editor.ask<TextEdit[]>('formatting', uri, { options: { tabSize: 2, insertSpaces: true } });
  assert.ok(
    edits.some(edit => edit.range.start.line === 2 && edit.newText.includes(' ; ') || edit.newText === ' ; '),
    JSON.stringify(edits),
  );
  const part = await editor.ask<TextEdit[]>('rangeFormatting', uri, {
    range: span(1, 0, 11),
    options: { tabSize: 2, insertSpaces: true },
  });
  assert.ok(part.every(edit => edit.range.start.line === 1));
  await editor.stop();
});

test('semantic tokens are answered whole, as a delta and for a range', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), 'caption en\ndetect cup\n');
  const full = await editor.ask<SemanticTokens>('semanticTokens/full', uri);
  assert.deepEqual(full.data.slice(0, 3), [0, 0, 7]);
  const range = await editor.ask<SemanticTokens>('semanticTokens/range', uri, { range: span(1, 0, 10) });
  assert.deepEqual(range.data.slice(0, 3), [1, 0, 6]);
  await editor.change(uri, [{ range: span(1, 7, 10), text: 'saucer' }]);
  const delta = await editor.ask<SemanticTokensDelta>('semanticTokens/full/delta', uri, {
    previousResultId: full.resultId,
  });
  const [edit] = delta.edits;
  assert.ok(edit !== undefined && delta.edits.length === 1);
  const after = await editor.ask<SemanticTokens>('semanticTokens/full', uri);
  const applied = [...full.data];
  applied.splice(edit.start, edit.deleteCount, ...edit.data ?? []);
  assert.deepEqual(applied, after.data);
  await editor.stop();
});

test(
  'diagnostics are sent with the version, quick fixes name them, fix all repairs the file',
  { timeout },
  async () => {
    const editor = await start();
    const uri = await editor.open(editor.uri('x.paligemma'), '@image cat.png\nDetect cup;plate\ncaption en\n');
    const shown = await editor.diagnostics(uri, (_, version) => version === 1);
    const capital = shown.find(({ code }) => code === 'capital-task');
    assert.deepEqual(capital?.range, span(1, 0, 6));
    assert.match(capital?.codeDescription?.href ?? '', /^file:.*diagnostics\.md#capital-task$/);
    const actions = await editor.actions(uri, span(1, 0, 0), shown);
    const fix = actions.find(action => action.title === 'Write “detect”');
    assert.deepEqual(fix?.diagnostics?.map(({ code }) => code), ['capital-task']);
    assert.deepEqual(fix?.edit?.changes?.[uri], [{ range: span(1, 0, 6), newText: 'detect' }]);
    const [all] = await editor.actions(uri, span(0, 0, 0), [], ['source.fixAll']);
    assert.deepEqual(all?.edit?.changes?.[uri]?.map(edit => edit.newText), ['detect cup ; plate']);
    const version = await editor.change(uri, [{ range: span(1, 0, 16), text: 'detect cup ; plate' }]);
    assert.deepEqual(codesOf(await editor.diagnostics(uri, (_, sent) => sent === version)), []);
    await editor.close(uri);
    await editor.diagnostics(uri, (diagnostics, sent) => diagnostics.length === 0 && sent === undefined);
    await editor.stop();
  },
);

test('a client that asks for diagnostics gets a report, and "unchanged" for the same text', { timeout }, async () => {
  const editor = await start({ capabilities: pullingCapabilities });
  assert.ok('diagnosticProvider' in editor.client.initializeResult.capabilities);
  const uri = await editor.open(editor.uri('x.paligemma'), '@image gone.png\nDetect cup\n');
  interface Report {
    readonly kind: string;
    readonly resultId: string;
    readonly items?: readonly Diagnostic[];
  }
  const first = await editor.ask<Report>('diagnostic', uri);
  assert.deepEqual(codesOf(first.items ?? []), ['image-missing', 'capital-task']);
  const again = await editor.ask<Report>('diagnostic', uri, { previousResultId: first.resultId });
  assert.deepEqual(again, { kind: 'unchanged', resultId: first.resultId });
  copyFileSync(picture, path.join(path.dirname(new URL(uri).pathname), 'gone.png'));
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: editor.uri('gone.png'), type: 1 }],
  });
  for (let later = again; later.kind === 'unchanged' || codesOf(later.items ?? []).includes('image-missing');) {
    await editor.refreshes.next(kind => kind === 'diagnostic');
    later = await editor.ask<Report>('diagnostic', uri, { previousResultId: later.resultId });
    if (later.kind === 'full') assert.deepEqual(codesOf(later.items ?? []), ['capital-task']);
  }
  assert.deepEqual(editor.sent.all, [], 'nothing is sent unasked');
  await editor.stop();
});

test('diagnostics follow pictures that appear, turn bad, and are renamed, with and without a client that watches', {
  timeout,
}, async () => {
  const blind = {
    ...fullCapabilities,
    workspace: { ...fullCapabilities.workspace, didChangeWatchedFiles: { dynamicRegistration: false } },
  };
  for (const capabilities of [fullCapabilities, blind]) {
    const root = path.join(folder, `watch-${capabilities === blind ? 'blind' : 'seeing'}`);
    const editor = await start({ root, capabilities, images: [] });
    const tell = async (type: number) => {
      if (capabilities !== blind) {
        await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
          changes: [{ uri: editor.uri('late.png'), type }],
        });
      }
    };
    if (capabilities !== blind) await editor.registrations.next(method => method === 'workspace/didChangeWatchedFiles');
    const uri = await editor.open(editor.uri('x.paligemma'), '@image late.png, *.gif\ncaption en\n');
    const soon = (codes: readonly string[]) =>
      editor.diagnostics(uri, found => codesOf(found).join() === codes.join(), editor.sent.all.length - 1);
    await soon(['image-missing', 'glob-empty']);
    copyFileSync(picture, path.join(root, 'late.png'));
    await tell(1);
    await soon(['glob-empty']);
    if (capabilities === blind) {
      await editor.stop();
      continue;
    }
    renameSync(path.join(root, 'late.png'), path.join(root, 'other.gif'));
    await tell(3);
    await soon(['image-missing']);
    editor.write('late.png', 'this is text');
    await tell(1);
    await soon(['image-unsupported']);
    rmSync(path.join(root, 'late.png'));
    mkdirSync(path.join(root, 'late.png'));
    await tell(2);
    await soon(['image-folder']);
    await editor.stop();
  }
});

test('paths follow files that are renamed, in open and in closed prompt files', { timeout }, async () => {
  const root = path.join(folder, 'renames');
  mkdirSync(root);
  const editor = await start({ root, images: ['photos/a.png'] });
  const closed = editor.write('closed.paligemma', '# 😀\n@image photos/a.png\ncaption en\n');
  await editor.client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: closed, type: 1 }],
  });
  const uri = await editor.open(editor.uri('open.paligemma'), '@image photos/*.png\ncaption en\n');
  const files = [{ oldUri: editor.uri('photos'), newUri: editor.uri('my shots') }];
  let edit: WorkspaceEdit | null = null;
  do edit = await editor.client.connection.sendRequest<WorkspaceEdit | null>('workspace/willRenameFiles', {
    files,
  }); while (edit?.documentChanges?.length !== 2);
  const changes = edit.documentChanges as { readonly textDocument: object; readonly edits: TextEdit[] }[];
  assert.deepEqual(changes.map(change => [change.textDocument, change.edits.map(each => each.newText)]), [
    [{ uri, version: 1 }, ['my shots/*.png']],
    [{ uri: closed, version: null }, ['my shots/a.png']],
  ]);
  assert.equal(
    await editor.client.connection.sendRequest('workspace/willRenameFiles', {
      files: [{ oldUri: editor.uri('no'), newUri: editor.uri('yes') }],
    }),
    null,
  );
  await editor.stop();
});

test('code lenses tell what can be run; a client without lenses gets code actions', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.paligemma'), '@image cat.png\ncaption en\n');
  // A slow disk is not waited for: the client is told to ask again.
  const lensesAfter = async (refreshes: number): Promise<CodeLens[]> => {
    const shown = await editor.ask<CodeLens[]>('codeLens', uri);
    if (shown.length > 2) return shown;
    await editor.refreshes.next(kind => kind === 'codeLens', refreshes);
    return lensesAfter(editor.refreshes.all.length);
  };
  const lenses = await lensesAfter(0);
  assert.deepEqual(lenses.map(({ range, command }) => [range.start.line, command?.title, command?.command]), [
    [0, 'Run All (1 prompt)', 'paligemma.runAllPrompts'],
    [1, 'Run', 'paligemma.runPrompt'],
    [1, '1 image', 'paligemma.showImages'],
  ]);
  const { codeLens: _, ...textDocument } = fullCapabilities.textDocument;
  const plain = await start({ capabilities: { ...fullCapabilities, textDocument } });
  const other = await plain.open(plain.uri('x.paligemma'), '@image cat.png\ncaption en\n');
  const actions: CodeAction[] = await plain.actions(other, span(1, 0, 0));
  assert.ok(actions.some(action => action.command?.command === 'paligemma.runPrompt'));
  await plain.stop();
  await editor.stop();
});

test('documents of other languages, and unknown ones, get empty answers', { timeout }, async () => {
  const editor = await start();
  const uri = await editor.open(editor.uri('x.md'), '# caption', 'markdown');
  for (const method of ['hover', 'completion', 'signatureHelp']) {
    assert.equal(await editor.ask(method, uri, at(0, 3)), null, method);
  }
  assert.equal(await editor.ask('documentSymbol', editor.uri('never-opened.paligemma')), null);
  assert.deepEqual(await editor.ask('semanticTokens/full', uri), { data: [] });
  await editor.change(uri, [{ text: 'x' }]);
  await editor.close(uri);
  await editor.stop();
});
