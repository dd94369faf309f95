/** Which files of a repository make up a checkpoint, and whether it is one that can be run. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import { maskDecoderFiles } from '../../../../paligemma/src/facts';
import {
  architectureProblem,
  bigVisionFile,
  CONFIG_FILE,
  INDEX_FILE,
  modelProblem,
  SINGLE_FILE,
  weightPlace,
  type FolderFacts,
  type JsonObject,
} from '../../../../paligemma/src/folderContents';
import { mlxMode, quantizationOf, quantizedProblem } from '../../../../paligemma/src/quantization';
import type { HubFile } from '../folders/hubFile';
import type { Repository } from './hub';

const NEEDED = [CONFIG_FILE, 'tokenizer.json'] as const;
const WANTED = [
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  INDEX_FILE,
] as const;
/**
 * The most bytes that a file beside the weights may have; all of them are read whole, here or by the host. Published
 * ones: a tokenizer of 35 MB, an index of 75 kB, a few kilobytes each.
 */
const MOST_SMALL_BYTES: Readonly<Record<string, number>> = { 'tokenizer.json': 256 << 20, [INDEX_FILE]: 64 << 20 };
const MOST_BYTES = 16 << 20;
/** What the file system of every platform takes, and what cannot leave a folder. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}$/;

/**
 * `config.json` first, then the other small files, then the weights, largest first.
 * @throws Failure modelUnsupported where something is missing that no run can do without.
 */
export function checkpointFiles({ id, files }: Repository): readonly HubFile[] {
  const byName = new Map(files.map(file => [file.name, file]));
  const facts: FolderFacts = {
    files: new Set(byName.keys()),
    lfsPointers: [],
    config: undefined,
    adapterConfig: undefined,
  };
  const problem = modelProblem(facts);
  if (problem !== undefined) {
    throw new Failure('modelUnsupported', l10n.t('The repository {0} cannot be used. {1}', id, problem.problem));
  }
  refuseArchive(id, facts);
  const missing = NEEDED.find(name => !byName.has(name));
  if (missing !== undefined) {
    throw new Failure(
      'modelUnsupported',
      l10n.t(
        'The repository {0} has no {1}, so it is not a PaliGemma 2 checkpoint. Choose one from “paligemma models list --all”.',
        id,
        missing,
      ),
    );
  }
  const place = weightPlace(facts);
  // What an index names is known when it was read.
  const weights = files.filter(({ name }) =>
    SAFE_NAME.test(name) && name.endsWith('.safetensors') && !maskDecoderFiles.includes(name)
    && (place?.kind === 'files' ? place.files.includes(name) : !/^(adapter|consolidated)/.test(name))
  );
  if (weights.length === 0) {
    throw new Failure(
      'modelUnsupported',
      l10n.t(
        'The repository {0} has no weights; *.safetensors files are needed. Use the original checkpoint, for example google/paligemma2-3b-mix-448.',
        id,
      ),
    );
  }
  const unchecked = weights.find(({ digest }) => digest === undefined);
  if (unchecked !== undefined) {
    throw new Failure(
      'weightsMissing',
      l10n.t(
        'The server gives no checksum for {0}, so nothing could be verified. Correct or remove HF_ENDPOINT.',
        unchecked.name,
      ),
    );
  }
  const small = smallFiles(id, byName);
  return [...small, ...weights.sort((a, b) => b.bytes - a.bytes)];
}

/** @throws Failure modelUnsupported: such a repository is not enough to run. */
function refuseArchive(id: string, facts: FolderFacts): void {
  const archive = bigVisionFile(facts);
  if (archive !== undefined) {
    throw new Failure(
      'modelUnsupported',
      l10n.t(
        'The repository {0} holds an archive of big_vision ({1}), which brings no tokenizer. Download that file yourself, put it into a folder of its own, and name the folder.',
        id,
        archive,
      ),
    );
  }
}

/** @throws Failure modelUnsupported for one that is far too long. */
function smallFiles(id: string, byName: ReadonlyMap<string, HubFile>): readonly HubFile[] {
  const small = [...NEEDED, ...WANTED, ...maskDecoderFiles].flatMap(name => byName.get(name) ?? []);
  const huge = small.find(({ name, bytes }) => bytes > (MOST_SMALL_BYTES[name] ?? MOST_BYTES));
  if (huge === undefined) return small;
  throw new Failure(
    'modelUnsupported',
    l10n.t(
      'The repository {0} has a {1} of {2} bytes, far more than such a file has, so it is not a PaliGemma 2 checkpoint. Nothing was downloaded; choose another one.',
      id,
      huge.name,
      huge.bytes,
    ),
  );
}

/** True for what is read before the weights are worth their bytes. */
export function isConfig({ name }: HubFile): boolean {
  return name === CONFIG_FILE || name === INDEX_FILE;
}

/** @throws Failure modelUnsupported, modelConfigInvalid: before gigabytes. */
export function checkConfig(id: string, text: string): void {
  const config = parse(id, CONFIG_FILE, text);
  const problem = architectureProblem(config)
    ?? (mlxMode(config) === undefined ? undefined : quantizedProblem(quantizationOf(config)));
  if (problem !== undefined) {
    throw new Failure(
      'modelUnsupported',
      l10n.t('{0} cannot be used; nothing more was downloaded. {1}', id, problem.problem),
    );
  }
}

/**
 * The weights that the index names, where there is one that counts; extra files beside them are not needed.
 * @throws Failure modelUnsupported where the repository lacks one; modelConfigInvalid.
 */
export function filesOfIndex(id: string, files: readonly HubFile[], indexText: string | undefined): readonly HubFile[] {
  if (indexText === undefined || files.some(({ name }) => name === SINGLE_FILE)) return files;
  const map = parse(id, INDEX_FILE, indexText)['weight_map'];
  if (!isRecord(map)) {
    throw new Failure(
      'modelConfigInvalid',
      l10n.t('{0} of {1} has no weight_map. The repository is incomplete; choose another one.', INDEX_FILE, id),
    );
  }
  const named = new Set(Object.values(map));
  for (const name of named) {
    if (!files.some(file => file.name === name)) {
      throw new Failure(
        'modelUnsupported',
        l10n.t(
          'The repository {0} lacks {1}, which its index names. It is incomplete; choose another one.',
          id,
          String(name),
        ),
      );
    }
  }
  const isExtra = ({ name }: HubFile) =>
    name.endsWith('.safetensors') && !named.has(name) && !maskDecoderFiles.includes(name);
  return files.filter(file => !isExtra(file));
}

function parse(id: string, name: string, text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new Failure(
    'modelConfigInvalid',
    l10n.t('{0} of {1} is not a JSON object. The repository is damaged; choose another one.', name, id),
  );
}
