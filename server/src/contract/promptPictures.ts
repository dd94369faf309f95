/** The pictures of a prompt with what is known of them: what the command behind "30 images" answers. */
import type { KindName } from '../../../paligemma/src/kinds/kinds';
import type { RunChoices } from '../../../paligemma/src/runChoices';
import type { RunResult } from '../../../paligemma/src/runResult';

/**
 * Server command: shows the pictures of a prompt with their results. Argument: `{ uri, line }`, the first line of the
 * prompt from 0. Answers {@link PromptPictures}. A client without it may ignore it.
 */
export const SHOW_IMAGES = 'paligemma.showImages';

export interface PromptPicture {
  readonly imageUri: string;
  readonly prompt: string;
  /** As `@model` names it. */
  readonly model?: string;
  /** Without masks, ids and probabilities: the result store has them. */
  readonly result?: RunResult;
  /** Why its run failed, a sentence. */
  readonly problem?: string;
}

export interface PromptPictures {
  readonly images: readonly PromptPicture[];
  /** Of all of them: what the result store knows their answers by. */
  readonly choices: RunChoices;
  /** What the file says that the answers are. */
  readonly show?: KindName;
}
