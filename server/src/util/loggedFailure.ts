import type { Failure } from '../../../paligemma/src/failures';
import { stackText } from '../../../paligemma/src/words';
import { toFailure } from './failure';
import type { Log, LogScope } from './log';

/**
 * Any failure as one that a person can be told. A bug goes to the log with its stack: its sentence says that the
 * details are there.
 */
export function loggedFailure(error: unknown, log: Log, scope: LogScope): Failure {
  const failure = toFailure(error);
  if (failure.kind === 'internal') log('error', scope, stackText(error));
  return failure;
}
