/** Where the answers of many pictures go. Free of the editor. */
import { isOneOf } from '../../../paligemma/src/checks';

/** `list`: a new Markdown document that is not saved; the others are files. */
const batchOutputs = ['list', 'sidecars', 'jsonl', 'markdown'] as const;
export type BatchOutput = (typeof batchOutputs)[number];

/**
 * What happens to files that are there already. `skip`: they stay, and their pictures are not run (a single file is
 * added to instead); `overwrite`: they are replaced; `rename`: they stay, and the answers get names of their own.
 */
const existingChoices = ['skip', 'overwrite', 'rename'] as const;
export type ExistingChoice = (typeof existingChoices)[number];

/** What a keybinding may say in its `args`, so that nothing is asked. */
export interface BatchOptions {
  readonly output?: BatchOutput;
  readonly existing?: ExistingChoice;
}

/** Reads the options out of whatever a command was called with. */
export function batchOptions(args: readonly unknown[]): BatchOptions {
  for (const value of args) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const { output, existing } = value as { output?: unknown; existing?: unknown };
    const known = {
      ...(isOneOf(batchOutputs)(output) ? { output } : {}),
      ...(isOneOf(existingChoices)(existing) ? { existing } : {}),
    };
    if (Object.keys(known).length > 0) return known;
  }
  return {};
}
