/**
 * What lies in a folder that is taken for a model or an adapter, told by its names and its small JSON files alone. The
 * one place where foreign formats are recognised and named: every way to give a folder asks it.
 */
import * as l10n from '@vscode/l10n';
import { isRecord } from './checks';
import type { FailureReason } from './failures';
import { maskDecoderFiles } from './facts';
import { shown } from './shown';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What was seen of a folder; contents of weights are not needed. */
export interface FolderFacts {
  /** Names of what lies in it and is no folder. */
  readonly files: ReadonlySet<string>;
  /** Names of the folders that lie in it, where they were looked at. */
  readonly folders?: ReadonlySet<string>;
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
  | { readonly kind: 'index'; readonly file: string }
  /** A NumPy archive of big_vision. */
  | { readonly kind: 'archive'; readonly file: string };

/**
 * The order of transformers: the file that `transformers_weights` of config.json names, `model.safetensors`, the
 * index; then, what transformers leaves alone, shards that are all there without an index, and last an archive of
 * big_vision.
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
  if (shards.length > 0 && shards.every(name => files.has(name))) return { kind: 'files', files: shards };
  const [archive, ...more] = shards.length > 0 ? [] : archivesOf(files);
  return archive === undefined || more.length > 0 ? undefined : { kind: 'archive', file: archive };
}

/** The archive of big_vision that a folder's weights lie in; undefined where they lie elsewhere. */
export function bigVisionFile(facts: Pick<FolderFacts, 'files' | 'config'>): string | undefined {
  const place = weightPlace(facts);
  return place?.kind === 'archive' ? place.file : undefined;
}

/** What may hold a checkpoint of big_vision; a mask decoder does not, and an adapter of MLX is none. */
function archivesOf(files: ReadonlySet<string>): string[] {
  return [...files].filter(name => name.endsWith('.npz') && !maskDecoderFiles.includes(name) && name !== 'adapters.npz')
    .sort();
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

const original = () => l10n.t('Use the original checkpoint, for example google/paligemma2-3b-mix-448.');

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
    problem: base === undefined
      ? l10n.t(
        'It is an adapter ({0}), not a model. Name the model that it was trained on, and pass this folder with --adapter.',
        ADAPTER_CONFIG_FILE,
      )
      : l10n.t(
        'It is an adapter for {0} ({1}), not a model. Name the model that it was trained on, and pass this folder with --adapter.',
        base,
        ADAPTER_CONFIG_FILE,
      ),
  };
}

/** Architectures of transformers that are PaliGemma as it is run here. */
const ARCHITECTURES: readonly unknown[] = ['PaliGemmaForConditionalGeneration', 'PaliGemmaModel'];

/** Why a model of this `config.json` cannot be run, where it is of another kind; undefined without a config too. */
export function architectureProblem(config: JsonObject | undefined): FolderProblem | undefined {
  if (config === undefined) return undefined;
  const unsupported = (problem: string): FolderProblem => ({ reason: 'modelUnsupported', problem });
  const isKeras = typeof config['class_name'] === 'string' && config['model_type'] === undefined;
  if (isKeras) {
    const name = nameIn(config['class_name']) ?? 'keras';
    return unsupported(`${l10n.t('It is a Keras preset ({0}).', name)} ${original()}`);
  }
  const type = config['model_type'];
  if (type !== 'paligemma') {
    const what = type === undefined
      ? l10n.t('Its {0} names no model type, so it is not PaliGemma 2.', CONFIG_FILE)
      : l10n.t('Its {0} describes a model of type {1}, not PaliGemma 2.', CONFIG_FILE, shown(type));
    return unsupported(`${what} ${original()}`);
  }
  const text = config['text_config'];
  const textType = isRecord(text) ? text['model_type'] : undefined;
  if (textType !== 'gemma2') {
    return unsupported(
      l10n.t(
        'Its {0} describes a PaliGemma whose text model is {1}; only PaliGemma 2 (gemma2) can be run. Choose a checkpoint whose name begins with paligemma2.',
        CONFIG_FILE,
        shown(textType ?? 'gemma'),
      ),
    );
  }
  const architectures = config['architectures'];
  const other = Array.isArray(architectures)
    ? (architectures as unknown[]).find(name => !ARCHITECTURES.includes(name))
    : undefined;
  if (other !== undefined) {
    const what = l10n.t(
      'Its {0} names the architecture {1}, which is built on PaliGemma and answers differently.',
      CONFIG_FILE,
      shown(other),
    );
    return unsupported(`${what} ${original()}`);
  }
  return undefined;
}

function lfsProblem({ lfsPointers: [first] }: FolderFacts): FolderProblem | undefined {
  return first === undefined ? undefined : {
    reason: 'weightsMissing',
    problem: l10n.t(
      'Its {0} is only a Git LFS pointer, not the file itself. Run “git lfs pull” in the folder, or download the file.',
      first,
    ),
  };
}

/** Files of a trainer beside its checkpoint: neither weights nor wanted. */
const TRAINER_FILE =
  /^(?:training_args\.bin|(?:optimizer|scheduler|scaler|rng_state\w*|random_states\w*)\.(?:pt|pth|bin|pkl|safetensors))$/;

function distributedState(name: string): string {
  return l10n.t(
    'It holds the state of a distributed training run ({0}), not a checkpoint. Join it with the trainer’s own tool, and save it with model.save_pretrained(FOLDER).',
    name,
  );
}

function otherRuntime(file: string): string {
  return `${l10n.t('It holds a model of another runtime ({0}), which is not read.', file)} ${original()}`;
}

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
      l10n.t(
        'A download into it was interrupted ({0}). Resume it, or download the missing files again; those that are whole can stay.',
        file,
      ),
  },
  {
    matches: name => /\.gguf$/i.test(name),
    says: file => `${l10n.t('It holds a GGUF file of llama.cpp ({0}), which is not read.', file)} ${original()}`,
  },
  {
    matches: name =>
      /\.(?:llamafile|pte|nemo|rknn|engine|plan|mar|exl2|onnx|ort)$|^openvino_.*\.(?:xml|bin)$|^ggml-.*\.bin$/.test(
        name,
      ),
    says: otherRuntime,
  },
  {
    matches: name => /\.(?:bin|pt|pth|ckpt|pkl)$/.test(name) && !TRAINER_FILE.test(name),
    says: file =>
      l10n.t(
        'Its weights are PyTorch pickles ({0}), which can run code when opened, so they are never opened. Save the model again as safetensors, with model.save_pretrained(FOLDER) in transformers.',
        file,
      ),
  },
  {
    matches: name => /\.distcp$|^(?:zero_|mp_rank_|pytorch_model_fsdp)/.test(name),
    says: distributedState,
  },
  {
    matches: name => archivesOf(new Set([name])).length > 0,
    says: file =>
      l10n.t(
        'It holds several NumPy archives ({0} and others), so it is unclear which is the model. Keep the one that is meant in a folder of its own.',
        file,
      ),
  },
  {
    matches: name => name.endsWith('.msgpack'),
    says: file => `${l10n.t('Its weights are in Flax format ({0}), which are not read.', file)} ${original()}`,
  },
  {
    matches: name => /\.(?:h5|keras)$/.test(name),
    says: file =>
      `${l10n.t('Its weights are in Keras or TensorFlow format ({0}), which are not read.', file)} ${original()}`,
  },
  {
    matches: name => /\.(?:tflite|task|litertlm|sbs)$/.test(name),
    says: otherRuntime,
  },
  {
    matches: name => /\.(?:zip|tar|tgz|tar\.\w+|7z|rar)$/.test(name),
    says: file => l10n.t('It holds an archive ({0}). Unpack it, and give the folder that holds config.json.', file),
  },
  {
    matches: name => /^model\.[\w-]+\.safetensors$/.test(name),
    says: file =>
      l10n.t(
        'Its only weights are a variant ({0}), which transformers, too, loads only when asked for by name. Rename the file to {1}.',
        file,
        SINGLE_FILE,
      ),
  },
  {
    matches: name => name.endsWith('.safetensors') && !maskDecoderFiles.includes(name) && !TRAINER_FILE.test(name),
    says: file =>
      l10n.t(
        'Its weights have a name under which transformers does not look for them ({0}). If that file holds the whole model, rename it to {1}.',
        file,
        SINGLE_FILE,
      ),
  },
];

/** What a folder without a place of weights has instead. */
function missingWeights({ files, folders = new Set() }: FolderFacts): FolderProblem | undefined {
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
  return weightsBelow([...folders].sort());
}

/** What a trainer or an exporter puts into folders of its own. */
function weightsBelow(folders: readonly string[]): FolderProblem | undefined {
  const state = folders.find(name => /^(?:global_step\d+|pytorch_model_fsdp_\d+)$/.test(name));
  if (state !== undefined) return { reason: 'modelUnsupported', problem: distributedState(shortName(state)) };
  const bundle = folders.find(name => /\.(?:mlpackage|mlmodelc)$/.test(name));
  if (bundle !== undefined) return { reason: 'modelUnsupported', problem: otherRuntime(shortName(bundle)) };
  const checkpoints = folders.filter(name => /^(?:checkpoint|epoch|step)[-_]\d+$/.test(name));
  const last = checkpoints.sort((a, b) => stepOf(a) - stepOf(b)).at(-1);
  return last === undefined ? undefined : {
    reason: 'modelUnsupported',
    problem: l10n.t(
      'It is the folder of a training, whose checkpoints lie in folders of their own. Give one of them, such as {0}.',
      shortName(last),
    ),
  };
}

function stepOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0]);
}

/** @param name Of a shard that an index or its neighbours' names promise. */
export function missingShard(name: string): FolderProblem {
  return {
    reason: 'weightsMissing',
    problem: l10n.t(
      'It has no {0}, one of the files that its weights are split into. Download that file; the others can stay.',
      shortName(name),
    ),
  };
}

/** Why a folder cannot be an adapter; undefined where it may be one. */
export function adapterProblem(facts: FolderFacts): FolderProblem | undefined {
  const { files, adapterConfig, config } = facts;
  const invalid = (problem: string): FolderProblem => ({ reason: 'adapterInvalid', problem });
  if (!files.has(ADAPTER_CONFIG_FILE)) {
    const isModel = weightPlace(facts) !== undefined || config !== undefined;
    return isModel
      ? invalid(
        l10n.t('It is a whole model, not an adapter. Name it as the model (--model), and leave the adapter out.'),
      )
      : invalid(
        l10n.t('It has no {0}. Name the folder that PEFT’s save_pretrained wrote.', ADAPTER_CONFIG_FILE),
      );
  }
  const mlxFile = ['adapters.safetensors', 'adapters.npz'].find(name => files.has(name));
  if (mlxFile !== undefined || isRecord(adapterConfig?.['lora_parameters'])) {
    return invalid(
      mlxFile === undefined
        ? l10n.t(
          'It is an MLX adapter, and only those of PEFT are read. Fuse it with its model in MLX, or train it with PEFT.',
        )
        : l10n.t(
          'It is an MLX adapter ({0}), and only those of PEFT are read. Fuse it with its model in MLX, or train it with PEFT.',
          mlxFile,
        ),
    );
  }
  if (files.has(ADAPTER_FILE)) {
    return facts.lfsPointers.length === 0 ? undefined : { ...lfsProblem(facts)!, reason: 'adapterInvalid' };
  }
  const gguf = [...files].find(name => /\.gguf$/i.test(name));
  if (gguf !== undefined) {
    return invalid(l10n.t('It holds a GGUF file ({0}), and only adapters of PEFT are read.', shortName(gguf)));
  }
  return files.has('adapter_model.bin')
    ? invalid(
      l10n.t(
        'Its adapter_model.bin is a PyTorch pickle, which can run code when opened, so it is never opened. Load it with PEFT and save it again as safetensors: model.save_pretrained(FOLDER).',
      ),
    )
    : invalid(l10n.t('It has no {0}. Copy the adapter again, with all its files.', ADAPTER_FILE));
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
