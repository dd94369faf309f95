import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem, MarkupContent } from 'vscode-languageserver-types';
import { completePrompt, imageOfCompletion, resolveCompletion } from '../../../server/src/language/features/completion';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';
import { knownCheckpoints } from '../../../server/src/language/knowledge/models';
import { languages } from '../../../paligemma/src/tasks';
import { applyItem, contextWith, demo, done, mix448, parseWithCursor, pt224 } from './promptSupport';

const context = contextWith({ files: { 'a.png': {} }, labels: ['cup', 'red plate', 'person'] });

function items(text: string, given: LanguageContext = context): CompletionItem[] {
  const { document, position } = parseWithCursor(text);
  return completePrompt(document, position, given).items;
}

const labels = (text: string, given?: LanguageContext) => items(text, given).map(item => item.label);

/** The text after the item with a label was taken. */
function taken(text: string, label: string, given: LanguageContext = context): string {
  const { document, position } = parseWithCursor(text);
  const item = completePrompt(document, position, given).items.find(candidate => candidate.label === label);
  assert.ok(item !== undefined, `no ${label}`);
  return applyItem(document, item);
}

const sorted = (list: CompletionItem[]) =>
  [...list].sort((a, b) => (a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1).map(item => item.label);

test('an empty line offers tasks, the empty prompt and directives', () => {
  assert.deepEqual(labels('|'), [
    'cap',
    'caption',
    'describe',
    'ocr',
    'answer',
    'question',
    'detect',
    'segment',
    'caption <box>',
    '""',
    '@image',
    '@model',
    '@set',
  ]);
});

test('a task replaces what is typed, with its parts as placeholders', () => {
  assert.equal(taken('ca|p', 'caption'), 'caption en');
  assert.equal(taken('|', 'answer'), 'answer en question');
  assert.equal(taken('det|', 'detect'), 'detect object');
  assert.equal(taken('det| cup', 'detect'), 'detect cup');
  assert.equal(taken('|', 'caption', { ...context, language: 'de' }), 'caption de');
});

test('without snippets plain text is inserted', () => {
  const plain = { ...context, client: { ...context.client, snippets: false } };
  assert.equal(taken('|', 'answer', plain), 'answer en ');
  assert.equal(taken('|', 'detect', plain), 'detect ');
  assert.equal(taken('|', 'ocr', plain), 'ocr');
  assert.ok(items('|', plain).every(item => item.insertTextFormat !== 2));
});

test('tasks that the checkpoint does not know come last and say so', () => {
  const list = items(`@model ${mix448.id}\n|`);
  assert.equal(sorted(list).indexOf('cap'), 8);
  assert.match(list.find(item => item.label === 'cap')?.detail ?? '', /not known to mix/);
  assert.equal(sorted(items(`@model ${pt224.id}\n|`))[0], 'cap');
});

test('35 languages after the tasks that take one, the preferred first', () => {
  for (const task of ['cap', 'caption', 'describe', 'answer', 'question']) {
    const list = items(`${task} |`, { ...context, language: 'fr' });
    assert.equal(list.filter(item => languages.some(language => language.code === item.label)).length, 35, task);
    assert.equal(sorted(list)[0], 'fr');
  }
  assert.equal(taken('caption |', 'de'), 'caption de');
  assert.equal(taken('caption e|n', 'de'), 'caption de');
  assert.equal(taken('answer |', 'de'), 'answer de ');
  assert.equal(taken('answer e|n what', 'de'), 'answer de what');
  assert.deepEqual(labels('ocr |'), []);
});

test('a language is found by its name', () => {
  assert.match(items('caption |').find(item => item.label === 'sw')?.filterText ?? '', /Swahili/);
});

test('labels of the workspace, most frequent first, without those of the prompt', () => {
  assert.deepEqual(labels('detect |'), ['cup', 'red plate', 'person']);
  assert.deepEqual(labels('detect cup ; |'), ['red plate', 'person']);
  assert.equal(taken('detect cup ;|', 'person'), 'detect cup ; person');
  assert.equal(taken('detect cup ; pl|ate ; x', 'person'), 'detect cup ; person ; x');
  assert.equal(taken('segment red| cup', 'person'), 'segment person');
  assert.equal(taken('detect cup|', ';'), 'detect cup ; ');
});

test('nothing is offered inside free text', () => {
  for (const text of ['answer en wh|', 'what is |', '# |', '\\caption |', 'question en |']) {
    assert.deepEqual(labels(text), [], text);
  }
});

test('a box is offered after caption', () => {
  assert.deepEqual(labels('caption <l|'), ['<loc…>']);
  assert.equal(taken('caption <lo|', '<loc…>'), 'caption <loc0000><loc0000><loc1023><loc1023>');
});

test('directives replace the word with its @', () => {
  assert.deepEqual(labels('@|'), ['@image', '@model', '@set']);
  assert.equal(taken('@im|', '@image'), '@image');
  assert.deepEqual(items('@|').map(item => item.commitCharacters), [[' '], [' '], [' ']]);
});

test('models: installed first, then everything published', () => {
  const list = items('@model |');
  assert.deepEqual(sorted(list).slice(0, 3), [mix448.id, pt224.id, demo.id]);
  assert.equal(list.length, new Set([...knownCheckpoints.map(known => known.id), mix448.id, pt224.id, demo.id]).size);
  assert.equal(taken('@model goo|gle/x', pt224.id), `@model ${pt224.id}`);
});

test('@set offers settings and their values', () => {
  assert.deepEqual(labels('@set |'), ['max-new-tokens', 'loc-divisor', 'device', 'weights', 'show']);
  assert.ok(labels('@set device |').includes('webgpu'));
  assert.deepEqual(labels('@set loc-divisor |'), ['1024', '1023']);
  assert.ok(labels('@set show |').includes('table'));
  assert.equal(taken('@set device c|pu', 'webgpu'), '@set device webgpu');
  assert.deepEqual(labels('@set nothing |'), []);
});

const files = ['photos/kitchen.jpg', 'photos/garden.jpg', 'shots/a, b.png', 'top.png', '../elsewhere/far.png'].map(
  path => ({ uri: new URL(path, 'file:///workspace/prompts/').href }),
);
const withFiles = contextWith({
  imageFiles: files,
  imageFacts: uri =>
    uri.endsWith('kitchen.jpg')
      ? { widthPx: 640, heightPx: 480, bytes: 312_000, thumbnailUri: 'file:///cache/t.png' }
      : undefined,
});

test('pictures by path, relative to the file, quoted where they must be', () => {
  assert.deepEqual(labels('@image |', withFiles).sort(), [
    '../elsewhere/far.png',
    'photos/*.jpg',
    'photos/garden.jpg',
    'photos/kitchen.jpg',
    'shots/a, b.png',
    'top.png',
  ]);
  assert.equal(taken('@image |', 'shots/a, b.png', withFiles), '@image "shots/a, b.png"');
  assert.equal(taken('@image top.png, ki|', 'photos/kitchen.jpg', withFiles), '@image top.png, photos/kitchen.jpg');
  assert.equal(taken('@image top.png,|', 'photos/kitchen.jpg', withFiles), '@image top.png, photos/kitchen.jpg');
  assert.equal(taken('@image ./k|x', 'photos/kitchen.jpg', withFiles), '@image ./photos/kitchen.jpg');
  assert.equal(taken('@image "k|"', 'photos/kitchen.jpg', withFiles), '@image "photos/kitchen.jpg"');
  assert.ok(!labels('@image top.png, |', withFiles).includes('top.png'), 'already named');
});

test('pictures are found by letters in any folder, the best first', () => {
  assert.equal(sorted(items('@image kit|', withFiles))[0], 'photos/kitchen.jpg');
  assert.equal(sorted(items('@image pgard|', withFiles))[0], 'photos/garden.jpg');
  assert.deepEqual(labels('@image zzz|', withFiles), []);
});

test('a workspace of thousands of pictures gives a bounded list that is asked for again', () => {
  const many = contextWith({
    imageFiles: Array.from(
      { length: 20_000 },
      (_, index) => ({ uri: `file:///workspace/prompts/d${index % 50}/p${index}.png` }),
    ),
  });
  const { document, position } = parseWithCursor('@image p1|');
  const list = completePrompt(document, position, many);
  assert.equal(list.isIncomplete, true);
  assert.ok(list.items.length <= 120);
});

test('an untitled document gets whole paths', () => {
  const { document, position } = parseWithCursor('@image |');
  const list = completePrompt({ ...document, uri: 'untitled:Untitled-1' }, position, withFiles);
  assert.ok(list.items.some(item => item.label === '/workspace/prompts/top.png'));
});

test('documentation comes with resolve', () => {
  const help = (text: string, label: string, given = withFiles) => {
    const item = items(text, given).find(candidate => candidate.label === label);
    assert.ok(item !== undefined && item.documentation === undefined, label);
    return (resolveCompletion(item, given).documentation as MarkupContent | undefined)?.value ?? '';
  };
  assert.match(help('|', 'detect'), /`detect \{object\} ; \{object\}`[^]*<loc0046>[^]*\| mix \| yes \|/);
  assert.match(help('caption |', 'ja'), /Japanese \(日本語\)/);
  assert.match(help('@model |', 'google/paligemma2-10b-pt-896'), /19\.3 GB[^]*512 tokens/);
  assert.match(help('@set |', 'device'), /graphics card/);
  assert.match(
    help('@image |', 'photos/kitchen.jpg'),
    /!\[kitchen\\\.jpg\]\(file:\/\/\/cache\/t\.png\)[^]*640 × 480 px, 312 kB/,
  );
  const item = items('@image |', withFiles).find(candidate => candidate.label === 'top.png');
  assert.equal(item === undefined ? undefined : imageOfCompletion(item), 'file:///workspace/prompts/top.png');
});

test('plain clients get help without marks', () => {
  const plain = { ...context, client: { ...context.client, markdown: false } };
  const item = items('|', plain).find(candidate => candidate.label === 'detect');
  const documentation = resolveCompletion(item!, plain).documentation as MarkupContent;
  assert.equal(documentation.kind, 'plaintext');
  assert.doesNotMatch(documentation.value, /\*\*|`/);
});

test('an expected answer is offered from the result that is known', () => {
  const known = contextWith({ files: { 'a.png': {} }, runs: [[{ prompt: 'caption en' }, done('a red cat')]] });
  assert.equal(
    taken('@image a.png\ncaption en\n  |', '=> a red cat', known),
    '@image a.png\ncaption en\n  => a red cat',
  );
  assert.equal(taken('@image a.png\ncaption en\n  =|', '=>', known), '@image a.png\ncaption en\n  => ');
  assert.equal(
    taken('@image a.png\ncaption en\n  => |', 'a red cat', known),
    '@image a.png\ncaption en\n  => a red cat',
  );
});
