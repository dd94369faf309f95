import { HostError } from '../../../paligemma/src/failures';

/**
 * Asked before the vision tower runs: no picture makes a prompt shorter.
 * @param textTokens `<bos>`, prefix and newline.
 * @param positions Of the model, image tokens included.
 * @throws HostError promptTooLong.
 */
export function checkPromptLength(textTokens: number, imageTokens: number, positions: number): void {
  if (imageTokens + textTokens <= positions) return;
  throw new HostError(
    'promptTooLong',
    `The prompt has ${textTokens} tokens; beside ${imageTokens} image tokens this model takes ${
      positions - imageTokens
    }. Shorten the prompt.`,
  );
}
