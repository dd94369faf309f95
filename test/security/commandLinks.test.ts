// Line 6: Markdown that may call commands.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readRunOnImage } from '../../client/src/altText/runOnImage';
import { pictureHover } from '../../server/src/lsp/imageLinks/features';

const clientFiles = readdirSync(path.resolve('client/src'), { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.ts')
).map(name => readFileSync(path.resolve('client/src', name), 'utf8'));

test('Markdown is trusted with one command and never as a whole; it holds no HTML', () => {
  const trusted = clientFiles.flatMap(text =>
    [...text.matchAll(/isTrusted(?:\s*=|:)\s*([^;\n]*)/g)].map(match => match[1] ?? '')
  );
  assert.ok(trusted.length >= 2);
  for (const value of trusted) assert.match(value, /^\{ enabledCommands: \[RUN_ON_IMAGE\] \}/);
  for (const text of clientFiles) assert.doesNotMatch(text, /supportHtml/);
});

const nasty = [
  '![x](https://evil.example/beacon.png)',
  '[x](command:workbench.action.terminal.new)',
  '<img src=https://evil.example>',
  '](command:x)',
  '`](command:x)`',
  '```\n[x](command:y)',
  '<command:z>',
  'https://evil.example/',
  '\n\n# x\n[a]: command:b\n[a]',
  'www.evil.example',
  '&#91;x&#93;(command:q)',
];

test('what a model answered and what files are called stays text', () => {
  for (const text of nasty) {
    const hover = pictureHover({
      path: `/a/${text.replaceAll('/', '_')}.png`,
      bytes: 5,
      widthPx: 1,
      heightPx: 1,
      previewUri: 'file:///cache/a.png',
      known: [
        { key: 'k', prompt: 'caption en', text, model: text, labels: [], widthPx: 1, heightPx: 1, storedAtMs: 0 },
        { key: 'l', prompt: text, text: '', model: 'm', labels: [text], widthPx: 1, heightPx: 1, storedAtMs: 0 },
      ],
    }, { commandLinks: true, showsPictures: true, language: 'en' });
    // Code spans are taken out: nothing in them means anything.
    const bare = hover.replace(/(`+)(?!`)[^]*?[^`]\1(?!`)/g, '');
    const targets = [...bare.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map(match => match[1] ?? '');
    assert.ok(
      targets.every(target =>
        target.startsWith('command:paligemma.runOnImage?') || target.startsWith('file:///cache/a.png')
      ),
      `${text}\n${hover}`,
    );
    assert.doesNotMatch(bare, /(?<!\\)<|https:\/\/evil/, text);
  }
});

test('the command takes a known task on a file of this machine, and nothing else', () => {
  assert.deepEqual(readRunOnImage([{ imageUri: 'file:///a.png', task: 'caption', extra: 1 }]), {
    imageUri: 'file:///a.png',
    task: 'caption',
  });
  for (
    const argument of [
      undefined,
      null,
      5,
      'x',
      {},
      { imageUri: 'file:///a.png' },
      { imageUri: 'https://evil.example/a.png', task: 'caption' },
      { imageUri: 'file://host/share/a.png', task: 'caption' },
      { imageUri: 'file:///a.png', task: 'constructor' },
      { imageUri: 'command:x', task: 'ask' },
    ]
  ) {
    assert.equal(readRunOnImage([argument]), undefined, JSON.stringify(argument));
  }
});
