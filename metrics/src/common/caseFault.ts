/** A case that cannot be judged: one sentence without the case's id. */
export class CaseFault extends Error {
  override readonly name = 'CaseFault';
}
