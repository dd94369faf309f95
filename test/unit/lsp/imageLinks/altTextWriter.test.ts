import type { RunResult } from '../../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import { Failure } from '../../../../paligemma/src/failures';
import {
  AltTextWriter,
  type AltTextWriterOptions,
  type WriteProgress,
} from '../../../../server/src/lsp/imageLinks/altTextWriter';
import { Texts } from '../../../../server/src/lsp/imageLinks/texts';
import type { PreparedFolder } from '../../../../server/src/runs/runner';
import { CancelledError } from '../../../../server/src/util/cancellation';
import { silentLog } from '../../../../server/src/util/log';
import { temporaryFolder } from '../../../support/temporary';

const uri = 'file:///docs/page.md';
const silent: WriteProgress = { begin: () => undefined, report: () => undefined, end: () => undefined };
const model: PreparedFolder = {
  id: 'm',
  kind: 'mix',
  isDemo: false,
  path: '/m',
  identity: 'm',
  adapterIdentity: undefined,
  spec: { path: '/m', weights: 'int4', device: 'cpu', attention: 'full' },
};
type Run = (imagePath: string, prompt: string) => Promise<Pick<RunResult, 'text' | 'suffix' | 'regions'>>;

function setUp(
  text: string,
  { run, places = 1, note, ...options }: Partial<AltTextWriterOptions> & {
    readonly run?: Run;
    readonly places?: number;
    readonly note?: string;
  } = {},
) {
  const texts = new Texts(() => 'utf-16');
  texts.didOpen({ textDocument: { uri, languageId: 'markdown', version: 1, text } });
  const edits: WorkspaceEdit[] = [];
  const runs: string[] = [];
  const writer = new AltTextWriter({
    texts,
    pathOf: (_, link) => Promise.resolve(link.target.startsWith('missing') ? undefined : `/pictures/${link.target}`),
    language: () => 'en',
    log: silentLog,
    edits: () => ({ versions: true, preview: true }),
    prepare: () => Promise.resolve({ model, note }),
    runner: {
      laneOf: () => ({ name: 'here', width: () => places }),
      run: ({ imagePath, prompt }) => {
        runs.push(`${prompt}: ${imagePath}`);
        const answer: ReturnType<Run> = run !== undefined
          ? run(imagePath, prompt)
          : imagePath.includes('bad')
          ? Promise.reject(new Failure('imageUnreadable', 'It is cut off.'))
          : Promise.resolve({ text: `about ${path.basename(imagePath)}`, suffix: '', regions: [] });
        return answer as Promise<RunResult>;
      },
    },
    applyEdit: (_, edit) => {
      edits.push(edit);
      return Promise.resolve({ applied: true });
    },
    ...options,
  });
  const write = (offset: number, written: string, style: 'caption' | 'describe' | 'ocr' = 'caption') =>
    writer.writeOne({ uri, offset, written, style }, silent, CancellationToken.None);
  const change = (range: [number, number], inserted: string) => {
    const document = TextDocument.create(uri, 'markdown', 1, texts.opened(uri)?.text ?? '');
    texts.didChange({
      textDocument: { uri, version: 2 },
      contentChanges: [{
        range: { start: document.positionAt(range[0]), end: document.positionAt(range[1]) },
        text: inserted,
      }],
    });
  };
  const applied = () =>
    edits.map(edit => after(texts.opened(uri)?.text ?? '', edit.documentChanges?.[0] as TextDocumentEdit));
  return { texts, writer, edits, runs, write, change, applied };
}

function after(text: string, { edits }: TextDocumentEdit): string {
  return TextDocument.applyEdits(TextDocument.create(uri, 'markdown', 1, text), edits as never);
}

test('one link: the prompt of its kind, and an edit of the version that the text has', async () => {
  const { write, applied, edits, runs } = setUp('a ![](x.png) b');
  await write(2, '![](x.png)', 'describe');
  assert.deepEqual(runs, ['describe en: /pictures/x.png']);
  assert.deepEqual(applied(), ['a ![about x.png](x.png) b']);
  assert.deepEqual((edits[0]?.documentChanges?.[0] as TextDocumentEdit).textDocument, { uri, version: 1 });
  assert.equal(edits[0]?.changeAnnotations, undefined, 'what was asked for by name is not asked again');
});

test('a change elsewhere while the model runs does not matter', async () => {
  const set = setUp('a ![](x.png) b', {
    run: () => {
      set.change([0, 0], 'new line\n');
      return Promise.resolve({ text: 'cat', suffix: '', regions: [] });
    },
  });
  await set.write(2, '![](x.png)');
  assert.deepEqual(set.applied(), ['new line\na ![cat](x.png) b']);
});

for (
  const [what, range, inserted] of [['the path', [6, 7], 'y'], ['the alt text', [4, 4], 'mine'], [
    'all of it',
    [0, 14],
    '',
  ]] as const
) {
  test(`${what} changes while the model runs: refused, nothing written`, async () => {
    const set = setUp('a ![](x.png) b', {
      run: () => {
        set.change([...range], inserted);
        return Promise.resolve({ text: 'cat', suffix: '', regions: [] });
      },
    });
    await assert.rejects(set.write(2, '![](x.png)'), /changed in the meantime/);
    assert.deepEqual(set.edits, []);
  });
}

test('an edit that the client refuses, an answer without text, a picture that is gone, a document that is closed', async () => {
  await assert.rejects(
    setUp('![](x.png)', { applyEdit: () => Promise.resolve({ applied: false, failureReason: 'read-only' }) }).write(
      0,
      '![](x.png)',
    ),
    /read-only/,
  );
  await assert.rejects(
    setUp('![](x.png)', { run: () => Promise.resolve({ text: ' \n', suffix: '', regions: [] }) }).write(
      0,
      '![](x.png)',
    ),
    /wrote nothing/,
  );
  await assert.rejects(setUp('![](missing.png)').write(0, '![](missing.png)'), /no picture/);
  const closed = setUp('![](x.png)');
  closed.texts.didClose({ textDocument: { uri } });
  await assert.rejects(closed.write(0, '![](x.png)'), /changed in the meantime/);
});

test('the whole file: what lacks alt text, each picture once, one that fails is told; previewed', async () => {
  const { writer, edits, runs, applied } = setUp(
    '![](x.png) ![old](y.png) ![](bad.png)\n![](x.png) <img src="z.png"> <img src="w.png" alt=""> ![](missing.png) `![](c.png)`',
  );
  const report = await writer.writeMissing([uri], silent, CancellationToken.None);
  assert.deepEqual(runs, [
    'caption en: /pictures/x.png',
    'caption en: /pictures/bad.png',
    'caption en: /pictures/z.png',
  ]);
  assert.deepEqual(applied(), [
    '![about x.png](x.png) ![old](y.png) ![](bad.png)\n![about x.png](x.png) <img src="z.png" alt="about z.png"> <img src="w.png" alt=""> ![](missing.png) `![](c.png)`',
  ]);
  assert.deepEqual([report.written, report.failed, report.isProblem], [3, 1, true]);
  assert.match(report.message, /3 images.*1 picture failed.*cut off/);
  const [edit] = edits;
  assert.deepEqual(Object.values(edit?.changeAnnotations ?? {}).map(({ needsConfirmation }) => needsConfirmation), [
    true,
  ]);
  assert.ok((edit?.documentChanges?.[0] as TextDocumentEdit).edits.every(each => 'annotationId' in each));
});

test('a client without previews or versions gets plain edits', async () => {
  const set = setUp('![](x.png)', { edits: () => ({ versions: false, preview: false }) });
  await set.writer.writeMissing([uri], silent, CancellationToken.None);
  assert.deepEqual(set.edits, [{
    changes: {
      [uri]: [{ range: { start: { line: 0, character: 2 }, end: { line: 0, character: 2 } }, newText: 'about x.png' }],
    },
  }]);
});

test('a document that lacks nothing says so, without an edit', async () => {
  const { writer, edits } = setUp('![x](x.png)');
  assert.match((await writer.writeMissing([uri], silent, CancellationToken.None)).message, /already/);
  assert.deepEqual(edits, []);
});

test('cancelled after the first of two: nothing is written', async () => {
  const source = new CancellationTokenSource();
  const set = setUp('![](x.png) ![](y.png)', {
    run: () => {
      source.cancel();
      return Promise.resolve({ text: 'cat', suffix: '', regions: [] });
    },
  });
  await assert.rejects(
    set.writer.writeMissing([uri], silent, source.token),
    (error: unknown) => error instanceof CancelledError,
  );
  assert.deepEqual(set.edits, []);
});

test('files of a folder: documents only, none of tools, other encodings left alone, open ones as they are', async () => {
  const folder = temporaryFolder('texts');
  const files = {
    'a.md': '![](x.png)',
    'sub/b.rst': '.. image:: x.png\n',
    'node_modules/c.md': '![](x.png)',
    '.git/d.md': '![](x.png)',
    'e.txt': '![](x.png)',
    'f.html': Buffer.from('<img src="x.png"> \xe9', 'latin1'),
    'g.tsx': 'x',
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const texts = new Texts(() => 'utf-16');
  const uris = await texts.inFolders([folder], CancellationToken.None);
  assert.deepEqual(uris.map(each => path.basename(each)).sort(), ['a.md', 'b.rst', 'f.html', 'g.tsx']);
  const read = await texts.current(pathToFileURL(path.join(folder, 'a.md')).href);
  assert.deepEqual([read?.version, read?.languageId, read?.links.length], [null, 'markdown', 1]);
  assert.equal(await texts.current(pathToFileURL(path.join(folder, 'f.html')).href), undefined);
  assert.equal(await texts.current(pathToFileURL(path.join(folder, 'missing.md')).href), undefined);
});

test('positions are those of the encoding that the client chose', () => {
  const texts = new Texts(() => 'utf-8');
  texts.didOpen({ textDocument: { uri, languageId: 'markdown', version: 1, text: 'é\n👩é ![](x.png)' } });
  const text = texts.opened(uri) ?? assert.fail();
  const [link] = text.links;
  assert.deepEqual(text.positionAt(link?.range.start ?? 0), { line: 1, character: 7 });
  assert.equal(text.offsetAt({ line: 1, character: 7 }), link?.range.start);
  texts.didChange({
    textDocument: { uri, version: 2 },
    contentChanges: [{ range: { start: { line: 1, character: 4 }, end: { line: 1, character: 6 } }, text: '' }],
  });
  assert.equal(texts.opened(uri)?.text, 'é\n👩 ![](x.png)');
});

test('as many pictures are in hand as the place takes, and their texts stand in their own links whichever is first', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const run: Run = async imagePath => {
    await new Promise<void>(resolve => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
      // The last one that fits lets all go, the newest first.
      if (waiting.length === 3) { for (const release of waiting.splice(0).reverse()) release(); }
    });
    return { text: `about ${path.basename(imagePath)}`, suffix: '', regions: [] };
  };
  const { writer, applied } = setUp('![](a.png) ![](b.png) ![](c.png) ![](d.png) ![](e.png) ![](f.png)', {
    run,
    places: 3,
  });
  assert.equal((await writer.writeMissing([uri], silent, CancellationToken.None)).written, 6);
  assert.equal(most, 3);
  assert.deepEqual(applied(), [
    '![about a.png](a.png) ![about b.png](b.png) ![about c.png](c.png) ![about d.png](d.png) ![about e.png](e.png) ![about f.png](f.png)',
  ]);
});

test('what was written before a failure ends the rest is kept, and the report says how many are left out', async () => {
  const { writer, runs, applied } = setUp('![](a.png) ![](b.png) ![](c.png) ![](d.png)', {
    run: imagePath =>
      imagePath === '/pictures/a.png'
        ? Promise.resolve({ text: 'cat', suffix: '', regions: [] })
        : Promise.reject(new Failure('serverRefused', 'The key is wrong.')),
  });
  const report = await writer.writeMissing([uri], silent, CancellationToken.None);
  assert.deepEqual(runs.map(each => path.basename(each)), ['a.png', 'b.png']);
  assert.deepEqual(applied(), ['![cat](a.png) ![](b.png) ![](c.png) ![](d.png)']);
  assert.deepEqual([report.written, report.failed, report.isProblem], [1, 3, true]);
  assert.match(report.message, /1 image\. 1 picture failed\. The key is wrong\. 2 more pictures .* were left out\./);
});

test('what every other picture would meet as well ends it at the first, with nothing written', async () => {
  const { writer, runs, edits } = setUp('![](a.png) ![](b.png) ![](c.png)', {
    run: () => Promise.reject(new Failure('serverRefused', 'The key is wrong.')),
  });
  await assert.rejects(writer.writeMissing([uri], silent, CancellationToken.None), /key is wrong/);
  assert.deepEqual([runs.length, edits.length], [1, 0]);
});

test('progress ends before the person reads the edits, and a model that does not know the prompt is told', async () => {
  const order: string[] = [];
  const told: WriteProgress = {
    begin: () => order.push('begin'),
    report: () => undefined,
    end: () => order.push('end'),
  };
  const { writer } = setUp('![](a.png)', {
    note: 'It is no model for that.',
    applyEdit: () => {
      order.push('edit');
      return Promise.resolve({ applied: true });
    },
  });
  const one = await writer.writeOne(
    { uri, offset: 0, written: '![](a.png)', style: 'ocr' },
    told,
    CancellationToken.None,
  );
  assert.deepEqual([one.message, one.isProblem], ['It is no model for that.', true]);
  const all = await writer.writeMissing([uri], told, CancellationToken.None);
  assert.deepEqual([all.message, all.isProblem], ['Alt text for 1 image. It is no model for that.', true]);
  assert.deepEqual(order, ['begin', 'end', 'edit', 'begin', 'end', 'edit']);
});

test('in the preview the person says no, or ticks some: what is in the document is what is reported', async () => {
  const page = '![](x.png) ![](y.png) ![](z.png)';
  const discarded = setUp(page, { applyEdit: () => Promise.resolve({ applied: false }) });
  const nothing = await discarded.writer.writeMissing([uri], silent, CancellationToken.None);
  assert.deepEqual([nothing.written, nothing.failed, nothing.isProblem], [0, 0, false]);
  assert.equal(nothing.message, 'Nothing was written: the alt text of 3 images was not applied.');

  const ticked = setUp(page, {
    applyEdit: () => {
      ticked.change([2, 2], 'about x.png');
      return Promise.resolve({ applied: true });
    },
  });
  const some = await ticked.writer.writeMissing([uri], silent, CancellationToken.None);
  assert.deepEqual([some.written, some.message], [1, 'Alt text for 1 of 3 images; the others were not applied.']);
});

for (
  const [what, text, sentence] of [
    ['tokens', 'green text N NJMJ <loc0616>', /What the model wrote about x\.png is no sentence/],
    ['a loop', 'a man in a hat, '.repeat(8), /only repeated itself about x\.png/],
    ['nothing but signs', '…', /wrote nothing about x\.png/],
    ['the refusal of the checkpoints', 'Sorry, as a base VLM I am not trained to answer this question.', /refused/],
  ] as const
) {
  test(`${what} as an answer: refused with a sentence, nothing written`, async () => {
    const set = setUp('![](x.png)', { run: () => Promise.resolve({ text, suffix: '', regions: [] }) });
    await assert.rejects(set.write(0, '![](x.png)'), sentence);
    const all = await set.writer.writeMissing([uri], silent, CancellationToken.None);
    assert.deepEqual([all.written, all.failed, set.edits], [0, 1, []]);
    assert.match(all.message, sentence);
  });
}

test('the caption that is known is taken at its link, and in the line of the only one; no model runs', async () => {
  const set = setUp('one ![](x.png) two\n![](y.png) ![](z.png)\n', {
    captionOf: imagePath =>
      Promise.resolve(imagePath.endsWith('y.png') ? null : `known of ${path.basename(imagePath)}`),
  });
  const accept = (offset: number) => set.writer.accept({ uri, offset }, CancellationToken.None);
  await accept(0);
  await accept(31);
  assert.deepEqual(set.applied(), [
    'one ![known of x.png](x.png) two\n![](y.png) ![](z.png)\n',
    'one ![](x.png) two\n![](y.png) ![known of z.png](z.png)\n',
  ]);
  await assert.rejects(accept(20), /No caption is known/, 'nothing is known of this one');
  await assert.rejects(accept(42), /No caption is known/, 'there is no link in the line');
  assert.deepEqual(set.runs, []);
});

test('several texts to choose from: short before long, each once, none of them written; the chosen one is', async () => {
  const set = setUp('![](x.png)', {
    run: (_, prompt) =>
      Promise.resolve({
        text: prompt.startsWith('describe') ? 'a long story' : prompt.startsWith('cap ') ? '…' : 'a cat',
        suffix: '',
        regions: [],
      }),
  });
  const link = { uri, offset: 0, written: '![](x.png)' };
  assert.deepEqual(await set.writer.suggest(link, silent, CancellationToken.None), {
    ...link,
    texts: ['a cat', 'a long story'],
  });
  assert.deepEqual(set.edits, []);
  await set.writer.use({ ...link, text: 'a long story' });
  assert.deepEqual(set.applied(), ['![a long story](x.png)']);
});
