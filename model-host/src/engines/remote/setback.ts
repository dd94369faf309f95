import type { Failure } from '../../../../paligemma/src/failures';

/** A failure that another try, or another server, may cure. `failure`: what the person is told when nothing does. */
export class Setback extends Error {
  override readonly name = 'Setback';

  constructor(readonly failure: Failure, readonly options: SetbackOptions = {}) {
    super(failure.message, { cause: failure });
  }
}

export interface SetbackOptions {
  /** The server is there and has too much to do. */
  readonly isOverload?: boolean;
  /** What the server asked for. */
  readonly retryAfterMs?: number | undefined;
  /** Some of the answer had come already: the same server is not asked again. */
  readonly hasBegun?: boolean;
}

/** The server knows OpenAI's own fields only. */
export class DialectRefused extends Error {
  override readonly name = 'DialectRefused';
}
