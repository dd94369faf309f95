/** Which files of a folder of published graphs serve a wanted weight type. */
import * as l10n from '@vscode/l10n';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import {
  maskDecoderFiles,
  onnxGraphs,
  onnxTypes,
  weightsOfOnnxType,
  type OnnxGraphName,
  type OnnxType,
  type WeightType,
} from '../../../paligemma/src/facts';

/** The chosen file of each graph, absolute, and the weight type of the decoder. */
export interface ChosenGraphs {
  readonly files: Readonly<Record<OnnxGraphName, string>>;
  readonly types: Readonly<Record<OnnxGraphName, OnnxType>>;
  readonly weights: WeightType;
  /** Set where the decoder is not there in the wanted type. */
  readonly note?: string;
}

/** True for a folder in the layout of transformers.js: graphs in `onnx/`, and no weights of a checkpoint beside it. */
export async function isOnnxFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (
    !names.includes('onnx') || names.some(name => name.endsWith('.safetensors') && !maskDecoderFiles.includes(name))
  ) return false;
  const graphs = await readdir(path.join(folder, 'onnx')).catch((): string[] => []);
  return graphs.some(name => onnxGraphs.some(graph => name.startsWith(graph) && name.endsWith('.onnx')));
}

/** Best first: the wanted type, then the next more exact one, then what is left. */
const decoderOrder: Readonly<Record<WeightType, readonly OnnxType[]>> = {
  int4: ['q4', 'q4f16', 'bnb4', 'quantized', 'int8', 'uint8', 'fp16', 'fp32'],
  int8: ['quantized', 'int8', 'uint8', 'fp16', 'fp32', 'q4', 'q4f16', 'bnb4'],
  f16: ['fp16', 'fp32', 'quantized', 'int8', 'uint8', 'q4f16', 'q4', 'bnb4'],
  f32: ['fp32', 'fp16', 'quantized', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'],
};

/** The tower loses most by rounding and the embedding gains least, so both stay as exact as the folder has them. */
const exactOrder: Readonly<Record<Exclude<OnnxGraphName, 'decoder_model_merged'>, readonly OnnxType[]>> = {
  vision_encoder: decoderOrder.f32,
  embed_tokens: decoderOrder.f16,
};

/** @throws Failure weightsMissing where a graph is there in no type. */
export async function chooseGraphs(folder: string, wanted: WeightType): Promise<ChosenGraphs> {
  const names = new Set(await readdir(path.join(folder, 'onnx')).catch((): string[] => []));
  const choose = (graph: OnnxGraphName) => {
    const order = graph === 'decoder_model_merged'
      ? decoderOrder[wanted]
      : wanted === 'f32'
      ? decoderOrder.f32
      : exactOrder[graph];
    const type = order.find(candidate => names.has(fileName(graph, candidate)));
    if (type === undefined) {
      throw new Failure(
        'weightsMissing',
        l10n.t(
          '{0} has no {1}*.onnx. A folder of transformers.js needs {2}, each in one of the available types; download what is missing, with its .onnx_data files.',
          path.join(folder, 'onnx'),
          graph,
          onnxGraphs.map(name => `${name}.onnx`).join(', '),
        ),
      );
    }
    return type;
  };
  const types = {
    vision_encoder: choose('vision_encoder'),
    embed_tokens: choose('embed_tokens'),
    decoder_model_merged: choose('decoder_model_merged'),
  };
  const place = (graph: OnnxGraphName) => path.join(folder, 'onnx', fileName(graph, types[graph]));
  const weights = weightsOfOnnxType[types.decoder_model_merged];
  const there = onnxTypes.filter(type => names.has(fileName('decoder_model_merged', type)));
  return {
    types,
    weights,
    files: {
      vision_encoder: place('vision_encoder'),
      embed_tokens: place('embed_tokens'),
      decoder_model_merged: place('decoder_model_merged'),
    },
    ...(weights === wanted
      ? {}
      : {
        note: l10n.t(
          '{0} has no decoder with {1} weights (there is {2}), so {3} is used.',
          folder,
          wanted,
          there.join(', '),
          fileName('decoder_model_merged', types.decoder_model_merged),
        ),
      }),
  };
}

/** Names, sizes and times of all that a run reads: another key as soon as a file is replaced. */
export async function graphsKey(folder: string, { files }: ChosenGraphs): Promise<string> {
  const onnx = path.join(folder, 'onnx');
  const data = (await readdir(onnx).catch((): string[] => [])).filter(name => name.includes('.onnx_data')).map(name =>
    path.join(onnx, name)
  );
  const read = [
    ...Object.values(files),
    ...data.sort(),
    ...['config.json', 'generation_config.json', 'tokenizer.json'].map(name => path.join(folder, name)),
  ];
  return JSON.stringify(
    await Promise.all(read.map(async file => {
      const entry = await stat(file).catch(() => undefined);
      return [file, entry?.size, entry?.mtimeMs];
    })),
  );
}

function fileName(graph: OnnxGraphName, type: OnnxType): string {
  return `${graph}${type === 'fp32' ? '' : `_${type}`}.onnx`;
}

/** @throws Failure badArgument: such a folder needs no conversion. */
export async function refuseOnnxFolder(folder: string): Promise<void> {
  if (await isOnnxFolder(folder)) {
    throw new Failure(
      'badArgument',
      l10n.t(
        '{0} holds ready-made graphs in the layout of transformers.js and is used as it is: name it as the model. To get a converted folder, convert the original checkpoint, the one with *.safetensors.',
        folder,
      ),
    );
  }
}
