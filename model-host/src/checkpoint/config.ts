/** Reads a Hugging Face checkpoint's JSON files into one checked description of its sizes. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import path from 'node:path';
import { Failure } from '../../../paligemma/src/failures';
import { architectureProblem, CONFIG_FILE, type JsonObject } from '../../../paligemma/src/folderContents';
import { shown } from '../../../paligemma/src/shown';
import { paliGemmaKeys, rotationKeys, textKeys, visionKeys } from './configKeys';
import { generationKeys } from './generationKeys';
import { keyFault, type KeyTable } from './keyTable';
import { FileRefused, readPlainFile } from '../../../system/src/plainFile';
import { preprocessorKeys } from './preprocessorKeys';

/** SigLIP tower. `imageTokens` is derived: configs carry `num_image_tokens` fields that are sometimes wrong. */
export interface VisionConfig {
  readonly imageSizePx: number;
  readonly patchSizePx: number;
  readonly imageTokens: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
}

/** Gemma 2 decoder. */
export interface TextConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Queries are multiplied by this to the power of −½. */
  readonly queryPreAttnScalar: number;
  /** Soft caps; undefined where the checkpoint switches one off. */
  readonly attentionSoftCap: number | undefined;
  readonly finalSoftCap: number | undefined;
  readonly ropeTheta: number;
  readonly rmsNormEpsilon: number;
  readonly maxPositions: number;
  readonly slidingWindow: number;
  /** One entry per layer: whether transformers windows its one-token steps. */
  readonly slidingLayers: readonly boolean[];
}

export interface PaliGemmaConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly imageTokenId: number;
  /** Any of these ends the suffix. */
  readonly eosTokenIds: readonly number[];
}

/** What only reading the weights needs to know beside it. */
export interface CheckpointConfig extends PaliGemmaConfig {
  /** False where the checkpoint must bring an output matrix of its own. */
  readonly tiesHead: boolean;
  /** Rows of the embedding table; undefined where the file does not say. */
  readonly vocabularySize: number | undefined;
}

/**
 * Reads `config.json`, and `generation_config.json`, `processor_config.json` and `preprocessor_config.json` where
 * present. Missing keys take the defaults of the transformers classes (PaliGemma, Gemma2, Siglip; 5.23), as published
 * files omit them; keys that ask for what is not computed here are refused by name.
 * @throws Failure modelConfigMissing, modelConfigInvalid, modelUnsupported.
 */
export async function readConfig(folder: string): Promise<CheckpointConfig> {
  const file = path.join(folder, CONFIG_FILE);
  const config = await readJson(file);
  if (config === undefined) {
    throw new Failure(
      'modelConfigMissing',
      l10n.t(
        'There is no config.json in {0}. Choose the folder that holds config.json, tokenizer.json and the *.safetensors files of a PaliGemma 2 checkpoint.',
        folder,
      ),
    );
  }
  const other = architectureProblem(config);
  if (other !== undefined) {
    throw new Failure(other.reason, l10n.t('{0} cannot be used as a model. {1}', folder, other.problem));
  }
  const reader = new ConfigReader(file);
  const textConfig = reader.section(config, 'text_config');
  const visionConfig = reader.section(config, 'vision_config');
  reader.checkKeys(config, paliGemmaKeys, '');
  reader.checkKeys(textConfig, textKeys, 'text_config.');
  reader.checkKeys(visionConfig, visionKeys, 'vision_config.');
  const vision = readVision(visionConfig, reader);
  await checkPreprocessor(folder, vision.imageSizePx);
  const generation = await readGeneration(path.join(folder, 'generation_config.json'));
  return {
    vision,
    text: readText(textConfig, reader),
    imageTokenId: reader.count(config, 'image_token_index', reader.count(config, 'image_token_id', 256000)),
    eosTokenIds: tokenIds(generation['eos_token_id']) ?? tokenIds(config['eos_token_id']) ?? [1],
    tiesHead: config['tie_word_embeddings'] !== false,
    // The one at the top level is the default of its class in many files.
    vocabularySize: textConfig['vocab_size'] === undefined ? undefined : reader.count(textConfig, 'vocab_size', 0),
  };
}

/** Published ones have a few kilobytes. */
const MAX_JSON_BYTES = 16 * 2 ** 20;
/**
 * Far above every published size, and low enough that nothing which is made from a config alone (lists of layers,
 * rotation tables) takes more memory than a small model.
 */
export const MOST = {
  layers: 1024,
  heads: 4096,
  width: 2 ** 17,
  inner: 2 ** 21,
  headDim: 2048,
  sidePx: 16_384,
  imageTokens: 2 ** 16,
  positions: 2 ** 20,
  rotations: 2 ** 25,
} as const;

/** Published models have one or two. */
const MOST_EOS_IDS = 1000;

async function readJson(file: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = (await readPlainFile(file, MAX_JSON_BYTES)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') {
      return undefined;
    }
    throw new Failure('modelConfigInvalid', unread(file, error), { cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    throw new Failure(
      'modelConfigInvalid',
      l10n.t('{0} is not valid JSON ({1}). Download it again.', file, (error as Error).message),
      { cause: error },
    );
  }
  throw new Failure('modelConfigInvalid', l10n.t('{0} does not hold a JSON object. Download it again.', file));
}

/** Why a file of a model was not read, and the cure. */
export function unread(file: string, error: unknown): string {
  return error instanceof FileRefused
    ? `${error.message} ${l10n.t('Download it again.')}`
    : l10n.t('{0} cannot be read ({1}). Download it again.', file, (error as Error).message);
}

async function readGeneration(file: string): Promise<JsonObject> {
  const generation = (await readJson(file)) ?? {};
  new ConfigReader(file).checkKeys(generation, generationKeys, '');
  return generation;
}

/**
 * Of both files, where both are there, transformers takes the newer form: an `image_processor` in
 * `processor_config.json`. Source: transformers 5.23, `image_processing_base.py` get_image_processor_dict.
 */
async function checkPreprocessor(folder: string, imageSizePx: number): Promise<void> {
  const processorFile = path.join(folder, 'processor_config.json');
  const nested = (await readJson(processorFile))?.['image_processor'];
  const file = isRecord(nested) ? processorFile : path.join(folder, 'preprocessor_config.json');
  const keys = isRecord(nested) ? nested : (await readJson(file)) ?? {};
  new ConfigReader(file).checkKeys(
    keys,
    preprocessorKeys(imageSizePx),
    isRecord(nested) ? 'image_processor.' : '',
  );
}

function readVision(config: JsonObject, reader: ConfigReader): VisionConfig {
  const imageSizePx = reader.count(config, 'image_size', 224, MOST.sidePx);
  const patchSizePx = reader.count(config, 'patch_size', 16, MOST.sidePx);
  const hiddenSize = reader.count(config, 'hidden_size', 768, MOST.width);
  const heads = reader.count(config, 'num_attention_heads', 12, MOST.heads);
  reader.check(
    hiddenSize % heads === 0,
    l10n.t('vision_config.hidden_size {0} is not a multiple of num_attention_heads {1}.', hiddenSize, heads),
  );
  const patchesPerSide = Math.floor(imageSizePx / patchSizePx);
  reader.check(
    patchesPerSide > 0,
    l10n.t('vision_config.patch_size {0} is larger than image_size {1}.', patchSizePx, imageSizePx),
  );
  reader.check(
    patchesPerSide ** 2 <= MOST.imageTokens,
    l10n.t(
      'vision_config.image_size {0} with patch_size {1} gives {2} image tokens; a model that can be run has at most {3}.',
      imageSizePx,
      patchSizePx,
      patchesPerSide ** 2,
      MOST.imageTokens,
    ),
  );
  return {
    imageSizePx,
    patchSizePx,
    hiddenSize,
    heads,
    imageTokens: patchesPerSide ** 2,
    intermediateSize: reader.count(config, 'intermediate_size', 3072, MOST.inner),
    layers: reader.count(config, 'num_hidden_layers', 12, MOST.layers),
    layerNormEpsilon: reader.positive(config, 'layer_norm_eps', 1e-6),
  };
}

function readText(config: JsonObject, reader: ConfigReader): TextConfig {
  const layers = reader.count(config, 'num_hidden_layers', 26, MOST.layers);
  const heads = reader.count(config, 'num_attention_heads', 8, MOST.heads);
  const kvHeads = reader.count(config, 'num_key_value_heads', 4, MOST.heads);
  const headDim = reader.count(config, 'head_dim', 256, MOST.headDim);
  reader.check(
    heads % kvHeads === 0,
    l10n.t('text_config.num_attention_heads {0} is not a multiple of num_key_value_heads {1}.', heads, kvHeads),
  );
  reader.check(headDim % 2 === 0, l10n.t('text_config.head_dim {0} is odd.', headDim));
  const maxPositions = reader.count(config, 'max_position_embeddings', 8192, MOST.positions);
  reader.check(
    maxPositions * headDim <= MOST.rotations,
    l10n.t(
      'text_config.max_position_embeddings {0} with head_dim {1} needs larger rotation tables than can be made.',
      maxPositions,
      headDim,
    ),
  );
  const rope = config['rope_parameters'] ?? {};
  reader.check(isRecord(rope), l10n.t('{0} is not an object.', 'text_config.rope_parameters'));
  reader.checkKeys(rope, rotationKeys, 'text_config.rope_parameters.');
  return {
    layers,
    heads,
    kvHeads,
    headDim,
    hiddenSize: reader.count(config, 'hidden_size', 2304, MOST.width),
    intermediateSize: reader.count(config, 'intermediate_size', 9216, MOST.inner),
    queryPreAttnScalar: reader.positive(config, 'query_pre_attn_scalar', 256),
    attentionSoftCap: reader.optionalPositive(config, 'attn_logit_softcapping', 50),
    finalSoftCap: reader.optionalPositive(config, 'final_logit_softcapping', 30),
    ropeTheta: reader.positive(rope, 'rope_theta', reader.positive(config, 'rope_theta', 10000)),
    rmsNormEpsilon: reader.positive(config, 'rms_norm_eps', 1e-6),
    maxPositions,
    slidingWindow: reader.count(config, 'sliding_window', 4096),
    slidingLayers: slidingLayers(config['layer_types'], layers, reader),
  };
}

/** Source: transformers 5.23 `gemma2/configuration_gemma2.py`: without `layer_types` the layers 0, 2, 4, … slide. */
function slidingLayers(types: unknown, layers: number, reader: ConfigReader): boolean[] {
  if (types === undefined || types === null) return Array.from({ length: layers }, (_, layer) => layer % 2 === 0);
  reader.check(
    Array.isArray(types) && types.length === layers,
    l10n.t('text_config.layer_types does not have one entry per layer.'),
  );
  const other = (types as unknown[]).find(type => type !== 'sliding_attention' && type !== 'full_attention');
  reader.check(
    other === undefined,
    l10n.t('text_config.layer_types names {0}, which Gemma 2 does not have.', shown(other)),
  );
  return (types as unknown[]).map(type => type === 'sliding_attention');
}

function tokenIds(value: unknown): number[] | undefined {
  const ids = (Array.isArray(value) ? value.slice(0, MOST_EOS_IDS) : [value]) as unknown[];
  return ids.every(id => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) && ids.length > 0
    ? (ids as number[])
    : undefined;
}

/** Typed reads with defaults; every complaint names the file and the key. */
class ConfigReader {
  constructor(private readonly file: string) {}

  section(config: JsonObject, key: string): JsonObject {
    const value = config[key];
    if (value === undefined) return {};
    this.check(isRecord(value), l10n.t('{0} is not an object.', key));
    return value;
  }

  count(config: JsonObject, key: string, fallback: number, most = 2 ** 31 - 1): number {
    const value = config[key] ?? fallback;
    this.check(
      typeof value === 'number' && Number.isSafeInteger(value) && value > 0,
      l10n.t('{0} is {1}, not a positive whole number.', key, shown(value)),
    );
    this.check(value <= most, l10n.t('{0} is {1}; a model that can be run has at most {2}.', key, value, most));
    return value;
  }

  positive(config: JsonObject, key: string, fallback: number): number {
    const value = config[key] ?? fallback;
    this.check(
      typeof value === 'number' && Number.isFinite(value) && value > 0,
      l10n.t('{0} is {1}, not a positive number.', key, shown(value)),
    );
    return value;
  }

  /** `null` switches the feature off; a missing key takes the default. */
  optionalPositive(config: JsonObject, key: string, fallback: number): number | undefined {
    return config[key] === null ? undefined : this.positive(config, key, fallback);
  }

  checkKeys(json: JsonObject, table: KeyTable, place: string): void {
    const fault = keyFault(json, table, place);
    if (fault !== undefined) throw new Failure('modelUnsupported', `${this.file}: ${fault}`);
  }

  /** @param complaint A sentence. */
  check(holds: boolean, complaint: string): asserts holds {
    if (!holds) {
      throw new Failure(
        'modelConfigInvalid',
        `${this.file}: ${complaint} ${l10n.t('Download the file again or choose another checkpoint.')}`,
      );
    }
  }
}
