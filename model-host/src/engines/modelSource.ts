/** What a wanted model is on disk, and how it is opened. */
import type { ModelSpec } from '../contract/protocol';
import { convertedModel, type ConvertHooks } from '../convert/modelCache';
import { LoadedModel, type LoadHooks } from './loadedModel';
import type { RunnableModel } from './runnableModel';

export interface ModelSource {
  /** The same for the same files on the same device: a model in memory with this key need not be opened again. */
  readonly key: string;
  open(hooks: LoadHooks): Promise<RunnableModel>;
}

/** @throws HostError of the model and cache kinds; AbortError. */
export async function modelSource(spec: ModelSpec, cachePath: string, hooks: ConvertHooks): Promise<ModelSource> {
  const converted = await convertedModel(spec, cachePath, hooks);
  return {
    key: JSON.stringify([converted.folder, converted.manifest.source.fingerprint, spec.device, spec.gpuLayers]),
    open: loadHooks => LoadedModel.open(converted, spec, loadHooks),
  };
}
