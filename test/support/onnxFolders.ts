/** Folders in the layout of transformers.js, made from the checkpoints of the golden set. */
import path from 'node:path';
import { openCheckpoint } from '../../model-host/src/checkpoint/checkpoint';
import { onnxGraphs, onnxTypes } from '../../model-host/src/contract/paligemma';
import { buildPeerFolder, type PeerFile } from '../bench/peerFolder';
import type { BenchShape } from '../bench/shapes';
import { goldenFolder } from './golden';

export const exactFiles: readonly PeerFile[] = onnxGraphs.map(graph => [graph, 'fp32']);
/** Every graph in every published type. */
export const allFiles: readonly PeerFile[] = onnxGraphs.flatMap(graph => onnxTypes.map((type): PeerFile => [graph, type]));

/** Writes the graphs of a golden checkpoint to `folder`, which must not exist yet, and returns it. */
export async function buildOnnxFolder(folder: string, name: string, files: readonly PeerFile[] = exactFiles): Promise<string> {
  const source = path.join(goldenFolder, 'models', name);
  const { config: { text, vision, imageTokenId }, vocabularySize } = await openCheckpoint(source);
  const shape: BenchShape = { name, vocabularySize, imageTokenId, vision, text: { ...text, queryScalar: text.queryPreAttnScalar } };
  await buildPeerFolder(folder, source, shape, files);
  return folder;
}
