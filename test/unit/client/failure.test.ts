import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseError } from 'vscode-jsonrpc';
import { failureNotice, runFailure, toFailure } from '../../../client/src/errors/failure';
import { failureTable } from '../../../paligemma/src/failures';
import type { FailureData, FailureReason } from '../../../paligemma/src/failures';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const told = (reason: FailureReason, message = 'A sentence.') =>
  new ResponseError<FailureData>(failureTable[reason].code, message, { kind: failureTable[reason].kind, reason });

test('a cancelled request is nothing to talk about, whatever form it comes in', () => {
  const canceled = Object.assign(new Error('Canceled'), { name: 'Canceled' });
  for (
    const error of [
      new ResponseError(-32800, 'cancelled'),
      new ResponseError(-32802, 'cancelled'),
      canceled,
      new DOMException('x', 'AbortError'),
    ]
  ) {
    const failure = toFailure(error, t);
    assert.equal(failure.kind, 'cancelled');
    assert.equal(failureNotice(failure, t), undefined);
  }
});

test('a fault of the person is its sentence alone', () => {
  const failure = toFailure(told('imageUnreadable', 'cat.png is damaged. Save it again.'), t);
  assert.deepEqual(failure, { kind: 'user', reason: 'imageUnreadable', message: 'cat.png is damaged. Save it again.' });
  assert.deepEqual(failureNotice(failure, t), { message: 'cat.png is damaged. Save it again.', actions: [] });
});

test('faults that another model would not have offer to choose one', () => {
  assert.deepEqual(failureNotice(toFailure(told('modelMissing'), t), t)?.actions, ['chooseModel']);
  assert.deepEqual(failureNotice(toFailure(told('weightsCorrupt'), t), t)?.actions, ['openLog', 'chooseModel']);
  assert.deepEqual(failureNotice(toFailure(told('outOfMemory'), t), t)?.actions, ['openLog', 'chooseModel']);
});

test('faults of the machine offer the log', () => {
  assert.deepEqual(failureNotice(toFailure(told('hostExited'), t), t), {
    message: 'A sentence.',
    actions: ['openLog'],
  });
});

test('every reason of the table gives a notice with its own sentence, or ours for our faults', () => {
  for (const reason of Object.keys(failureTable) as FailureReason[]) {
    const notice = failureNotice(toFailure(told(reason, `sentence of ${reason}`), t), t);
    assert.ok(notice, reason);
    assert.equal(notice.message === `sentence of ${reason}`, failureTable[reason].kind !== 'internal', reason);
  }
});

test('a server that has gone is a fault of the machine', () => {
  const failure = toFailure(new ResponseError(-32097, 'Pending response rejected since connection got disposed'), t);
  assert.equal(failure.kind, 'environment');
  assert.match(failure.message, /language server .* stopped/);
});

test('anything else is our fault, and its text stays out of the message', () => {
  for (
    const error of [
      new TypeError('x is undefined'),
      'a string',
      undefined,
      null,
      7,
      { code: 'ENOENT' },
      new ResponseError(-32603, 'boom'),
      { data: { kind: 'nonsense' } },
    ]
  ) {
    const failure = toFailure(error, t);
    assert.equal(failure.kind, 'internal');
    assert.doesNotMatch(failureNotice(failure, t)?.message ?? '', /undefined|boom|ENOENT/);
    assert.deepEqual(failureNotice(failure, t)?.actions, ['openLog']);
  }
});

test('an unknown reason keeps the kind', () => {
  assert.deepEqual(toFailure({ code: 1999, message: 'm', data: { kind: 'environment', reason: 'newReason' } }, t), {
    kind: 'environment',
    message: 'm',
  });
});

test('the failure of one picture keeps its reason', () => {
  assert.deepEqual(runFailure({ code: 1004, kind: 'user', reason: 'imageEmpty', message: 'm' }), {
    kind: 'user',
    reason: 'imageEmpty',
    message: 'm',
  });
});
