// Line 16: nothing that stands in a document, a list or a setting has a path of another machine opened. The processes are
// watched as they would be on Windows, where `file://host/…` is such a path.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readRunOnImage } from '../../client/src/altText/runOnImage';
import { pictureFileOf } from '../../client/src/images/pictureFile';
import {
  imageHover,
  imagesAt,
  WRITE_MISSING_ALT_TEXT,
  WRITE_MISSING_IN_WORKSPACE,
} from '../../server/src/contract/imageLinks';
import { SHOW_IMAGES, type PromptPictures } from '../../server/src/contract/promptPictures';
import { listModels, run, storedResults } from '../../server/src/contract/protocol';
import { RUN_ALL_PROMPTS } from '../../server/src/language/features/commands';
import { runCommand } from '../support/commandLine';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import { LspClient } from '../support/lspClient';
import { buildPreload } from '../support/preload';
import { samplePath } from '../support/samples';
import { temporaryFolder } from '../support/temporary';

const timeout = 120_000;
const folder = temporaryFolder('other-machines');
let preload = '';
let hostPath = '';
let records = 0;
before(async () => {
  preload = await buildPreload(folder, 'networkPaths');
  hostPath = await buildFakeHost(folder);
  copyFileSync(samplePath('01.png'), path.join(folder, 'here.png'));
});

/** Every spelling of a place on another machine, down to `name`. */
const spellings = (name: string) => [
  `//evil/share/${name}`,
  `\\\\evil\\share\\${name}`,
  `/\\evil/share/${name}`,
  `\\/evil/share/${name}`,
  `//evil@SSL@8443/DavWWWRoot/${name}`,
  `\\\\?\\UNC\\evil\\share\\${name}`,
  `//?/UNC/evil/share/${name}`,
  `\\\\.\\pipe\\${name}`,
  `file://evil/share/${name}`,
  `FILE://evil/share/${name}`,
  `file:\\\\evil\\share\\${name}`,
  `file:////evil/share/${name}`,
  `file:///..//evil/share/${name}`,
  `file:///%5C%5Cevil/share/${name}`,
  `%5C%5Cevil%5Cshare%5C${name}`,
  `%2F%2Fevil/share/${name}`,
];

/** What processes with this environment asked other machines for. */
function watched() {
  const record = path.join(folder, `record-${++records}.txt`);
  return {
    env: { NODE_OPTIONS: preload, PALIGEMMA_TEST_RECORD: record },
    asked: () => {
      const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
      assert.ok(lines[0]?.startsWith('watched '), 'the process was watched');
      return lines.filter(line => !line.startsWith('watched '));
    },
  };
}

const uriOf = (name: string) => pathToFileURL(path.join(folder, name)).href;

const pages: Readonly<Record<string, { readonly languageId: string; readonly text: string }>> = {
  'a.md': { languageId: 'markdown', text: spellings('a.png').map(target => `![](<${target}>)`).join('\n\n') },
  'a.html': {
    languageId: 'html',
    text: spellings('a.png').map(target => `<base href="//evil/share/"><img src="${target}"><img src="b.png">`).join(
      '\n',
    ),
  },
  'a.css': {
    languageId: 'css',
    text: spellings('a.png').map(target => `a { background: url("${target}") }`).join('\n'),
  },
  'a.tex': {
    languageId: 'latex',
    text:
      `\\graphicspath{{//evil/share/}{file://evil/share/}}\n\\includegraphics{a}\n\\includegraphics{//evil/share/a}\n`,
  },
  'a.adoc': {
    languageId: 'asciidoc',
    text: ':imagesdir: //evil/share\n\nimage::a.png[]\n\nimage:file://evil/a.png[]\n',
  },
  'a.rst': { languageId: 'restructuredtext', text: '.. image:: //evil/share/a.png\n.. image:: file://evil/a.png\n' },
  'a.org': { languageId: 'org', text: '[[file://evil/share/a.png]]\n[[file:////evil/share/a.png]]\n' },
  'a.typ': { languageId: 'typst', text: '#image("//evil/share/a.png")\n#image("file://evil/share/a.png")\n' },
  'note.md': { languageId: 'markdown', text: '![[//evil/share/a.png]] ![[file://evil/share/a.png]]\n' },
};

const prompts = [
  ...spellings('a.png').flatMap(target => [`@image "${target}"`, 'caption en']),
  ...spellings('*.png').flatMap(target => [`@image "${target}"`, 'caption en']),
  ...spellings('m').flatMap(target => [`@model ${target}`, '@image here.png', 'caption en']),
].join('\n');

for (const workspaceTrust of [false, true]) {
  test(`no document leads to another machine, in a workspace that is ${workspaceTrust ? '' : 'not '}trusted`, {
    timeout,
  }, async () => {
    const { env, asked } = watched();
    const hosts = await FakeHostWatch.open();
    const client = await LspClient.start({
      env: { ...env, PALIGEMMA_CACHE: path.join(folder, 'cache'), PALIGEMMA_HOST_PATH: hostPath, ...hosts.environment },
      options: { workspaceTrust },
      workspaceFolders: [pathToFileURL(folder).href],
      capabilities: { workspace: { applyEdit: true }, textDocument: { diagnostic: {}, hover: {} } },
    });
    const { connection } = client;
    connection.onRequest('workspace/applyEdit', () => ({ applied: true }));
    const open = (name: string, languageId: string, text: string) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: uriOf(name), languageId, version: 1, text },
      });
    const ask = (method: string, params: object) => connection.sendRequest(method, params).catch(() => null);

    await open('p.paligemma', 'paligemma', prompts);
    const textDocument = { uri: uriOf('p.paligemma') };
    await ask('textDocument/diagnostic', { textDocument });
    await ask('textDocument/documentLink', { textDocument });
    for (const line of prompts.split('\n').keys()) {
      await ask('textDocument/hover', { textDocument, position: { line, character: 12 } });
    }
    await ask('workspace/executeCommand', { command: RUN_ALL_PROMPTS, arguments: [{ uri: textDocument.uri }] });
    for (const [name, { languageId, text }] of Object.entries(pages)) {
      await open(name, languageId, text);
      for (const [line, content] of text.split('\n').entries()) {
        const position = { line, character: Math.max(0, content.lastIndexOf('a') - 1) };
        await ask('textDocument/hover', { textDocument: { uri: uriOf(name) }, position });
      }
      await ask('workspace/executeCommand', { command: WRITE_MISSING_ALT_TEXT, arguments: [{ uri: uriOf(name) }] });
    }
    await ask('workspace/executeCommand', { command: WRITE_MISSING_IN_WORKSPACE, arguments: [{}] });
    // What a client read in the document, or was answered about it, it may ask for again.
    for (const line of prompts.split('\n').keys()) {
      const pictures = await ask('workspace/executeCommand', {
        command: SHOW_IMAGES,
        arguments: [{ uri: textDocument.uri, line }],
      }) as PromptPictures | null;
      if (pictures?.choices.model === undefined) continue;
      const again = { imageUris: [uriOf('here.png')], prompt: 'caption en', ...pictures.choices };
      await ask(storedResults.method, again);
      await ask(run.method, again);
    }
    for (const target of spellings('a.png')) {
      await ask(imageHover.method, { documentUri: uriOf('code.py'), target });
      await ask(imagesAt.method, { documentUri: uriOf('code.py'), line: 0, character: 0, target });
    }
    const links = await ask('textDocument/documentLink', { textDocument });
    assert.ok(!JSON.stringify(links).includes('evil'));
    await client.stop();
    await hosts.close();
    assert.deepEqual(asked(), []);
  });
}

test('no request for a run leads to a model of another machine', { timeout }, async () => {
  const client = await LspClient.start({ env: { PALIGEMMA_CACHE: path.join(folder, 'cache') } });
  for (const model of ['//evil/share/m', '\\\\evil\\share\\m']) {
    for (const request of [run, storedResults]) {
      const work: Promise<unknown> = client.connection.sendRequest(request.method, {
        imageUris: [uriOf('here.png')],
        prompt: 'caption en',
        model,
      });
      await assert.rejects(work, /another machine.*models add/);
    }
  }
  await client.stop();
});

test('no setting leads to another machine', { timeout }, async () => {
  const { env, asked } = watched();
  for (const model of spellings('m')) {
    const client = await LspClient.start({
      env: { ...env, PALIGEMMA_CACHE: path.join(folder, 'cache') },
      settings: { model, modelFolders: spellings('models') },
      workspaceFolders: [pathToFileURL(folder).href],
    });
    await client.connection.sendRequest(listModels);
    await client.status(({ detail }) => detail !== undefined);
    await client.stop();
  }
  assert.deepEqual(asked(), []);
});

test(
  'a prompt file and a list lead to no other machine in a terminal; a person may name one',
  { timeout },
  async () => {
    const { env, asked } = watched();
    const cache = path.join(folder, 'cache');
    const file = path.join(folder, 'q.paligemma');
    writeFileSync(file, prompts);
    const ran = await runCommand(['file', file, '--model', 'demo'], { cache, env });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /is on another machine/);
    const list = path.join(folder, 'list.txt');
    writeFileSync(list, spellings('a.png').join('\n'));
    const listed = await runCommand(['caption', '--files-from', list, '--model', 'demo', '--json'], { cache, env });
    assert.match(listed.stdout, /is on another machine.*Name it on the command line/);
    assert.deepEqual(asked(), []);
    await runCommand(['caption', 'file://evil/share/a.png', '--model', 'demo'], { cache, env });
    assert.ok(asked().some(line => line.includes('evil')), 'the watch sees what there is to see');
  },
);

test('what is dropped, and what a link in Markdown calls, is a file of this machine or of one that is open', () => {
  for (const target of spellings('a.png').filter(each => /^file:/i.test(each))) {
    assert.equal(pictureFileOf(target, ['file:///workspace/a.md']), undefined, target);
    assert.equal(readRunOnImage([{ imageUri: target, task: 'caption' }]), undefined, target);
  }
  assert.equal(readRunOnImage([{ imageUri: 'file:///\\evil/share/a.png', task: 'caption' }]), undefined);
  assert.equal(readRunOnImage([{ imageUri: 'file:///%5Cevil/share/a.png', task: 'caption' }]), undefined);
  assert.equal(pictureFileOf('file://nas/share/a.png', ['file://NAS/share/page.md']), 'file://nas/share/a.png');
  assert.equal(pictureFileOf('file:///c:/a.png', []), 'file:///c:/a.png');
  assert.equal(pictureFileOf('https://evil/a.png', []), undefined);
  assert.equal(pictureFileOf('file:///a.txt', []), undefined);
});
