/** What may be chosen for a run beside picture and prompt; what is absent is as the settings say. */
import type { Box, DeviceName, LocDivisor, WeightType } from './facts';
import type { TileChoice } from './tileChoice';

export interface RunChoices {
  /** Id or folder of a model. */
  readonly model?: string;
  /** Absolute folder of a LoRA adapter. */
  readonly adapter?: string;
  readonly maxNewTokens?: number;
  readonly locDivisor?: LocDivisor;
  readonly device?: DeviceName;
  readonly weights?: WeightType;
  readonly tiles?: TileChoice;
  /** The only part of the picture that is looked at, in its pixels; goes before `tiles`. */
  readonly region?: Box;
}
