import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShown, shownAnswer, viewAsRead } from '../../../client/src/viewer/answerKind';
import { doneView, restoredView, runningView } from '../../../client/src/viewer/viewState';
import { readText } from '../../../paligemma/src/answers/readText';
import { rowOf } from '../../../paligemma/src/results/resultRow';
import { runResult, viewOf } from '../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const cell = (bins: string, text: string) => `<td coords="${bins}">${text}</td>`;
const coords = '<loc0128><loc0256><loc0512><loc0768>';
const suffix = `<tr>${cell(coords, 'a\u202e|b')}</tr>`;
/** What the model host makes of it: it knows nothing of tables. */
const regions = [{ label: '"', box: { x1: 10, y1: 3, x2: 30, y2: 15 } }];
const result = runResult({ prompt: 'table', suffix, text: '<tr><td coords=" >a</td></tr>', regions });
const place = { x1: 5, y1: 7.5, x2: 20, y2: 22.5 };

test('a view of a table has the cells as its regions, and what they hold as its text', () => {
  const view = viewOf(result);
  const answer = readShown(view, t);
  const shown = viewAsRead(view, answer);
  assert.deepEqual(shown.result?.regions, [{ label: 'a|b', box: place }]);
  assert.equal(shown.result?.text, '| a\\|b |\n| ---- |');
  assert.equal(answer?.text(), shown.result?.text);
  assert.equal(view.result?.regions, regions, 'the state itself stays as it came');
});

test('a view of text and regions is as it was', () => {
  const view = viewOf({ prompt: 'detect cup', suffix: `${coords} cup`, regions, text: '' });
  assert.equal(viewAsRead(view, readShown(view, t)), view);
});

test('the page is told what it draws, what is wrong with it, and what it could be', () => {
  const view = { ...viewOf({ ...result, suffix: `${suffix}<tr><td>` }), show: 'table' as const };
  const answer = readShown(view, t);
  assert.ok(answer !== undefined);
  const { shown, faults, notes, hasForms, choices } = shownAnswer(view, answer, { notes: ['A note.'] }, t);
  assert.equal(shown.kind, 'table');
  assert.deepEqual([faults, notes], [['The answer ends before the table does.'], ['A note.']]);
  assert.ok(hasForms);
  assert.deepEqual(choices.filter(({ isChosen }) => isChosen), [{ kind: 'table', title: 'Table', isChosen: true }]);
  assert.deepEqual(choices[0], { title: 'Automatic (Table)', isChosen: false });
});

test('what answers are shown as holds for the next answers of the prompt, and over a reload', () => {
  const view = { ...viewOf(result), show: 'text' as const };
  const again = doneView(runningView(view.imageUri, view.imageName, 'table', view), result, undefined);
  assert.equal(again.show, 'text');
  assert.equal(runningView(view.imageUri, view.imageName, 'ocr', view).show, undefined);
  assert.equal(restoredView(JSON.parse(JSON.stringify(again)), '')?.show, 'text');
  assert.equal(restoredView({ ...view, show: 'spreadsheet' }, ''), undefined);
});

test('a tile of the results shows the text and the regions that the answer has as what it is', () => {
  const { text, regions: shown } = rowOf('a.png', { imageUri: 'file:///a.png', result });
  assert.deepEqual([text, shown], ['| a\\|b |\n| ---- |', [{ label: 'a|b', box: place }]]);
  assert.equal(rowOf('a.png', { imageUri: 'file:///a.png', result }, 'text').text, result.text);
});

test('words that were read with their places come into a document line by line', () => {
  const word = (y: string, x: string, text: string) => `<loc${y}><loc${x}><loc0900><loc1000> ${text}`;
  const spotted = `${word('0800', '0500', 'b')} ; ${word('0801', '0100', 'a')}`;
  assert.equal(readText(runResult({ prompt: 'ocr', suffix: spotted, regions, text: '' })), 'a b');
  assert.equal(readText(runResult({ prompt: 'ocr', suffix: 'EXIT 24', text: 'EXIT 24' })), 'EXIT 24');
});
