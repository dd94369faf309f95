/** Sends each run to where its answer is: in the document, or with its model, in this process or on a server. */
import type { ServerEndpoint, ServerProbe } from './contract/inferenceServer';
import type {
  ConvertParams,
  ConvertResult,
  GenerateParams,
  GenerateResult,
  LocalGenerateParams,
  RemoteGenerateParams,
  TilesParams,
  TilesResult,
} from './contract/protocol';
import type { Engine, OnProgress } from './engines/engine';
import type { LocalEngine } from './engines/local';
import type { RemoteEngine } from './engines/remote/remoteEngine';
import type { PartedPictures } from './image/partedPictures';
import { planParts } from './image/planParts';
import { textLayerAnswer } from './engines/textLayer';

export class RoutingEngine implements Engine {
  /** @param parts The one that both engines take parts of pictures from. */
  constructor(
    private readonly local: LocalEngine,
    private readonly remote: RemoteEngine,
    private readonly parts: PartedPictures,
  ) {}

  async generate(params: GenerateParams, onProgress: OnProgress, signal: AbortSignal): Promise<GenerateResult> {
    const text = await textLayerAnswer(params, signal);
    if (text !== undefined) return text;
    return isRemote(params)
      ? this.remote.generate(params, onProgress, signal)
      : this.local.generate(params as LocalGenerateParams, onProgress, signal);
  }

  convert(params: ConvertParams, onProgress: OnProgress, signal: AbortSignal): Promise<ConvertResult> {
    return this.local.convert(params, onProgress, signal);
  }

  probe(endpoint: ServerEndpoint, signal: AbortSignal): Promise<ServerProbe> {
    return this.remote.probe(endpoint, signal);
  }

  async planTiles(params: TilesParams, signal: AbortSignal): Promise<TilesResult> {
    return planParts(await this.parts.load(params.imagePath, signal), params, signal);
  }

  dispose(): Promise<void> {
    return this.local.dispose();
  }
}

function isRemote(params: GenerateParams): params is RemoteGenerateParams {
  return 'endpoints' in params.model;
}
