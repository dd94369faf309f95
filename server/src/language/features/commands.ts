/**
 * Commands that lenses and actions of a prompt file name. The server registers the first group, so that every client
 * can run them.
 */

/** One prompt on its pictures. Arguments: {@link PromptArguments}. */
export const RUN_PROMPT = 'paligemma.runPrompt';
/** Every prompt of a file. Arguments: {@link FileArguments}. */
export const RUN_ALL_PROMPTS = 'paligemma.runAllPrompts';
/**
 * Ends what runs of a prompt, or of a file where `line` is absent. Arguments: {@link PromptArguments} or {@link
 * FileArguments}.
 */
export const STOP_RUN = 'paligemma.stopRun';
/** Writes the known answers of a prompt as `=>` lines by a workspace edit. Arguments: {@link PromptArguments}. */
export const ACCEPT_RESULT = 'paligemma.acceptResult';

export interface FileArguments {
  readonly uri: string;
}

export interface PromptArguments extends FileArguments {
  /** First line of the prompt, from 0. */
  readonly line: number;
}
