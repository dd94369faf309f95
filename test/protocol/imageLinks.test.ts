// The built language server with the fake host: pictures that documents link to, as any LSP editor sees them.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource, ResponseError } from 'vscode-jsonrpc/node';
import type { ApplyWorkspaceEditParams, PublishDiagnosticsParams } from 'vscode-languageserver/node';
import type { CodeAction, Hover, InlayHint, MarkupContent, TextDocumentEdit } from 'vscode-languageserver-types';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  ACCEPT_CAPTION,
  imageCaption,
  imageHover,
  imagesAt,
  picturePreview,
  SUGGEST_ALT_TEXT,
  USE_ALT_TEXT,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  WRITE_MISSING_IN_WORKSPACE,
  type AltTextSuggestions,
  type WriteAltTextArguments,
} from '../../server/src/contract/imageLinks';
import { trustGranted } from '../../server/src/contract/protocol';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import { LspClient } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('image-links');
const uriOf = (name: string) => pathToFileURL(path.join(folder, name)).href;
const uri = uriOf('page.md');
const timeout = 30_000;
let hostPath = '';
let watch: FakeHostWatch;
let caches = 0;
const clients: Editor[] = [];

before(async () => {
  mkdirSync(path.join(folder, 'img ü'));
  copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(folder, 'img ü', 'a.png'));
  copyFileSync(path.resolve('test/fixtures/golden/images/tiny-8x8.png'), path.join(folder, 'b.png'));
  writeFileSync(path.join(folder, 'other.rst'), '.. image:: b.png\n');
  hostPath = await buildFakeHost(folder);
  watch = await FakeHostWatch.open();
});
after(async () => {
  for (const { client } of clients) client.child.kill('SIGKILL');
  await watch.close();
});

/** A client that holds documents and applies what the server asks for. */
class Editor {
  readonly edits: ApplyWorkspaceEditParams[] = [];
  readonly texts = new Map<string, TextDocument>();
  accepts = true;

  private constructor(readonly client: LspClient) {
    client.connection.onRequest('workspace/applyEdit', (params: ApplyWorkspaceEditParams) => {
      this.edits.push(params);
      return { applied: this.accepts };
    });
  }

  static async start(options: Readonly<Record<string, unknown>> = {}): Promise<Editor> {
    const client = await LspClient.start({
      options,
      env: {
        PALIGEMMA_HOST_PATH: hostPath,
        PALIGEMMA_CACHE: path.join(folder, `cache-${++caches}`),
        ...watch.environment,
      },
      workspaceFolders: [pathToFileURL(folder).href],
      capabilities: {
        general: { markdown: { parser: 'marked' } },
        window: { workDoneProgress: true },
        textDocument: { hover: { contentFormat: ['markdown'] }, inlayHint: {} },
        workspace: { applyEdit: true, workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
      },
    });
    const editor = new Editor(client);
    clients.push(editor);
    return editor;
  }

  async open(at: string, languageId: string, text: string): Promise<void> {
    this.texts.set(at, TextDocument.create(at, languageId, 1, text));
    await this.client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: at, languageId, version: 1, text },
    });
  }

  async insert(at: string, character: number, text: string): Promise<void> {
    const range = { start: { line: 0, character }, end: { line: 0, character } };
    await this.client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: at, version: 2 },
      contentChanges: [{ range, text }],
    });
  }

  actions(at: string, line: number, character: number): Promise<CodeAction[] | null> {
    const position = { line, character };
    return this.client.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: at },
      range: { start: position, end: position },
      context: { diagnostics: [] },
    });
  }

  execute(command: string, ...args: unknown[]): Promise<unknown> {
    return this.client.connection.sendRequest('workspace/executeCommand', { command, arguments: args });
  }

  hover(at: string, line: number, character: number): Promise<Hover | null> {
    return this.client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: at },
      position: { line, character },
    });
  }

  hints(at: string, lines: number): Promise<InlayHint[] | null> {
    return this.client.connection.sendRequest('textDocument/inlayHint', {
      textDocument: { uri: at },
      range: { start: { line: 0, character: 0 }, end: { line: lines, character: 0 } },
    });
  }

  /** The texts after the last edit. */
  written(): Record<string, string> {
    const changes = (this.edits.at(-1)?.edit.documentChanges ?? []) as TextDocumentEdit[];
    return Object.fromEntries(changes.map(({ textDocument, edits }) => {
      const document = this.texts.get(textDocument.uri)
        ?? TextDocument.create(textDocument.uri, '', 0, readFileSync(new URL(textDocument.uri), 'utf8'));
      return [path.basename(textDocument.uri), TextDocument.applyEdits(document, edits as never)];
    }));
  }
}

const page = '![](img%20%C3%BC/a.png) and\n![old](b.png)\n';

test('a code action on a link runs the model and writes the alt text alone', { timeout }, async () => {
  const editor = await Editor.start();
  await editor.open(uri, 'markdown', page);
  const actions = await editor.actions(uri, 0, 3) ?? [];
  assert.deepEqual(actions.map(({ title }) => title), [
    'Write alt text (caption)',
    'Write alt text (long description)',
    'Write alt text (text in the image)',
  ]);
  const { command, arguments: args = [] } = actions[0]?.command ?? assert.fail();
  assert.equal(command, WRITE_ALT_TEXT);
  await editor.execute(command, ...args as unknown[]);
  assert.deepEqual(editor.written(), { 'page.md': '![echo: caption en](img%20%C3%BC/a.png) and\n![old](b.png)\n' });
  assert.equal((editor.edits[0]?.edit.documentChanges?.[0] as TextDocumentEdit).textDocument.version, 1);
  assert.deepEqual(
    editor.client.workDone.map(({ kind }) => kind).filter((kind, index, all) => kind !== all[index - 1]),
    ['begin', 'report', 'end'],
  );
  const replace = (await editor.actions(uri, 1, 3))?.[2];
  assert.equal(replace?.title, 'Replace alt text (text in the image)');
  await editor.execute(WRITE_ALT_TEXT, ...replace?.command?.arguments as unknown[]);
  assert.deepEqual(editor.written(), { 'page.md': '![](img%20%C3%BC/a.png) and\n![echo: ocr](b.png)\n' });
  assert.deepEqual(await editor.actions(uri, 0, 26), []);
  assert.equal(await editor.client.stop(), 0);
});

test('the link changed: a message, and no edit', { timeout }, async () => {
  const editor = await Editor.start();
  await editor.open(uri, 'markdown', page);
  const args = (await editor.actions(uri, 0, 3))?.[0]?.command?.arguments as [WriteAltTextArguments];
  await editor.insert(uri, 2, 'mine');
  assert.equal(await editor.execute(WRITE_ALT_TEXT, ...args), null);
  assert.deepEqual(editor.edits, []);
  assert.match(editor.client.messages[0]?.message ?? '', /changed in the meantime/);
  await editor.client.stop();
});

test('all missing alt text of a file is written, after a preview', { timeout }, async () => {
  const editor = await Editor.start();
  await editor.open(uri, 'markdown', `${page}<img src="b.png">\n![](missing.png)\n`);
  await editor.execute(WRITE_MISSING_ALT_TEXT, { uri });
  assert.deepEqual(editor.written(), {
    'page.md':
      '![echo: caption en](img%20%C3%BC/a.png) and\n![old](b.png)\n<img src="b.png" alt="echo: caption en">\n![](missing.png)\n',
  });
  assert.ok(
    Object.values(editor.edits[0]?.edit.changeAnnotations ?? {}).every(({ needsConfirmation }) =>
      needsConfirmation === true
    ),
  );
  assert.match(editor.client.messages[0]?.message ?? '', /2 images/);
  await editor.client.stop();
});

test('what a dialect keeps elsewhere is not missing, and what is missing goes there', { timeout }, async () => {
  const editor = await Editor.start();
  const quarto = uriOf('page.qmd');
  await editor.open(
    quarto,
    'quarto',
    '![](b.png){fig-alt="A photo"}\n\n![A caption](b.png){fig-alt="A photo"}\n\n![](b.png){#fig-x fig-alt="x"}\n\n![](b.png)\n',
  );
  await editor.execute(WRITE_MISSING_ALT_TEXT, { uri: quarto });
  assert.deepEqual(editor.written(), {
    'page.qmd':
      '![](b.png){fig-alt="A photo"}\n\n![A caption](b.png){fig-alt="A photo"}\n\n![](b.png){#fig-x fig-alt="x"}\n\n![](b.png){fig-alt="echo: caption en"}\n',
  });
  const notes = uriOf('notes.md');
  await editor.open(notes, 'markdown', '![|100](b.png)\n\n![[b.png]]\n\n![[b.png|100]]\n');
  await editor.execute(WRITE_MISSING_ALT_TEXT, { uri: notes });
  assert.deepEqual(editor.written(), {
    'notes.md': '![echo: caption en|100](b.png)\n\n![[b.png|echo: caption en]]\n\n![[b.png|echo: caption en|100]]\n',
  });
  await editor.client.stop();
});

test('languages have the names that other editors give them', { timeout }, async () => {
  const editor = await Editor.start();
  const documents = [
    ['page.rst', 'rst', '.. image:: b.png'],
    ['page.tex', 'plaintex', '\\includegraphics{b.png}'],
    ['page.html', 'htmldjango', '<img src="b.png">'],
    ['page.tsx', 'typescript.tsx', 'const x = <img src="b.png" />;'],
    ['page.typ', 'unheard-of', '#image("b.png")'],
  ] as const;
  for (const [name, languageId, text] of documents) {
    await editor.open(uriOf(name), languageId, text);
    const actions = await editor.actions(uriOf(name), 0, text.indexOf('b.png')) ?? [];
    assert.equal(actions[0]?.title, 'Write alt text (caption)', languageId);
  }
  await editor.client.stop();
});

test(
  'all missing alt text of the workspace is written: into open documents as they are, into closed ones as on disk',
  { timeout },
  async () => {
    const editor = await Editor.start();
    await editor.open(uri, 'markdown', '![](b.png)');
    writeFileSync(path.join(folder, 'page.md'), 'the file on disk is older');
    await editor.execute(WRITE_MISSING_IN_WORKSPACE);
    assert.deepEqual(editor.written(), {
      'page.md': '![echo: caption en](b.png)',
      'other.rst': '.. image:: b.png\n   :alt: echo: caption en\n',
    });
    await editor.client.stop();
  },
);

test(
  'hover: the picture, its size, and after a run what is known and the hint behind the link',
  { timeout },
  async () => {
    const editor = await Editor.start();
    await editor.open(uri, 'markdown', page);
    const text = async () => ((await editor.hover(uri, 0, 12))?.contents as MarkupContent | undefined)?.value ?? '';
    const before = await text();
    assert.match(before, /^!\[a\\\.png\]\(file:\/\/.*thumbnails.*\.png/);
    assert.match(before, /\*\*a\\\.png\*\* 4 × 3 px, \d+ bytes/);
    assert.doesNotMatch(before, /command:|echo/);
    assert.deepEqual(await editor.hints(uri, 2), []);
    await editor.client.run({ imageUris: [uriOf('img ü/a.png')], prompt: 'detect cup' });
    assert.match(await text(), /`detect cup` → cup · echo\\: detect cup/);
    assert.deepEqual((await editor.hover(uri, 0, 12))?.range, {
      start: { line: 0, character: 0 },
      end: { line: 0, character: 23 },
    });
    assert.equal(await editor.hover(uri, 0, 26), null);
    assert.deepEqual(await editor.hints(uri, 2), [], 'objects are no caption');
    await editor.execute(WRITE_ALT_TEXT, ...(await editor.actions(uri, 0, 3))?.[0]?.command?.arguments as unknown[]);
    assert.equal(
      await editor.client.connection.sendRequest(imageCaption, { imageUri: uriOf('img ü/a.png') }),
      'echo: caption en',
    );
    assert.equal(await editor.client.connection.sendRequest(imageCaption, { imageUri: uriOf('b.png') }), null);
    assert.deepEqual((await editor.hints(uri, 2))?.map(({ label, position }) => [label, position]), [[
      'echo: caption en',
      { line: 0, character: 23 },
    ]]);
    await editor.client.stop();
  },
);

test('a path in a string, in documents that are sent and in those that are not', { timeout }, async () => {
  const editor = await Editor.start();
  const code = uriOf('page.tsx');
  await editor.open(code, 'typescriptreact', 'const logo = "./b.png";\n');
  assert.match(((await editor.hover(code, 0, 16))?.contents as MarkupContent).value, /b\\\.png/);
  const known = await editor.client.connection.sendRequest(imageHover, {
    documentUri: uriOf('main.py'),
    target: 'b.png',
  });
  assert.match(known?.markdown ?? '', /b\\\.png/);
  assert.equal(
    await editor.client.connection.sendRequest(imageHover, {
      documentUri: uriOf('main.py'),
      target: 'https://example.org/b.png',
    }),
    null,
  );
  await assert.rejects(
    editor.client.connection.sendRequest('paligemma/imageHover', { target: 5 }),
    (error: unknown) => error instanceof ResponseError,
  );
  await editor.client.stop();
});

test('the pictures that a place means: links, strings, paths and globs of prompt files', { timeout }, async () => {
  const editor = await Editor.start();
  await editor.open(uri, 'markdown', page);
  const prompts = uriOf('prompts.paligemma');
  await editor.open(prompts, 'paligemma', '@image b.png, gone.png\n@image *.png\n@image "img ü/a.png"\ncaption en\n');
  const at = async (documentUri: string, line: number, character: number, target?: string) =>
    (await editor.client.connection.sendRequest(imagesAt, {
      documentUri,
      line,
      character,
      ...(target === undefined ? {} : { target }),
    })).imageUris;
  assert.deepEqual(await at(uri, 0, 12), [uriOf('img ü/a.png')]);
  assert.deepEqual(await at(uri, 0, 25), []);
  assert.deepEqual(await at(uriOf('main.py'), 3, 0, 'b.png'), [uriOf('b.png')]);
  assert.deepEqual(await at(uriOf('main.py'), 3, 0, 'https://example.org/b.png'), []);
  assert.deepEqual(await at(prompts, 0, 9), [uriOf('b.png')]);
  assert.deepEqual(await at(prompts, 0, 16), [], 'a file that is not there');
  assert.deepEqual(await at(prompts, 1, 8), [uriOf('b.png')]);
  assert.deepEqual(await at(prompts, 3, 2), []);
  copyFileSync(path.join(folder, 'b.png'), path.join(folder, 'scan.tif'));
  assert.deepEqual(await at(uriOf('main.py'), 3, 0, 'scan.tif#page=2'), [`${uriOf('scan.tif')}#page=2`]);
  const paged = uriOf('pages.paligemma');
  await editor.open(paged, 'paligemma', '@image scan.tif#page=2-3\nocr\n');
  assert.deepEqual(await at(paged, 0, 9), [2, 3].map(page => `${uriOf('scan.tif')}#page=${page}`));
  await assert.rejects(
    editor.client.connection.sendRequest('paligemma/imagesAt', { documentUri: uri, line: -1, character: 0 }),
    (error: unknown) => error instanceof ResponseError,
  );
  await editor.client.stop();
});

test('the hover over a path of @image is the one over a link', { timeout }, async () => {
  const editor = await Editor.start({ commandLinks: true });
  await editor.client.run({ imageUris: [uriOf('b.png')], prompt: 'detect cup' });
  const prompts = uriOf('prompts.paligemma');
  await editor.open(prompts, 'paligemma', '@image b.png\n@image *.png\n');
  await editor.open(uri, 'markdown', '![](b.png)\n');
  const hover = await editor.hover(prompts, 0, 9);
  assert.deepEqual(hover?.range, { start: { line: 0, character: 7 }, end: { line: 0, character: 12 } });
  const { value } = hover.contents as MarkupContent;
  assert.match(value, /thumbnails.*\.png[^]*paligemma\.runOnImage[^]*`detect cup` → cup/);
  assert.equal(value, ((await editor.hover(uri, 0, 6))?.contents as MarkupContent).value);
  assert.match(((await editor.hover(prompts, 1, 8))?.contents as MarkupContent).value, /1 picture/, 'a glob is a list');
  await editor.client.stop();
});

test(
  'not trusted: no process decodes a picture, runs are refused; both go once trust is granted',
  { timeout },
  async () => {
    const editor = await Editor.start({ workspaceTrust: false });
    const before = watch.started.length;
    await editor.open(uri, 'markdown', page);
    const text = async () => ((await editor.hover(uri, 1, 9))?.contents as MarkupContent).value;
    const value = await text();
    assert.match(value, /\*\*b\\\.png\*\* 8 × 8 px/);
    assert.ok(value.includes(uriOf('b.png')) && !value.includes('thumbnails'), value);
    const refused = (error: unknown) => error instanceof ResponseError && /not trusted/.test(error.message);
    await assert.rejects(editor.client.connection.sendRequest(picturePreview, { imageUri: uriOf('b.png') }), refused);
    const [outcome] = (await editor.client.run({ imageUris: [uriOf('b.png')], prompt: 'caption en' })).outcomes;
    assert.match(outcome !== undefined && 'error' in outcome ? outcome.error.message : '', /not trusted/);
    assert.equal(watch.started.length, before, 'no host was started');
    await editor.client.connection.sendNotification(trustGranted);
    assert.match(await text(), /thumbnails/);
    assert.equal(
      'result' in ((await editor.client.run({ imageUris: [uriOf('b.png')], prompt: 'caption en' })).outcomes[0] ?? {}),
      true,
    );
    await editor.client.stop();
  },
);

test('cancelling while the model runs writes nothing', { timeout }, async () => {
  const editor = await Editor.start();
  await editor.open(uri, 'markdown', page);
  // The queue is busy with a run that does not end by itself, so the next one waits.
  const busy = new CancellationTokenSource();
  const blocking = editor.client.run({ imageUris: [uriOf('b.png')], prompt: 'slow' }, { token: busy.token }).catch(() =>
    undefined
  );
  await editor.client.status(({ state }) => state === 'running');
  const args = (await editor.actions(uri, 0, 3))?.[0]?.command?.arguments as [WriteAltTextArguments];
  const source = new CancellationTokenSource();
  const writing = editor.client.connection.sendRequest('workspace/executeCommand', {
    command: WRITE_ALT_TEXT,
    arguments: args,
  }, source.token);
  source.cancel();
  await assert.rejects(writing, (error: unknown) => error instanceof ResponseError && error.code === -32800);
  busy.cancel();
  await blocking;
  assert.deepEqual(editor.edits, []);
  await editor.client.stop();
});

test('arguments that are not well formed are told, and the server lives on', { timeout }, async () => {
  const editor = await Editor.start();
  for (
    const args of [[], [{}], [{ uri: 5 }], [{ uri, offset: 'x', written: '', style: 'caption' }], [{
      uri,
      offset: 0,
      written: '',
      style: 'poem',
    }]]
  ) assert.equal(await editor.execute(WRITE_ALT_TEXT, ...args), null);
  assert.equal(await editor.execute(WRITE_MISSING_ALT_TEXT, 'text'), null);
  assert.equal(editor.client.messages.length, 6);
  assert.equal(await editor.client.stop(), 0);
});

test(
  'missing alt text and missing files are told to a client that does not ask, where the setting says so',
  { timeout },
  async () => {
    const editor = await Editor.start({ settings: { altTextFindings: true } });
    const told = new Promise<string[]>(resolve =>
      editor.client.connection.onNotification(
        'textDocument/publishDiagnostics',
        ({ uri: at, diagnostics }: PublishDiagnosticsParams) => {
          if (at === uri && diagnostics.length > 0) resolve(diagnostics.map(({ code }) => String(code)));
        },
      )
    );
    await editor.open(uri, 'markdown', '![](b.png) ![gone](gone.png) ![b](b.png) ![far](https://example.org/c.png)');
    assert.deepEqual(await told, ['missing-alt-text', 'missing-picture']);
    const cleared = new Promise<void>(resolve =>
      editor.client.connection.onNotification(
        'textDocument/publishDiagnostics',
        ({ diagnostics }: PublishDiagnosticsParams) => {
          if (diagnostics.length === 0) resolve();
        },
      )
    );
    await editor.client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    await cleared;
    await editor.client.stop();
  },
);

test(
  'a caption that is known is taken without a run, and several texts are written to choose from',
  { timeout },
  async () => {
    const editor = await Editor.start();
    await editor.open(uri, 'markdown', '![](b.png)');
    assert.equal(await editor.execute(ACCEPT_CAPTION, { uri, offset: 3 }), null, 'none is known yet');
    const suggested = await editor.execute(SUGGEST_ALT_TEXT, { uri, offset: 0, written: '![](b.png)' });
    assert.deepEqual((suggested as AltTextSuggestions).texts, [
      'echo: cap en',
      'echo: caption en',
      'echo: describe en',
    ]);
    assert.deepEqual(editor.edits, []);
    await editor.execute(ACCEPT_CAPTION, { uri, offset: 3 });
    assert.deepEqual(editor.written(), { 'page.md': '![echo: caption en](b.png)' });
    await editor.execute(USE_ALT_TEXT, { uri, offset: 0, written: '![](b.png)', text: 'my own' });
    assert.deepEqual(editor.written(), { 'page.md': '![my own](b.png)' });
    await editor.client.stop();
  },
);
