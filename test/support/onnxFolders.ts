/** Folders in the layout of transformers.js, made from the checkpoints of the golden set. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCheckpoint } from '../../model-host/src/checkpoint/checkpoint';
import { onnxGraphs, onnxTypes } from '../../paligemma/src/facts';
import { ProtobufMessage } from '../../model-host/src/graph/protobuf';
import { externalEntry, onnxFields, readOnnxFile } from '../../model-host/src/onnxFolder/onnxFile';
import { fieldsOf, FileBytes, type Field } from '../../model-host/src/onnxFolder/protobufReader';
import { buildPeerFolder, type PeerFile } from '../bench/peerFolder';
import type { BenchShape } from '../bench/shapes';
import { goldenFolder } from './golden';

export const exactFiles: readonly PeerFile[] = onnxGraphs.map(graph => [graph, 'fp32']);
/** Every graph in every published type. */
export const allFiles: readonly PeerFile[] = onnxGraphs.flatMap(graph =>
  onnxTypes.map((type): PeerFile => [graph, type])
);

/**
 * Writes the graphs of a golden checkpoint to `folder`, which must not exist yet, and returns it. `isCausal`: with the
 * fault of hiding later prompt tokens.
 */
export async function buildOnnxFolder(
  folder: string,
  name: string,
  files: readonly PeerFile[] = exactFiles,
  isCausal = false,
): Promise<string> {
  return buildOnnxFolderOf(path.join(goldenFolder, 'models', name), folder, files, isCausal);
}

/** The same for any small checkpoint. */
export async function buildOnnxFolderOf(
  source: string,
  folder: string,
  files: readonly PeerFile[],
  isCausal = false,
): Promise<string> {
  const { config: { text, vision, imageTokenId }, vocabularySize } = await openCheckpoint(source);
  const shape: BenchShape = {
    name: path.basename(source),
    vocabularySize,
    imageTokenId,
    vision,
    isCausal,
    text: { ...text, queryScalar: text.queryPreAttnScalar },
  };
  await buildPeerFolder(folder, source, shape, files);
  return folder;
}

/** Moves the weights of a graph from its data file into the graph's own, as small published graphs have them. */
export function takeWeightsInside(file: string): void {
  const bytes = new FileBytes(file);
  const data = readFileSync(`${file}_data`);
  const inside = (tensor: Field) => {
    const entry = externalEntry(bytes, tensor);
    const message = new ProtobufMessage();
    for (const field of fieldsOf(bytes, tensor.contentStart, tensor.end)) {
      if (field.number !== onnxFields.tensor.external && field.number !== onnxFields.tensor.location) {
        message.raw(bytes.read(field.start, field.end));
      }
    }
    return entry === undefined
      ? message
      : message.bytes(onnxFields.tensor.raw, data.subarray(entry.offset, entry.offset + (entry.length ?? 0)));
  };
  const { graph } = readOnnxFile(bytes);
  const whole = new ProtobufMessage();
  for (const field of fieldsOf(bytes, graph.contentStart, graph.end)) {
    if (field.number === onnxFields.graph.initializer) whole.message(field.number, inside(field));
    else whole.raw(bytes.read(field.start, field.end));
  }
  const model = new ProtobufMessage();
  for (const field of fieldsOf(bytes, 0, bytes.length)) {
    if (field.start === graph.start) model.message(field.number, whole);
    else model.raw(bytes.read(field.start, field.end));
  }
  bytes.close();
  writeFileSync(file, model.encoded());
  rmSync(`${file}_data`);
}
