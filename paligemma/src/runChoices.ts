/** What may be chosen for a run beside picture and prompt; what is absent is as the settings say. */
import type { DeviceName, LocDivisor, WeightType } from './facts';

export interface RunChoices {
  /** Id or folder of a model. */
  readonly model?: string;
  /** Absolute folder of a LoRA adapter. */
  readonly adapter?: string;
  readonly maxNewTokens?: number;
  readonly locDivisor?: LocDivisor;
  readonly device?: DeviceName;
  readonly weights?: WeightType;
}
