import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { altTextActions, captionHints, type FoundLink } from '../../../../server/src/lsp/imageLinks/features';
import { pictureHover } from '../../../../server/src/lsp/pictures/pictureHover';
import { imageLinks } from '../../../../server/src/imageLinks/imageLinks';
import type { KnownAnswer } from '../../../../server/src/contract/answers';
import { captionAmong } from '../../../../server/src/runs/knownResults';

const uri = 'file:///docs/page.md';
const folder = path.resolve('/pictures');

function actionsAt(marked: string, only?: readonly string[]) {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found: FoundLink[] = imageLinks(text, 'markdown').filter(({ target }) => !target.startsWith('missing')).map(
    link => ({ link, imagePath: path.join(folder, link.target) }),
  );
  return altTextActions({ uri, text }, found, { start: offset, end: offset }, only);
}

function answer(prompt: string, text: string, more: Partial<KnownAnswer> = {}): KnownAnswer {
  return { key: prompt, prompt, text, model: 'mix', labels: [], widthPx: 640, heightPx: 480, storedAtMs: 0, ...more };
}

test('a link without alt text: three kinds to write; the command names the link as it stands', () => {
  const actions = actionsAt('see ![|](a.png)');
  assert.deepEqual(actions.map(({ title }) => title), [
    'Write alt text (caption)',
    'Write alt text (long description)',
    'Write alt text (text in the image)',
  ]);
  assert.deepEqual(actions[1]?.command?.arguments, [{ uri, offset: 4, written: '![](a.png)', style: 'describe' }]);
  assert.ok(
    actions.every(({ edit, command }) => edit === undefined && command?.command === 'paligemma.server.writeAltText'),
  );
});

test('alt text that is there is replaced by an action of that name only', () => {
  assert.deepEqual(actionsAt('![o|ld](a.png)').map(({ title }) => title), [
    'Replace alt text (caption)',
    'Replace alt text (long description)',
    'Replace alt text (text in the image)',
  ]);
  assert.deepEqual(
    actionsAt('<img src="a.png" alt="|">').map(({ title }) => title)[0],
    'Write alt text (caption)',
    'an empty one holds nothing to lose',
  );
});

test('nothing away from a link, and nothing where the picture is not there', () => {
  assert.deepEqual(actionsAt('| see ![](a.png)'), []);
  assert.deepEqual(actionsAt('![|](missing.png)'), []);
});

test('the whole file is offered where more than one lacks it, or where it is asked for', () => {
  assert.equal(
    actionsAt('![|](a.png) ![](b.png) ![c](c.png) <img src="d.png" alt="">').at(-1)?.title,
    'Write missing alt text in this file (2 images)',
  );
  assert.equal(
    actionsAt('![|](a.png) ![](b.png)').at(-1)?.kind,
    'refactor.rewrite.altText.missing',
    'the light bulb leaves out source actions',
  );
  assert.equal(actionsAt('![|](a.png) ![](b.png)', ['source']).at(-1)?.kind, 'source.paligemma.missingAltText');
  assert.equal(actionsAt('![|](a.png) ![x](b.png)').length, 3);
  assert.deepEqual(actionsAt('|text ![](a.png)', ['source']).map(({ command }) => command?.arguments), [[{ uri }]]);
  assert.deepEqual(actionsAt('![|](a.png)', ['quickfix']), []);
  assert.equal(actionsAt('![|](a.png)', ['refactor']).length, 3);
});

test('hover: picture, size, caption, other answers, links to run more', () => {
  const imagePath = path.join(folder, 'a b.png');
  const known = [
    answer('detect cup ; plate', '', { labels: ['cup', 'cup', 'plate'] }),
    answer('caption en', 'a cup on a plate'),
    answer('', 'bare'),
  ];
  const text = pictureHover({
    path: imagePath,
    bytes: 312_000,
    widthPx: 640,
    heightPx: 480,
    previewUri: 'file:///cache/x (1).png',
    known,
  }, { commandLinks: false, showsPictures: true, language: 'en' });
  assert.equal(
    text,
    [
      '![a b\\.png](file:///cache/x%20%281%29.png|width=187,height=140)',
      '**a b\\.png** 640 × 480 px, 312 kB',
      'a cup on a plate',
      '- `detect cup ; plate` → cup ×2, plate\n- `""` → bare',
    ].join('\n\n'),
  );
});

test('hover: what reads from right to left keeps its numbers and commas in their place', () => {
  const known = [answer('detect x', '', { labels: ['قطة', 'قطة', 'plate'] })];
  const text = pictureHover({ path: path.join(folder, 'a.png'), bytes: 0, known }, {
    commandLinks: false,
    showsPictures: false,
    language: 'en',
  });
  assert.ok(text.includes('\u2068قطة\u2069 ×2, plate'), text);
});

test('hover: links stand above the answers, where they are seen without scrolling', () => {
  const text = pictureHover({ path: path.join(folder, 'a.png'), bytes: 1, known: [answer('caption en', 'a cup')] }, {
    commandLinks: true,
    showsPictures: true,
    language: 'en',
  });
  assert.match(text, /^\*\*a\\.png\*\* 1 byte.* {2}\n\[Caption\].*\[Ask…\][^\n]*\n\na cup$/s);
});

test('hover: only our own command is linked, and no name of a file gets out of its argument', () => {
  const imagePath = path.join(folder, 'a")](command:evil?[1]) (x)\'`<b>.png');
  const text = pictureHover({
    path: imagePath,
    bytes: 1,
    known: [answer('caption en', '[x](command:evil) ![y](http://example.org/y.png) <img src=x>')],
  }, { commandLinks: true, showsPictures: true, language: 'en' });
  const links = [...text.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map(match => match[1] ?? '');
  assert.equal(links.length, 6);
  for (const link of links) {
    const [command, query = ''] = link.split('?');
    assert.equal(command, 'command:paligemma.runOnImage');
    const [args] = JSON.parse(decodeURIComponent(query)) as [{ imageUri: string }];
    assert.equal(args.imageUri, pathToFileURL(imagePath).href);
  }
  assert.ok(!/(?<!\\)<|(?<!\\)!\[/.test(text), text);
});

test('hover: a picture that cannot be read has a sentence instead, and nothing to run', () => {
  const text = pictureHover({
    path: path.join(folder, 'a.png'),
    bytes: 5,
    known: [],
    problem: 'It is cut off. Save it again.',
  }, { commandLinks: true, showsPictures: true, language: 'en' });
  assert.equal(text, '**a\\.png** 5 bytes\n\nIt is cut off\\. Save it again\\.');
});

test('hover: five hundred regions are summed up', () => {
  const labels = Array.from({ length: 500 }, (_, index) => `thing ${index % 50}`);
  const text = pictureHover({
    path: path.join(folder, 'a.png'),
    bytes: 5,
    known: [answer('detect thing', '', { labels })],
  }, { commandLinks: false, showsPictures: true, language: 'en' });
  assert.match(text, /thing 0 ×10, .* and 38 more/);
});

test('hints stand behind the link, shortened, with the whole text in the tooltip', () => {
  const text = 'a\n![](a.png) ![a cat](b.png) ![](c.png)\n';
  const document = TextDocument.create(uri, 'markdown', 1, text);
  const long = 'a very long caption that goes on and on about what can be seen in this picture here';
  const known = [[answer('caption en', long)], [answer('caption en', 'a cat')], []];
  const hints = captionHints(
    imageLinks(text, 'markdown').map((link, index) => ({ link, known: known[index] ?? [] })),
    'en',
    offset => document.positionAt(offset),
  );
  assert.deepEqual(hints.map(({ position, label }) => [position, label]), [[
    { line: 1, character: 10 },
    'a very long caption that goes on and on about what can be seen in thi…',
  ]]);
  assert.ok(JSON.stringify(hints[0]?.tooltip).includes(long));
});

test('the caption is a sentence in the language of the settings, if there is one', () => {
  const all = [
    answer('detect cat', 'x', { labels: ['cat'] }),
    answer('describe en', 'long'),
    answer('caption de', 'eine Katze'),
    answer('caption en', 'a cat'),
    answer('ocr', 'TEXT'),
  ];
  assert.deepEqual(['en', 'de', 'fr'].map(language => captionAmong(all, language)?.text), [
    'a cat',
    'eine Katze',
    'eine Katze',
  ]);
  assert.equal(captionAmong(all.slice(0, 2), 'en')?.text, 'long');
  assert.equal(captionAmong([all[0]!, all[4]!], 'en'), undefined);
});

test('an answer that is no prose is no caption, in hints as in hovers', () => {
  const babble = answer('caption en', 'green text N NJMJ <loc0616>');
  assert.equal(captionAmong([babble], 'en'), undefined);
  assert.equal(captionAmong([babble, answer('caption de', 'eine Katze')], 'en')?.text, 'eine Katze');
});

test('what is known of the picture can be taken as it is: captions and descriptions that are prose, each once', () => {
  const text = '![old](a.png)';
  const known = [
    answer('caption en', 'a cup'),
    answer('cap en', 'a cup'),
    answer('describe en', 'In this image we can see a cup.'),
    answer('caption de', 'old'),
    answer('caption fr', '<loc0001>'),
    answer('ocr', 'WORDS'),
  ];
  const [link] = imageLinks(text, 'markdown');
  const actions = altTextActions({ uri, text }, [{ link: link ?? assert.fail(), imagePath: '/a.png', known }], {
    start: 2,
    end: 2,
  });
  assert.deepEqual(actions.slice(3).map(({ title }) => title), [
    'Use as alt text: “a cup”',
    'Use as alt text: “In this image we can see a cup.”',
  ]);
  assert.deepEqual(actions[3]?.command, {
    title: 'Use as alt text: “a cup”',
    command: 'paligemma.server.useAltText',
    arguments: [{ uri, offset: 0, written: text, text: 'a cup' }],
  });
});

test('a hint brings the edit that writes its whole caption', () => {
  const long = 'a very long caption that goes on and on about what can be seen in this picture here';
  const [link] = imageLinks('![](a.png)', 'markdown');
  const [hint] = captionHints(
    [{ link: link ?? assert.fail(), known: [answer('caption en', long)] }],
    'en',
    character => ({ line: 0, character }),
    (_, newText) => [{ range: { start: { line: 0, character: 2 }, end: { line: 0, character: 2 } }, newText }],
  );
  assert.equal(hint?.textEdits?.[0]?.newText, long);
});
