/** What answers prompts: a model in this process now, other ways later. */
import type { ConvertParams, ConvertResult, GenerateParams, GenerateResult, RunProgress } from '../contract/protocol';

export type OnProgress = (progress: RunProgress) => void;

export interface Engine {
  /** One run at a time: a second one waits for the first. @throws HostError; AbortError between native runs. */
  generate(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult>;
  convert(params: ConvertParams, onProgress: OnProgress, signal: AbortSignal): Promise<ConvertResult>;
  /** Releases the model. */
  dispose(): Promise<void>;
}
