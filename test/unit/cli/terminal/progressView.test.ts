import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressView } from '../../../../server/src/cli/terminal/progressView';
import { Terminal } from '../../../../server/src/cli/terminal/terminal';
import { ManualTimers } from '../../../support/manualTimers';

function setUp(isTTY: boolean, columns = 60) {
  const timers = new ManualTimers();
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { timers, written, stream, view: new ProgressView(stream, timers) };
}

test('a quick run says nothing, on a terminal and elsewhere', () => {
  for (const isTTY of [true, false]) {
    const { view, timers, written } = setUp(isTTY);
    for (let count = 0; count < 9; count++) {
      view.update({ fraction: count / 9, text: 'writing' });
      timers.advance(100);
    }
    view.hide();
    assert.deepEqual(written, []);
  }
});

test('on a terminal a bar is drawn again and again, never wider than the terminal, and taken away', () => {
  const { view, timers, written } = setUp(true, 40);
  view.update({ fraction: 0, text: '' });
  timers.advance(1000);
  view.update({ fraction: 0.5, text: 'loading the model, 3 of 8' });
  view.update({ fraction: 0.5, text: 'too soon' });
  timers.advance(80);
  view.update({ fraction: 2, text: 'x'.repeat(200) });
  view.hide();
  view.hide();
  assert.deepEqual(written, [
    `\r[##########----------]  50 % loading th\u001b[K`,
    `\r[####################] 100 % ${'x'.repeat(10)}\u001b[K`,
    '\r\u001b[K',
  ]);
});

test('elsewhere a line now and then', () => {
  const { view, timers, written } = setUp(false);
  for (let second = 0; second < 12; second++) {
    view.update({ fraction: second / 12, text: `second ${second}` });
    timers.advance(1000);
  }
  assert.deepEqual(written, [' 25 % second 3\n', ' 66 % second 8\n']);
});

test('a result never lands in the middle of the bar', async () => {
  const { stream, timers, written } = setUp(true);
  const stdout = {
    write: (text: string, done: () => void) => {
      written.push(text);
      done();
    },
  };
  const terminal = new Terminal(stdout, stream, timers);
  terminal.progress.update({ fraction: 0, text: '' });
  timers.advance(1000);
  terminal.progress.update({ fraction: 0, text: 'one' });
  await terminal.print('a result');
  terminal.progress.update({ fraction: 0, text: 'two' });
  terminal.note('a note');
  assert.deepEqual(written.map(text => text.replace(/\[-+\]\s+0 % /, '')), [
    '\rone\u001b[K',
    '\r\u001b[K',
    'a result\n',
    '\rtwo\u001b[K',
    '\r\u001b[K',
    'a note\n',
  ]);
});

test('nothing that is written controls the terminal or ends its line; the columns of a result stay', async () => {
  const { stream, timers, written } = setUp(true, 100);
  const stdout = {
    write: (text: string, done: () => void) => {
      written.push(text);
      done();
    },
  };
  const terminal = new Terminal(stdout, stream, timers);
  await terminal.print('a\u001b[2K\n.png\tred\u202e \u009b');
  terminal.note('a\u0007\r\n.png\tC:\\new');
  terminal.progress.update({ fraction: 0, text: '' });
  timers.advance(1000);
  terminal.progress.update({ fraction: 0, text: 'a\u001b]0;x\u0007.png' });
  assert.deepEqual(written, [
    'a\\u001b[2K\\n.png\tred\\u202e \\u009b\n',
    'a\\u0007\\r\\n.png\\tC:\\new\n',
    `\r[${'-'.repeat(20)}]   0 % a\\u001b]0;x\\u0007.png\u001b[K`,
  ]);
});
