/** A folder of transformers.js graphs, used as it is: one graph for the tower, one that embeds, one merged decoder. */
import * as l10n from '@vscode/l10n';
import { halves } from '../checkpoint/floats';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readConfig, type PaliGemmaConfig } from '../checkpoint/config';
import { Failure } from '../../../paligemma/src/failures';
import type { ModelSpec } from '../contract/protocol';
import { findMaskDecoder } from '../output/maskDecoderFile';
import { PictureFeatures } from '../model/pictureFeatures';
import type { LoadHooks, ModelFacts, RunnableModel } from '../model/runnableModel';
import { loadMaskDecoder, type MaskDecoder } from '../output/maskDecoder';
import { floatTensor, halfTensor, type Device } from '../runtime/ort';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { folderTokenizer } from './folderTokenizer';
import { chooseGraphs } from '../checkpoint/onnxLayout';
import { hidesLaterTokens } from './maskProbe';
import { floatsOfAny, OnnxDecoder } from './onnxDecoder';
import { elementTypes } from './onnxFile';
import { openGraph, type PublishedGraph } from './publishedGraph';

interface Parts {
  readonly device: Device;
  readonly manifest: OnnxFacts;
  readonly tokenizer: Tokenizer;
  readonly maskDecoder: MaskDecoder | undefined;
  readonly vision: OnnxVision;
  readonly decoder: OnnxDecoder;
}

type OnnxFacts = ModelFacts & { readonly config: PaliGemmaConfig };

export interface OnnxOptions {
  readonly cachePath: string;
  /** Every prediction carries its logits: for comparisons. */
  readonly keepsLogits?: boolean;
}

export class OnnxModel extends PictureFeatures implements RunnableModel {
  readonly device: Device;
  readonly manifest: OnnxFacts;
  readonly tokenizer: Tokenizer;
  readonly maskDecoder: MaskDecoder | undefined;
  readonly vision: OnnxVision;
  readonly decoder: OnnxDecoder;

  private constructor(parts: Parts) {
    super();
    ({
      device: this.device,
      manifest: this.manifest,
      tokenizer: this.tokenizer,
      maskDecoder: this.maskDecoder,
      vision: this.vision,
      decoder: this.decoder,
    } = parts);
  }

  /**
   * `auto` takes the CPU: how these graphs behave on a graphics card is up to whoever exported them.
   * @throws Failure of the model kinds, deviceUnavailable, outOfMemory, runtimeFailed; AbortError between graphs.
   */
  static async open(
    folder: string,
    spec: ModelSpec,
    { cachePath, keepsLogits = false }: OnnxOptions,
    { signal, onProgress, onNote }: LoadHooks,
  ): Promise<OnnxModel> {
    refuseAdapter(folder, spec);
    const config = await readConfig(folder);
    const chosen = await chooseGraphs(folder, spec.weights);
    if (chosen.note !== undefined) onNote(chosen.note);
    if (spec.attention === 'sliding') {
      onNote(l10n.t('{0} holds graphs with full attention; “sliding” changes nothing in them.', folder));
    }
    if (spec.device === 'auto') {
      onNote(l10n.t('Running on the CPU, as folders of ready-made graphs do unless a device is named.'));
    }
    const device = spec.device === 'auto' ? 'cpu' : spec.device;
    const tokenizer = await folderTokenizer(folder, cachePath, signal);
    const maskFile = await findMaskDecoder([folder, path.dirname(folder)]);
    const maskDecoder = maskFile === undefined ? undefined : await loadMaskDecoder(maskFile, signal);
    const opened: PublishedGraph[] = [];
    try {
      const open = async (
        graph: keyof typeof chosen.files,
        options: { readonly lastRowOf?: string; readonly hasFastMatrices?: boolean } = {},
      ) => {
        signal.throwIfAborted();
        const published = await openGraph(chosen.files[graph], { device, ...options });
        opened.push(published);
        onProgress(opened.length, GRAPHS);
        await nextTurn();
        return published;
      };
      const vision = new OnnxVision(await open('vision_encoder'), config);
      const embed = await open('embed_tokens');
      const merged = await open('decoder_model_merged', {
        lastRowOf: 'logits',
        hasFastMatrices: device === 'cpu' && chosen.types.decoder_model_merged === 'q4',
      });
      const decoder = new OnnxDecoder({ embed, decoder: merged, config: config.text, keepsLogits });
      if (await hidesLaterTokens(merged, decoder, tokenizer, signal)) {
        onNote(hidingNote(folder));
      }
      return new OnnxModel({
        device,
        tokenizer,
        maskDecoder,
        vision,
        decoder,
        manifest: { name: path.basename(folder), weights: chosen.weights, config },
      });
    } catch (error) {
      await Promise.allSettled(opened.map(graph => graph.session.release()));
      throw error;
    }
  }

  async release(): Promise<void> {
    await Promise.allSettled([this.vision.release(), this.decoder.release()]);
  }
}

const GRAPHS = 3;

/** Image features of such a graph are divided by √D already, and only its own decoder takes them so. */
class OnnxVision {
  private readonly input: string;
  private readonly output: string;

  /** @throws Failure modelUnsupported */
  constructor(private readonly graph: PublishedGraph, private readonly config: PaliGemmaConfig) {
    const [input] = graph.inputs.values();
    const [output] = graph.outputs.values();
    const side = config.vision.imageSizePx;
    const isFit = graph.inputs.size === 1 && input !== undefined && output !== undefined
      && [input.shape.at(-1), input.shape.at(-2)].every(size => size === undefined || size === side)
      && [undefined, config.text.hiddenSize].includes(output.shape.at(-1));
    if (!isFit) {
      throw new Failure(
        'modelUnsupported',
        l10n.t(
          '{0} is not a vision tower for pictures of {1} px and a decoder of width {2}, as config.json describes them. Graphs and config.json may belong to different models; download the folder again.',
          graph.file,
          side,
          config.text.hiddenSize,
        ),
      );
    }
    this.input = input.name;
    this.output = output.name;
  }

  /**
   * `pixelValues`: [3, R, R] float32 → [N, D] float32. @throws Failure modelUnsupported for features that do not fit
   * config.json.
   */
  async features(pixelValues: Float32Array): Promise<Float32Array> {
    const { vision: { imageSizePx: side, imageTokens }, text: { hiddenSize } } = this.config;
    const shape = [1, 3, side, side];
    const pixels = this.graph.inputs.get(this.input)?.elementType === elementTypes.float16
      ? halfTensor(halves(pixelValues), shape)
      : floatTensor(pixelValues, shape);
    const outputs = await this.graph.session.run({ [this.input]: pixels }, [this.output]);
    const features = floatsOfAny(outputs[this.output]);
    if (features.length !== imageTokens * hiddenSize) {
      throw new Failure(
        'modelUnsupported',
        l10n.t(
          '{0} gives {1} image tokens, but config.json asks for {2}. Graphs and config.json belong to different models; download the folder again.',
          this.graph.file,
          features.length / hiddenSize,
          imageTokens,
        ),
      );
    }
    return features;
  }

  release(): Promise<void> {
    return this.graph.session.release();
  }
}

function hidingNote(folder: string): string {
  return l10n.t(
    'The decoder in {0} hides the end of the prompt from its beginning, unlike the model in training: answers differ from those of the original checkpoint.',
    folder,
  );
}

function refuseAdapter(folder: string, { adapterPath }: ModelSpec): void {
  if (adapterPath !== undefined) {
    throw new Failure(
      'adapterInvalid',
      l10n.t(
        '{0} holds ready-made graphs, into which the adapter {1} cannot be merged. Use it with the original checkpoint, the folder with config.json and *.safetensors.',
        folder,
        adapterPath,
      ),
    );
  }
}
