/** The graphs of a folder in the layout of transformers.js, which are used as they are. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  onnxGraphs,
  onnxTypes,
  weightsOfOnnxType,
  weightTypes,
  type OnnxType,
  type WeightType,
} from '../../../../paligemma/src/facts';

export const GRAPHS_FOLDER = 'onnx';

export interface OnnxGraphs {
  /** In which the decoder is there. */
  readonly weights: readonly WeightType[];
  /** Of all types, with their weights. */
  readonly bytes: number;
  /** A graph that is there in no type. */
  readonly missing?: string;
}

/** undefined where the folder `onnx` is missing or holds none of the graphs. */
export async function readOnnxGraphs(folderPath: string): Promise<OnnxGraphs | undefined> {
  const folder = path.join(folderPath, GRAPHS_FOLDER);
  const names = await readdir(folder).catch((): string[] => []);
  const hasGraph = (graph: string, type: OnnxType) =>
    names.includes(`${graph}${type === 'fp32' ? '' : `_${type}`}.onnx`);
  const missing = onnxGraphs.filter(graph => !onnxTypes.some(type => hasGraph(graph, type)));
  if (missing.length === onnxGraphs.length) return undefined;
  const sizes = await Promise.all(
    names.map(name => stat(path.join(folder, name)).then(entry => (entry.isFile() ? entry.size : 0), () => 0)),
  );
  const decoders = onnxTypes.filter(type => hasGraph('decoder_model_merged', type)).map(type =>
    weightsOfOnnxType[type]
  );
  return {
    weights: weightTypes.filter(weights => decoders.includes(weights)),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ...(missing[0] === undefined ? {} : { missing: `${GRAPHS_FOLDER}/${missing[0]}*.onnx` }),
  };
}
