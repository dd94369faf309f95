// The built language server and the built model host: both speak the language that the client names.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction, Hover, MarkupContent } from 'vscode-languageserver-types';
import { LspClient } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('spoken-language');
const page = pathToFileURL(path.join(folder, 'page.md')).href;
const place = { textDocument: { uri: page }, position: { line: 0, character: 3 } };
const timeout = 120_000;
const clients: LspClient[] = [];
copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), path.join(folder, 'a.png'));
writeFileSync(path.join(folder, 'text.png'), 'no picture at all');
after(() => {
  for (const { child } of clients) child.kill('SIGKILL');
});

interface Spoken {
  readonly missing: RegExp;
  /** Only the host opens the picture that far. */
  readonly text: RegExp;
  readonly action: string;
  readonly link: string;
}
const english: Spoken = {
  missing: /^There is no picture at “.*gone\.png”\./,
  text: /^“.*text\.png” is named like a picture, but it contains text\./,
  action: 'Write alt text (caption)',
  link: '[Caption](command:',
};
const german: Spoken = {
  missing: /^Unter „.*gone\.png“ ist kein Bild\./,
  text: /^„.*text\.png“ heißt wie ein Bild, enthält aber Text\./,
  action: 'Alternativtext schreiben (Bildunterschrift)',
  link: '[Bildunterschrift](command:',
};

describe('failures, actions and hovers', () => {
  const cases: readonly (readonly [name: string, locale: string | undefined, spoken: Spoken])[] = [
    ['are in German for a client in German', 'de', german],
    ['are in German for a client in a German of some country', 'de-AT', german],
    ['are in English for a client in a language that there is no translation for', 'tlh', english],
    ['are in English for a client that names no language', undefined, english],
  ];
  for (const [name, locale, { missing, text, action, link }] of cases) {
    test(name, { timeout }, async () => {
      const client = await LspClient.start({
        ...(locale === undefined ? {} : { locale }),
        env: { PALIGEMMA_CACHE: path.join(folder, 'cache') },
        options: { commandLinks: true },
        workspaceFolders: [pathToFileURL(folder).href],
        capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
      });
      clients.push(client);
      const imageUris = ['gone.png', 'text.png'].map(file => pathToFileURL(path.join(folder, file)).href);
      const { outcomes } = await client.run({ imageUris, prompt: 'caption en' });
      const [first, second] = outcomes.map(outcome => ('error' in outcome ? outcome.error.message : 'an answer'));
      assert.match(first ?? '', missing);
      assert.match(second ?? '', text);
      await client.connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: page, languageId: 'markdown', version: 1, text: '![](a.png)\n' },
      });
      const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
        textDocument: place.textDocument,
        range: { start: place.position, end: place.position },
        context: { diagnostics: [] },
      });
      assert.equal(actions[0]?.title, action);
      const hover = await client.connection.sendRequest<Hover>('textDocument/hover', place);
      assert.ok((hover.contents as MarkupContent).value.includes(link), JSON.stringify(hover.contents));
      assert.equal(await client.stop(), 0);
    });
  }
});
