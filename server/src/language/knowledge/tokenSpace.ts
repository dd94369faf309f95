/** How many tokens of text a model takes beside those of a picture. */
import type { ModelInfo } from '../../contract/protocol';
import { checkpointFacts } from './models';

/** Side of a patch, of which each is an image token. Source: SigLIP So400m/14. */
const PATCH_PX = 14;

export interface TokenSpace {
  /** For prefix, suffix and what the trainer adds to them. */
  readonly textLimit: number;
  /** Of one picture. */
  readonly imageTokens?: number;
}

/** @returns Undefined where it is not known what the model was trained with. */
export function tokenSpace(id: string, models: readonly ModelInfo[]): TokenSpace | undefined {
  const { textLength: textLimit, resolutionPx } = checkpointFacts(id, models);
  if (textLimit === undefined) return undefined;
  return {
    textLimit,
    ...(resolutionPx === undefined ? {} : { imageTokens: Math.floor(resolutionPx / PATCH_PX) ** 2 }),
  };
}
