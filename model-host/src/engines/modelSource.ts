/** What a wanted model is on disk, and how it is opened. */
import { realpath } from 'node:fs/promises';
import type { ModelSpec } from '../contract/protocol';
import { convertedModel, type ConvertHooks } from '../convert/modelCache';
import { chooseGraphs, graphsKey, isOnnxFolder } from '../checkpoint/onnxLayout';
import { OnnxModel } from '../onnxFolder/onnxModel';
import type { ThreadOptions } from '../runtime/threads/plan';
import { LoadedModel } from './loadedModel';
import type { LoadHooks, RunnableModel } from '../model/runnableModel';

export interface ModelSource {
  /** The same for the same files on the same device: a model in memory with this key need not be opened again. */
  readonly key: string;
  open(hooks: LoadHooks): Promise<RunnableModel>;
}

/**
 * Folders in the layout of transformers.js are used as they are; all others are converted first.
 * @param threads For models that are large enough. @throws Failure of the model and cache kinds; AbortError.
 */
export async function modelSource(
  spec: ModelSpec,
  { cachePath, threads }: { readonly cachePath: string; readonly threads: ThreadOptions | undefined },
  hooks: ConvertHooks,
): Promise<ModelSource> {
  const folder = await realpath(spec.path).catch(() => undefined);
  if (folder !== undefined && (await isOnnxFolder(folder))) {
    return {
      key: JSON.stringify([
        await graphsKey(folder, await chooseGraphs(folder, spec.weights)),
        spec.device,
        spec.attention,
        spec.adapterPath,
      ]),
      open: loadHooks => OnnxModel.open(folder, spec, { cachePath }, loadHooks),
    };
  }
  const converted = await convertedModel(spec, cachePath, hooks);
  return {
    key: JSON.stringify([converted.folder, converted.manifest.source.fingerprint, spec.device, spec.gpuLayers]),
    open: loadHooks => LoadedModel.open(converted, spec, loadHooks, { threads }),
  };
}
