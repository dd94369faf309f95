/** How long an answer may get where nobody says it. */

const byTask: Readonly<Record<string, number>> = {
  cap: 64,
  caption: 64,
  describe: 256,
  answer: 64,
  question: 64,
  ocr: 512,
  detect: 512,
  segment: 512,
};

/** Upper limit of suffix tokens that fits the task of `prompt`: a box takes 4 tokens and its label, a mask 16 more. */
export function defaultMaxNewTokens(prompt: string): number {
  const task = /^\s*(\S*)/.exec(prompt)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(byTask, task) ? byTask[task] : undefined) ?? 256;
}
