// Every language that the extension speaks besides English is complete, and fits the English texts.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

type Texts = Readonly<Record<string, string>>;

const read = (file: string): Texts => JSON.parse(readFileSync(path.resolve(file), 'utf8')) as Texts;
const languages = readdirSync(path.resolve('l10n')).flatMap(name =>
  /^bundle\.l10n\.(\w[\w-]*)\.json$/.exec(name)?.[1] ?? []
);
/** English text and its translation, from both files of a language. */
const sources = (language: string): readonly (readonly [name: string, english: Texts, translated: Texts])[] => [
  ['bundle', read('l10n/bundle.l10n.json'), read(`l10n/bundle.l10n.${language}.json`)],
  ['manifest', read('package.nls.json'), read(`package.nls.${language}.json`)],
];
const found = (text: string, pattern: RegExp): string[] => [...new Set(text.match(pattern) ?? [])].sort();
/** Words that a language shares with English. */
const shared = new Set([
  'Details',
  'Filipino',
  'GB',
  'Hindi',
  'MB',
  'PaliGemma',
  'Prompt',
  'Telugu',
  'Text',
  'px',
  's',
]);

test('German is there', () => assert.ok(languages.includes('de'), languages.join(' ')));

for (const language of languages) {
  for (const [name, english, translated] of sources(language)) {
    test(`${language}: the ${name} has every text, and none more`, () => {
      assert.deepEqual(Object.keys(translated).sort(), Object.keys(english).sort());
      assert.deepEqual(Object.entries(translated).filter(([, text]) => text.trim() === ''), []);
    });

    test(`${language}: the ${name} keeps placeholders, command links, code and settings`, () => {
      for (const [key, text] of Object.entries(english)) {
        for (const pattern of [/\{\d\}/g, /command:[\w.]+/g, /`[^`]+`/g, /paligemma\.\w+/g, /https?:\/\/[^\s)]+/g]) {
          assert.deepEqual(found(translated[key] ?? '', pattern), found(text, pattern), key);
        }
      }
    });

    test(`${language}: the ${name} leaves no text in English`, () => {
      const isShared = (text: string) => (text.match(/\p{L}+/gu) ?? []).every(word => shared.has(word));
      assert.deepEqual(
        Object.entries(english).filter(([key, text]) => translated[key] === text && !isShared(text)),
        [],
      );
    });
  }

  test(`${language}: keys that a sentence names stand in its translation`, () => {
    const bundle = read(`l10n/bundle.l10n.${language}.json`);
    for (const [key, text] of Object.entries(bundle)) {
      assert.deepEqual(found(text, /\([A-Z0-9]\)$/g), found(key, /\([A-Z0-9]\)$/g), key);
    }
  });

  test(`${language}: commands that a text names are called so`, () => {
    const manifest = read(`package.nls.${language}.json`);
    const titles = new Set(
      Object.entries(manifest).flatMap(([key, text]) => (key.startsWith('command.') ? [text.replace('…', '')] : [])),
    );
    for (const [key, text] of Object.entries(manifest)) {
      if (!key.startsWith('walkthrough.')) continue;
      for (const [, name] of text.matchAll(/\*\*([^*]+)\*\*/g)) {
        assert.ok(titles.has((name ?? '').replace('…', '')), `${key}: ${name ?? ''}`);
      }
    }
    assert.ok(
      read(
        `l10n/bundle.l10n.${language}.json`,
      )['Gathered by the extension, without paths, secrets or anything from your pictures; nothing was sent. The log (“PaliGemma 2: Show Log”) may contain the names of your files: read it before you quote from it.']
        ?.includes(`PaliGemma 2: ${manifest['command.showLog.title'] ?? '?'}`),
    );
  });
}
