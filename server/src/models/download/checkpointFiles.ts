/** Which files of a repository make up a checkpoint, and whether it is one that can be run. */
import { HostError } from '../../../../paligemma/src/failures';
import { maskDecoderFiles } from '../../../../paligemma/src/facts';
import type { HubFile, Repository } from './hub';

const CONFIG = 'config.json';
const INDEX = 'model.safetensors.index.json';
const NEEDED = [CONFIG, 'tokenizer.json'] as const;
const WANTED = [
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  INDEX,
] as const;
/** What the file system of every platform takes, and what cannot leave a folder. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}$/;

/**
 * `config.json` first, then the other small files, then the weights, largest first.
 * @throws HostError modelUnsupported where something is missing that no run can do without.
 */
export function checkpointFiles({ id, files }: Repository): readonly HubFile[] {
  const byName = new Map(files.map(file => [file.name, file]));
  const missing = NEEDED.find(name => !byName.has(name));
  if (missing !== undefined) {
    throw new HostError(
      'modelUnsupported',
      `The repository ${id} has no ${missing}, so it is no PaliGemma 2 checkpoint. Take one of "paligemma models list --all".`,
    );
  }
  const weights = files.filter(({ name }) =>
    SAFE_NAME.test(name) && name.endsWith('.safetensors') && !maskDecoderFiles.includes(name)
    && !/^(adapter|consolidated)/.test(name)
  );
  if (weights.length === 0) {
    const other = files.some(({ name }) => /\.(npz|bin|gguf|h5|msgpack)$/.test(name))
      ? 'weights of another format'
      : 'no weights of the original format';
    throw new HostError(
      'modelUnsupported',
      `The repository ${id} has ${other}; *.safetensors files are needed. Take the original checkpoint, for example google/paligemma2-3b-mix-448.`,
    );
  }
  const unchecked = weights.find(({ digest }) => digest === undefined);
  if (unchecked !== undefined) {
    throw new HostError(
      'weightsMissing',
      `The server tells no checksum for ${unchecked.name}, so nothing could be verified. Correct or remove HF_ENDPOINT.`,
    );
  }
  const small = [...NEEDED, ...WANTED, ...maskDecoderFiles].flatMap(name => byName.get(name) ?? []);
  return [...small, ...weights.sort((a, b) => b.bytes - a.bytes)];
}

/** True for what is read before the weights are worth their bytes. */
export function isConfig({ name }: HubFile): boolean {
  return name === CONFIG || name === INDEX;
}

/** @throws HostError modelUnsupported, modelConfigInvalid: before gigabytes. */
export function checkConfig(id: string, text: string): void {
  const config = parse(id, CONFIG, text);
  const type = config['model_type'];
  const inner = config['text_config'];
  const textType = isRecord(inner) ? inner['model_type'] : undefined;
  const advice = 'Take a checkpoint whose name begins with paligemma2, for example google/paligemma2-3b-mix-448.';
  if (type !== 'paligemma') {
    throw new HostError(
      'modelUnsupported',
      `${id} is ${
        typeof type === 'string' ? `a model of type "${type}"` : 'a model of no named type'
      }, not PaliGemma 2; nothing more was downloaded. ${advice}`,
    );
  }
  if (textType !== 'gemma2') {
    throw new HostError(
      'modelUnsupported',
      `${id} is a PaliGemma of the first generation (text model "${
        typeof textType === 'string' ? textType : 'gemma'
      }"), not PaliGemma 2; nothing more was downloaded. ${advice}`,
    );
  }
}

/**
 * The weights that the index names, where there is one; extra files beside them are not needed.
 * @throws HostError modelUnsupported where the repository lacks one; modelConfigInvalid.
 */
export function filesOfIndex(id: string, files: readonly HubFile[], indexText: string | undefined): readonly HubFile[] {
  if (indexText === undefined) return files;
  const map = parse(id, INDEX, indexText)['weight_map'];
  if (!isRecord(map)) {
    throw new HostError(
      'modelConfigInvalid',
      `${INDEX} of ${id} has no weight_map. The repository is incomplete; take another one.`,
    );
  }
  const named = new Set(Object.values(map));
  for (const name of named) {
    if (!files.some(file => file.name === name)) {
      throw new HostError(
        'modelUnsupported',
        `The repository ${id} lacks ${String(name)}, which its index names. It is incomplete; take another one.`,
      );
    }
  }
  const isExtra = ({ name }: HubFile) =>
    name.endsWith('.safetensors') && !named.has(name) && !maskDecoderFiles.includes(name);
  return files.filter(file => !isExtra(file));
}

export { CONFIG as CONFIG_FILE, INDEX as INDEX_FILE };

function parse(id: string, name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new HostError(
    'modelConfigInvalid',
    `${name} of ${id} is not a JSON object. The repository is damaged; take another one.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
