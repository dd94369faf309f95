import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position, Range } from 'vscode-languageserver-types';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { diagnosticSource } from '../../../../server/src/language/findings/diagnostics';
import { messageText } from '../../../support/promptEditor';
import { mendEdit, setActions } from '../../../../server/src/language/dataSets/setActions';
import { completeSet } from '../../../../server/src/language/dataSets/setCompletion';
import { MOST_SHOWN, setDiagnostics } from '../../../../server/src/language/dataSets/setDiagnostics';
import { LONGEST_TEXT, SetDocument } from '../../../../server/src/language/dataSets/setDocument';
import { MOST_HINT_LINES, setHints } from '../../../../server/src/language/dataSets/setHints';
import { setHover } from '../../../../server/src/language/dataSets/setHover';
import { isLabel, labelAt, labelHighlights, labelSpans } from '../../../../server/src/language/dataSets/setLabels';
import { resolvedLens, setLenses } from '../../../../server/src/language/dataSets/setLenses';
import { MOST_SYMBOLS, setLinks, setSymbols } from '../../../../server/src/language/dataSets/setOutline';
import { placeAt } from '../../../../server/src/language/dataSets/setPlace';

const uri = 'file:///set/train.jsonl';
const found =
  '{"image": "a.png", "prefix": "detect cat ; dog", "suffix": "<loc0100><loc0200><loc0300><loc0400> cat ; <loc0500><loc0500><loc0600><loc0600> dog"}';
const said = '{"image":"b/c d.png","prefix":"answer en what is it?","suffix":"a \\"cup\\""}';

/** `|` marks the place and is left out. */
function placed(...lines: readonly string[]) {
  const number = lines.findIndex(line => line.includes('|'));
  const character = lines[number]?.indexOf('|') ?? 0;
  const document = new SetDocument(uri, 1, lines.map(line => line.replace('|', '')).join('\n'));
  return { document, place: placeAt(document, { line: number, character }) };
}

function hoverAt(line: string, size = { widthPx: 1024, heightPx: 2048 }) {
  const { place } = placed(line);
  return place === undefined ? undefined : setHover(place, size, 1024);
}

function completed(...lines: readonly string[]) {
  const { document, place } = placed(...lines);
  assert.ok(place);
  const images = ['a.png', 'b/c d.png', 'x"y.png', '../other.png'].map(name => ({
    uri: new URL(name, uri).href,
  }));
  return completeSet(document, place, { images, language: 'en', isMarkdown: true }).items;
}

function judged(...lines: readonly string[]): SetDocument {
  const document = new SetDocument(uri, 1, lines.join('\n'));
  for (const line of document.lines) {
    const own = lineFindings(line.text);
    line.verdict = { own, pictures: [], among: [], length: [], amount: own.length, diskState: 0 };
  }
  return document;
}

function applied(line: string, edit: { readonly range: Range; readonly newText: string }): string {
  return line.slice(0, edit.range.start.character) + edit.newText + line.slice(edit.range.end.character);
}

test('a place lies in the text that stands there, and nowhere between texts', () => {
  const roleAt = (line: string) => placed(line).place?.role;
  assert.equal(roleAt(said.replace('c d', 'c| d')), 'image');
  assert.equal(roleAt(said.replace('answer', '|answer')), 'prefix');
  assert.equal(roleAt(said.replace('cup', 'c|up')), 'suffix');
  assert.equal(roleAt(said.replace('"prefix"', '"pre|fix"')), undefined);
  assert.equal(roleAt('{"image": |'), undefined);
});

test('a loc token tells its box in pixels of the picture, its label, and which of the boxes it is', () => {
  const hover = hoverAt(found.replace('<loc0300>', '<loc|0300>'));
  assert.match(hover?.markdown ?? '', /\*\*cat\*\* \(box 1 of 2\)/);
  assert.match(hover?.markdown ?? '', /Pixels of 1024 × 2048: left 200, top 200, right 400, bottom 600/);
  const start = found.indexOf('<loc0100>');
  assert.deepEqual(hover?.range, {
    start: { line: 0, character: start },
    end: { line: 0, character: found.indexOf(' ; <loc') },
  });
});

test('a prompt tells what its task does, and one that no model was published for that it is learnt', () => {
  assert.match(hoverAt(found.replace('detect cat', 'det|ect cat'))?.markdown ?? '', /detect \{/);
  const own = hoverAt('{"image": "a.png", "prefix": "read in |latex", "suffix": "x"}');
  assert.match(own?.markdown ?? '', /`read in latex` is no prompt of the published models/);
});

test('an answer tells what it is, and its text cannot break the hover', () => {
  const hover = hoverAt('{"image": "a.png", "prefix": "caption en", "suffix": "a | ![x](http://evil/x.png) `` <b>"}');
  assert.ok(hover !== undefined);
  assert.doesNotMatch(hover.markdown.replace(/```[^]*?```/g, '').replace(/\\./g, ''), /!\[x\]\(http/);
  const between = hoverAt(found.replace(' dog"}', ' dog |"}'));
  assert.ok(between !== undefined);
});

test('labels are found in prefix and suffix, wherever digits or escapes look like them', () => {
  const { document, place } = placed(
    '{"image": "a.png", "prefix": "detect loc ; caf\\u00e9", "suffix": "<loc0100><loc0200><loc0300><loc0400> l|oc ; <loc0500><loc0500><loc0600><loc0600> café"}',
  );
  assert.ok(place);
  const [line] = document.lines;
  assert.ok(line);
  const textsOf = (label: string) =>
    labelSpans(document, line, label).map(({ start, end }) => line.text.slice(start, end));
  assert.equal(labelAt(place)?.label, 'loc');
  assert.deepEqual(textsOf('loc'), ['loc', 'loc']);
  assert.deepEqual(textsOf('café'), ['caf\\u00e9', 'café']);
  assert.equal(labelHighlights(document, place).length, 2);
  assert.ok(isLabel('traffic light') && !isLabel('a;b') && !isLabel(' a') && !isLabel('') && !isLabel('a\nb'));
});

test('completion offers pictures below the folder, written as JSON', () => {
  const items = completed('{"image": "|", "prefix": "x", "suffix": ""}');
  assert.deepEqual(items.map(({ label }) => label).sort(), ['a.png', 'b/c d.png', 'x"y.png']);
  const quoted = items.find(({ label }) => label === 'x"y.png');
  assert.ok(quoted?.textEdit !== undefined && 'range' in quoted.textEdit);
  const line = applied('{"image": "", "prefix": "x", "suffix": ""}', quoted.textEdit);
  assert.equal((JSON.parse(line) as { image: string }).image, 'x"y.png');
});

test('completion of a prompt offers what the file asks and the tasks; behind detect the labels of the file', () => {
  const prompts = completed(found, '{"image": "a.png", "prefix": "|", "suffix": ""}').map(({ label }) => label);
  assert.equal(prompts[0], 'detect cat ; dog');
  assert.ok(prompts.includes('caption {language}'), prompts.join());
  const objects = completed(found, '{"image": "a.png", "prefix": "detect cat ; |", "suffix": ""}');
  assert.deepEqual(objects.map(({ label }) => label), ['cat', 'dog']);
  const labels = completed(
    found,
    '{"image": "a.png", "prefix": "detect bird ; cat", "suffix": "<loc0100><loc0200><loc0300><loc0400> b|"}',
  );
  assert.equal(labels[0]?.label, 'bird');
});

test('lenses name their line and get their command when they are seen; a line whose picture cannot be shown has none', () => {
  const document = new SetDocument(
    uri,
    1,
    [found, 'no json', '{"image": ["a.png", "b.png"], "prefix": "x", "suffix": "y"}'].join('\n'),
  );
  const lenses = setLenses(document, { from: 0, to: Infinity }, ({ images }) => images.length === 1);
  assert.deepEqual(lenses.map(({ range, command }) => [range.start.line, command]), [
    [0, undefined],
    [0, undefined],
    [0, undefined],
  ]);
  assert.deepEqual(lenses.map(lens => resolvedLens(lens)?.command?.title), [
    'Show',
    'Run',
    'Compare with the Answer',
  ]);
  assert.deepEqual(resolvedLens(lenses[1]!)?.command?.arguments, [{ uri, line: 0 }]);
  const start: Position = { line: 0, character: 0 };
  assert.equal(
    resolvedLens({ range: { start, end: start }, data: { kind: 'dataSet', action: 'toString' } }),
    undefined,
  );
});

test('a hint tells an answer that is another one, of the lines in view only', () => {
  const document = new SetDocument(uri, 1, Array.from({ length: 500 }, () => said).join('\n'));
  const asked: number[] = [];
  const hints = setHints(document, { from: 100, to: 400 }, () => {
    asked.push(1);
    return asked.length === 1 ? { suffix: 'a "cup"\n', model: 'mix' } : { suffix: 'a plate', model: 'mix' };
  });
  assert.equal(asked.length, MOST_HINT_LINES);
  assert.equal(hints.length, MOST_HINT_LINES - 1);
  assert.equal(hints[0]?.label, '≠ a plate');
  assert.deepEqual(hints[0]?.position, { line: 101, character: said.length });
});

test('the outline puts lines of one picture together and ends after some lines', () => {
  const symbols = setSymbols(new SetDocument(uri, 1, [said, said.replace('what', 'where'), found].join('\n')));
  assert.deepEqual(symbols.map(({ name, children }) => [name, children?.length]), [['c d.png', 2], ['a.png', 1]]);
  assert.deepEqual(symbols[1]?.children?.map(({ detail }) => detail), ['cat, dog']);
  const long = setSymbols(new SetDocument(uri, 1, Array.from({ length: 3000 }, () => `${said}\n${found}`).join('\n')));
  assert.equal(long.length, MOST_SYMBOLS);
});

test('a link leads to the picture as it lies beside the file, and to no other machine', () => {
  const document = new SetDocument(
    uri,
    1,
    [said, '{"image": "https://x/y.png", "prefix": "a", "suffix": ""}'].join('\n'),
  );
  assert.deepEqual(setLinks(document, 0, 9).map(({ target }) => target), ['file:///set/b/c%20d.png']);
});

const faulty = '{"image": "a.png", "prefix": "detect cat", "suffix": "<loc0100><loc0200><loc0300><loc0400>cat"}';

test('findings become diagnostics with a link to what they mean', () => {
  const [first] = setDiagnostics(judged(faulty), { from: 0, to: 1 }, 'file:///docs/page.md');
  assert.ok(first !== undefined && typeof first.code === 'string');
  assert.equal(first.codeDescription?.href, `file:///docs/page.md#${first.code}`);
  assert.equal(first.source, diagnosticSource);
});

test('no more findings are told than a client can take, those in view first; the last one counts the others', () => {
  const document = judged(...Array.from({ length: 2000 }, () => faulty));
  const told = setDiagnostics(document, { from: 1500, to: 1510 }, 'file:///d');
  assert.equal(told.length, MOST_SHOWN + 1);
  assert.equal(told[0]?.range.start.line, 1500);
  assert.match(messageText(told.at(-1)), /There are 1500 more findings/);
});

test('of a file that is too large there is one finding', () => {
  const document = new SetDocument(uri, 1, ' '.repeat(LONGEST_TEXT + 1));
  assert.deepEqual(setDiagnostics(document, { from: 0, to: 1 }, 'x').map(({ code }) => code), ['file-too-large']);
});

test('a fix mends its line, and another one all of its kind', () => {
  const document = judged(said, faulty);
  const [told] = setDiagnostics(document, { from: 0, to: 2 }, 'x');
  assert.ok(told !== undefined);
  const actions = setActions(document, told.range, { diagnostics: [told], appliesEdits: true });
  const [edit] = actions[0]?.edit?.changes?.[uri] ?? [];
  assert.ok(edit !== undefined);
  assert.deepEqual(lineFindings(applied(faulty, edit)), []);
  assert.deepEqual(actions[0]?.diagnostics, [told]);
  assert.deepEqual(actions[1]?.command?.arguments, [{ uri, code: told.code }]);
  const without = setActions(document, told.range, { diagnostics: [told], appliesEdits: false });
  assert.equal(without.length, actions.length - 1);
  const mended = mendEdit(1, faulty, lineFindings(faulty), code => code === told.code);
  assert.ok(mended !== undefined && applied(faulty, mended) === applied(faulty, edit));
  assert.equal(mendEdit(1, faulty, lineFindings(faulty), () => false), undefined);
});

test('what a line brings along is tame wherever it is told', () => {
  const wild = 'a\u202eb';
  const line = JSON.stringify({
    image: 'a.png',
    prefix: 'detect x',
    suffix: `<loc0100><loc0200><loc0300><loc0400> ${wild}`,
  });
  const document = judged(line, '{"image": "a.png", "prefix": "detect ", "suffix": ""}');
  const told = JSON.stringify([
    setDiagnostics(document, { from: 0, to: 1 }, 'x').map(({ message }) => message),
    setActions(document, { start: { line: 0, character: 0 }, end: { line: 0, character: 999 } }, {
      diagnostics: [],
      appliesEdits: true,
    }).map(({ title }) => title),
    setSymbols(document).map(({ name, children }) => [name, children?.map(({ detail }) => detail)]),
    setHints(document, { from: 0, to: 1 }, () => ({ suffix: `${wild}!`, model: 'm' })).map(({ label }) => label),
    completed(line, '{"image": "a.png", "prefix": "detect |", "suffix": ""}').map(({ label }) => label),
  ]);
  assert.match(told, /a.{0,10}b/);
  assert.ok(!told.includes('\u202e'), told);
});
