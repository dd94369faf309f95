import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { Failure, failureTable } from '../../../paligemma/src/failures';
import { runFailureOf } from '../../../paligemma/src/runResult';
import { CancelledError } from '../../../server/src/util/cancellation';
import { fromResponseError, isConnectionLost, toFailure, toResponseError } from '../../../server/src/util/failure';

test('a failure of the table survives the wire, there and back', () => {
  for (const reason of ['imageMissing', 'outOfMemory', 'nonFiniteLogits'] as const) {
    const sent = toResponseError(new Failure(reason, 'A sentence.'));
    assert.deepEqual([sent.code, sent.message, sent.data], [failureTable[reason].code, 'A sentence.', {
      kind: failureTable[reason].kind,
      reason,
    }]);
    const received = fromResponseError(new ResponseError<unknown>(sent.code, sent.message, sent.data));
    assert.ok(received instanceof Failure);
    assert.deepEqual(runFailureOf(received), {
      code: sent.code,
      kind: failureTable[reason].kind,
      reason,
      message: 'A sentence.',
    });
  }
});

test('cancelling survives too', () => {
  const sent = toResponseError(new CancelledError());
  assert.equal(sent.code, -32800);
  assert.ok(fromResponseError(sent) instanceof CancelledError);
});

test('what is not of the table is internal, and asks for the log', () => {
  const unknown = [
    new ResponseError<unknown>(ErrorCodes.InternalError, 'x is not a function'),
    new ResponseError<unknown>(1, 'y', { reason: 'toString' }),
    new ResponseError<unknown>(ErrorCodes.MethodNotFound, 'z'),
  ];
  for (const error of unknown) {
    const failure = fromResponseError(error);
    assert.ok(failure instanceof Failure && failure.reason === 'internal');
    assert.match(failure.message, /log/);
  }
  assert.equal(toFailure('text').reason, 'internal');
  assert.equal(toFailure(new TypeError('t')).reason, 'internal');
});

test('a lost connection is told from an answer', () => {
  assert.equal(isConnectionLost(new ResponseError(ErrorCodes.PendingResponseRejected, '')), true);
  assert.equal(isConnectionLost(new ResponseError(ErrorCodes.InternalError, '')), false);
  assert.equal(isConnectionLost(new Failure('internal', '')), false);
});
