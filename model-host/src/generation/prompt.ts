/** The text part of a prompt. */
import type { Tokenizer } from '../tokenizer/tokenizer';

/** Tokens that belong to the host alone: placed once by it, and wrong anywhere else. */
const reserved = ['<image>', '<bos>'] as const;

/**
 * The prefix as it is tokenised: every literal `<image>` and `<bos>` is taken out, also one that only appears when
 * another is gone (`<im<image>age>`), then newlines at the end. Nothing takes their place: `cap<image>tion` becomes
 * `caption`, and the two spaces around a removed word stay two. All else stays, spaces at either end and `<eos>`
 * included. Source: PaliGemma's processor adds `<image>`, `<bos>` and "\n" itself (transformers 5.23,
 * `processing_paligemma.py`).
 */
export function sanitizePrefix(prefix: string): string {
  const kept: string[] = [];
  for (const unit of prefix.split('')) {
    kept.push(unit);
    if (unit !== '>') continue;
    for (const token of reserved) if (kept.slice(-token.length).join('') === token) kept.length -= token.length;
  }
  while (kept.at(-1) === '\n' || kept.at(-1) === '\r') kept.pop();
  return kept.join('');
}

/**
 * Ids after the image tokens: `<bos>`, prefix, newline. The newline is a token of its own, never joined to a newline
 * that ends the prefix: the model was trained so. Source: big_vision 0127fb6,
 * `configs/proj/paligemma/transfers/common.py`.
 */
export function promptIds(tokenizer: Tokenizer, prefix: string): number[] {
  const { bos, newline } = tokenizer.specials;
  return [bos, ...tokenizer.encode(sanitizePrefix(prefix)), newline];
}
