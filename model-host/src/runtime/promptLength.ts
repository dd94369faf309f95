import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';

/**
 * Asked before the vision tower runs: no picture makes a prompt shorter.
 * @param textTokens `<bos>`, prefix and newline.
 * @param positions Of the model, image tokens included.
 * @throws Failure promptTooLong.
 */
export function checkPromptLength(textTokens: number, imageTokens: number, positions: number): void {
  if (imageTokens + textTokens <= positions) return;
  throw new Failure(
    'promptTooLong',
    l10n.t(
      'The prompt has {0} tokens; besides {1} image tokens, this model takes {2}. Shorten the prompt.',
      textTokens,
      imageTokens,
      positions - imageTokens,
    ),
  );
}
