/** What answers prompts: a model in this process, or one on an inference server. */
import type { ServerEndpoint, ServerProbe } from '../contract/inferenceServer';
import type {
  ConvertParams,
  ConvertResult,
  GenerateParams,
  GenerateResult,
  RunProgress,
  TilesParams,
  TilesResult,
} from '../contract/protocol';

export type OnProgress = (progress: RunProgress) => void;

export interface Engine {
  /**
   * Runs of this process follow each other; those of servers wait for nobody. @throws Failure; AbortError between
   * native runs.
   */
  generate(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult>;
  convert(params: ConvertParams, onProgress: OnProgress, signal: AbortSignal): Promise<ConvertResult>;
  /** Asks an inference server what it serves. @throws Failure; AbortError at once. */
  probe(endpoint: ServerEndpoint, signal: AbortSignal): Promise<ServerProbe>;
  /** Into which parts a picture is to be cut; it stays decoded for the runs on them. @throws Failure; AbortError. */
  planTiles(params: TilesParams, signal: AbortSignal): Promise<TilesResult>;
  /** Releases the model. */
  dispose(): Promise<void>;
}
