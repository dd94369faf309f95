/**
 * What lies in a folder that is taken for a model or an adapter, told by its names and its small JSON files alone. The
 * one place where foreign formats are recognised and named: every way to give a folder asks it.
 */
import { isRecord } from './checks';
import type { FailureReason } from './failures';
import { maskDecoderFiles } from './facts';
import { shown } from './shown';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What was seen of a folder; contents of weights are not needed. */
export interface FolderFacts {
  /** Names of what lies in it and is no folder. */
  readonly files: ReadonlySet<string>;
  /** Those of `files` that hold a pointer of Git LFS in the place of their contents. */
  readonly lfsPointers: readonly string[];
  /** `config.json`; undefined where it is missing or is no JSON object. */
  readonly config: JsonObject | undefined;
  /** `adapter_config.json`, likewise. */
  readonly adapterConfig: JsonObject | undefined;
}

export interface FolderProblem {
  readonly reason: FailureReason;
  /** Whole sentences: what the folder ("It") is, then the cure. */
  readonly problem: string;
}

export const CONFIG_FILE = 'config.json';
export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_FILE = 'adapter_model.safetensors';
export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** Where the tensors of a checkpoint lie. */
export type WeightPlace =
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | { readonly kind: 'index'; readonly file: string };

/**
 * The order of transformers: the file that `transformers_weights` of config.json names, `model.safetensors`, the
 * index; then, what transformers leaves alone, shards that are all there without an index.
 * Source: transformers 5.23 `modeling_utils.py`, `_get_resolved_checkpoint_files`.
 */
export function weightPlace({ files, config }: Pick<FolderFacts, 'files' | 'config'>): WeightPlace | undefined {
  const named = config?.['transformers_weights'];
  if (typeof named === 'string' && named !== '') {
    return named.endsWith('.index.json') ? { kind: 'index', file: named } : { kind: 'files', files: [named] };
  }
  if (files.has(SINGLE_FILE)) return { kind: 'files', files: [SINGLE_FILE] };
  if (files.has(INDEX_FILE)) return { kind: 'index', file: INDEX_FILE };
  const shards = shardsOf(files);
  return shards.length > 0 && shards.every(name => files.has(name)) ? { kind: 'files', files: shards } : undefined;
}

/** All shards of the set that the folder has one of, whether they are there or not. */
function shardsOf(files: ReadonlySet<string>): string[] {
  for (const name of files) {
    const total = /^model-\d{5}-of-(?<total>\d{5})\.safetensors$/.exec(name)?.groups?.['total'];
    if (total === undefined || Number(total) === 0 || Number(total) > MOST_SHARDS) continue;
    return Array.from(
      { length: Number(total) },
      (_, at) => `model-${String(at + 1).padStart(5, '0')}-of-${total}.safetensors`,
    );
  }
  return [];
}

/** The largest published checkpoint has 12. */
const MOST_SHARDS = 1000;

/** The beginning of what Git leaves in the place of a large file. Source: git-lfs `docs/spec.md`. */
export const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
/** A pointer is shorter; a longer file need not be looked into. */
export const LFS_POINTER_BYTES = 1024;

const ORIGINAL = 'Take the original checkpoint, for example google/paligemma2-3b-mix-448.';

/**
 * Why a folder cannot be a model, beyond what reading its weights will tell; undefined where it may be one. Whether they
 * are quantised is told by their headers: a merged checkpoint may keep the config of its quantised base.
 */
export function modelProblem(facts: FolderFacts): FolderProblem | undefined {
  const place = weightPlace(facts);
  return adapterAsModel(facts, place)
    ?? architectureProblem(facts.config)
    ?? lfsProblem(facts)
    ?? (place === undefined ? missingWeights(facts) : undefined);
}

function adapterAsModel(facts: FolderFacts, place: WeightPlace | undefined): FolderProblem | undefined {
  const { files, adapterConfig } = facts;
  if (place !== undefined || !files.has(ADAPTER_CONFIG_FILE)) return undefined;
  const base = nameIn(adapterConfig?.['base_model_name_or_path']);
  return {
    reason: 'modelUnsupported',
    problem: `It is an adapter${
      base === undefined ? '' : ` for ${base}`
    } (${ADAPTER_CONFIG_FILE}), not a model. Name the model that it was trained on, and give this folder with --adapter.`,
  };
}

/** Architectures of transformers that are PaliGemma as it is run here. */
const ARCHITECTURES: readonly unknown[] = ['PaliGemmaForConditionalGeneration', 'PaliGemmaModel'];

/** Why a model of this `config.json` cannot be run, where it is of another kind; undefined without a config too. */
export function architectureProblem(config: JsonObject | undefined): FolderProblem | undefined {
  if (config === undefined) return undefined;
  const unsupported = (problem: string): FolderProblem => ({ reason: 'modelUnsupported', problem });
  const isKeras = typeof config['class_name'] === 'string' && config['model_type'] === undefined;
  if (isKeras) return unsupported(`It is a preset of Keras (${nameIn(config['class_name']) ?? 'keras'}). ${ORIGINAL}`);
  const type = config['model_type'];
  if (type !== 'paligemma') {
    return unsupported(
      `Its ${CONFIG_FILE} describes ${
        type === undefined ? 'no model type' : `a model of type ${shown(type)}`
      }, not PaliGemma 2. ${ORIGINAL}`,
    );
  }
  const text = config['text_config'];
  const textType = isRecord(text) ? text['model_type'] : undefined;
  if (textType !== 'gemma2') {
    return unsupported(
      `Its ${CONFIG_FILE} describes a PaliGemma whose text model is ${
        shown(textType ?? 'gemma')
      }; only PaliGemma 2 (gemma2) can be run. Choose a checkpoint whose name begins with paligemma2.`,
    );
  }
  const architectures = config['architectures'];
  const other = Array.isArray(architectures)
    ? (architectures as unknown[]).find(name => !ARCHITECTURES.includes(name))
    : undefined;
  if (other !== undefined) {
    return unsupported(
      `Its ${CONFIG_FILE} names the architecture ${
        shown(other)
      }, which is built on PaliGemma and answers in another way. ${ORIGINAL}`,
    );
  }
  return undefined;
}

function lfsProblem({ lfsPointers: [first] }: FolderFacts): FolderProblem | undefined {
  return first === undefined ? undefined : {
    reason: 'weightsMissing',
    problem:
      `Its ${first} is a pointer of Git LFS, not the file itself. Run "git lfs pull" in the folder, or download the file.`,
  };
}

/** Files of a trainer beside its checkpoint: neither weights nor wanted. */
const TRAINER_FILE =
  /^(?:training_args\.bin|(?:optimizer|scheduler|scaler|rng_state\w*|random_states\w*)\.(?:pt|pth|bin|pkl|safetensors))$/;

interface Foreign {
  readonly matches: (name: string) => boolean;
  /** `file`: the first that matches. */
  readonly says: (file: string) => string;
}

/** What lies in the place of weights, most telling first. */
const foreignWeights: readonly Foreign[] = [
  {
    matches: name => /\.(?:incomplete|part|crdownload|aria2)$/.test(name),
    says: file =>
      `A download into it broke off (${file}). Let it go on, or download the missing files again; those that are whole can stay.`,
  },
  {
    matches: name => /\.gguf$/i.test(name),
    says: file => `It holds a GGUF file of llama.cpp (${file}), which is not read. ${ORIGINAL}`,
  },
  {
    matches: name => /\.(?:bin|pt|pth|ckpt|pkl)$/.test(name) && !TRAINER_FILE.test(name),
    says: file =>
      `Its weights are pickles of PyTorch (${file}), which can run code when they are opened, so they never are. Save the model again as safetensors: model.save_pretrained(FOLDER) in transformers.`,
  },
  {
    matches: name => /\.distcp$|^(?:zero_|mp_rank_|pytorch_model_fsdp)/.test(name),
    says: file =>
      `It holds the state of a distributed training (${file}), not a checkpoint. Join it with the trainer's own tool, and save it with model.save_pretrained(FOLDER).`,
  },
  {
    matches: name => name.endsWith('.npz') && !maskDecoderFiles.includes(name),
    says: file =>
      `It holds a NumPy archive as big_vision writes it (${file}), which is not read. Take the checkpoint in the form of transformers, for example google/paligemma2-3b-mix-448, or convert it with convert_paligemma2_weights_to_hf.py of transformers.`,
  },
  {
    matches: name => name.endsWith('.msgpack'),
    says: file => `Its weights are those of Flax (${file}), which are not read. ${ORIGINAL}`,
  },
  {
    matches: name => /\.(?:h5|keras)$/.test(name),
    says: file => `Its weights are those of Keras or TensorFlow (${file}), which are not read. ${ORIGINAL}`,
  },
  {
    matches: name => /\.(?:tflite|task|litertlm|sbs)$/.test(name),
    says: file => `It holds a model of another runtime (${file}), which is not read. ${ORIGINAL}`,
  },
  {
    matches: name => /^model\.[\w-]+\.safetensors$/.test(name),
    says: file =>
      `Its only weights are a variant (${file}), which transformers too takes by its name only. Rename the file to ${SINGLE_FILE}.`,
  },
  {
    matches: name => name.endsWith('.safetensors') && !maskDecoderFiles.includes(name) && !TRAINER_FILE.test(name),
    says: file =>
      `Its weights have a name under which transformers does not look for them (${file}). Where that file holds the whole model, rename it to ${SINGLE_FILE}.`,
  },
];

/** What a folder without a place of weights has instead. */
function missingWeights({ files }: FolderFacts): FolderProblem | undefined {
  const shards = shardsOf(files);
  const lost = shards.find(name => !files.has(name));
  if (lost !== undefined) return missingShard(lost);
  for (const { matches, says } of foreignWeights) {
    const file = [...files].filter(matches).sort()[0];
    if (file === undefined) continue;
    return {
      reason: file.endsWith('.safetensors') ? 'weightsMissing' : 'modelUnsupported',
      problem: says(shortName(file)),
    };
  }
  return undefined;
}

/** @param name Of a shard that an index or its neighbours' names promise. */
export function missingShard(name: string): FolderProblem {
  return {
    reason: 'weightsMissing',
    problem: `It has no ${
      shortName(name)
    }, one of the files that its weights are split into. Download that file; the others can stay.`,
  };
}

/** Why a folder cannot be an adapter; undefined where it may be one. */
export function adapterProblem(facts: FolderFacts): FolderProblem | undefined {
  const { files, adapterConfig, config } = facts;
  const invalid = (problem: string): FolderProblem => ({ reason: 'adapterInvalid', problem });
  if (!files.has(ADAPTER_CONFIG_FILE)) {
    const isModel = weightPlace(facts) !== undefined || config !== undefined;
    return isModel
      ? invalid('It is a whole model, not an adapter. Name it as the model (--model), and leave the adapter out.')
      : invalid(`It has no ${ADAPTER_CONFIG_FILE}. Give the folder that PEFT's save_pretrained wrote.`);
  }
  const mlxFile = ['adapters.safetensors', 'adapters.npz'].find(name => files.has(name));
  if (mlxFile !== undefined || isRecord(adapterConfig?.['lora_parameters'])) {
    return invalid(
      `It is an adapter of MLX${
        mlxFile === undefined ? '' : ` (${mlxFile})`
      }, and only those of PEFT are read. Fuse it with its model by MLX, or train it with PEFT.`,
    );
  }
  if (files.has(ADAPTER_FILE)) {
    return facts.lfsPointers.length === 0 ? undefined : { ...lfsProblem(facts)!, reason: 'adapterInvalid' };
  }
  const gguf = [...files].find(name => /\.gguf$/i.test(name));
  if (gguf !== undefined) {
    return invalid(`It holds a GGUF file (${shortName(gguf)}), and only adapters of PEFT are read.`);
  }
  return files.has('adapter_model.bin')
    ? invalid(
      'Its adapter_model.bin is a pickle of PyTorch, which can run code when it is opened, so it never is. Load it with PEFT and save it again as safetensors: model.save_pretrained(FOLDER).',
    )
    : invalid(`It has no ${ADAPTER_FILE}. Copy the adapter again, with all its files.`);
}

/** A repository in Hugging Face's cache: `models--OWNER--NAME`. Source: huggingface_hub, "Manage the cache". */
export function repositoryOfCacheFolder(name: string): string | undefined {
  const match = /^models--(?<owner>.+?)--(?<name>.+)$/.exec(name);
  return match === null ? undefined : `${match.groups!['owner']!}/${match.groups!['name']!}`;
}

/** Text of somebody's JSON that is a plain name; undefined for what cannot stand in a sentence as it is. */
export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w./@:+~-]{1,120}$/.test(value) ? value : undefined;
}

function shortName(name: string): string {
  return name.slice(0, 120).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
