/** One prompt on one picture, with what is right. */
export interface Question {
  /** As it is sent. */
  readonly prefix: string;
  /** Expected answers; of several, which people wrote for the same picture and prompt, each is right. At least one. */
  readonly references: readonly string[];
}
