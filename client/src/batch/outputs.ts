/** Where the answers of many pictures go. Free of the editor. */
import { existingChoices, pictureForms, singleForms, type ExistingChoice } from '../../../batch/src/forms';
import { isOneOf } from '../../../paligemma/src/checks';

/**
 * `view`: the results view, where nothing is saved; `list`: a new Markdown document that is not saved; the others are
 * files.
 */
const batchOutputs = ['view', 'list', ...pictureForms, ...singleForms] as const;
export type BatchOutput = (typeof batchOutputs)[number];

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
