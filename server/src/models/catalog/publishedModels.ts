/** The published checkpoints as they look from this machine. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import type { ModelInfo, ModelSize } from '../../contract/protocol';
import { knownCheckpoints, type KnownCheckpoint } from '../../language/knowledge/models';
import { folderName } from '../folders/downloadRecord';
import { fittingWeights, memoryByWeights, modelSizes } from '../folders/memory';
import { partialBytes, PARTIAL_SUFFIX } from '../folders/partialFolder';

/** Source: model cards of the published checkpoints. */
const GEMMA_TERMS = { name: 'Gemma Terms of Use', url: 'https://ai.google.dev/gemma/terms' } as const;

/** Tokenizer, configs and index beside the weights. Source: file list of `google/paligemma2-3b-mix-224`. */
const OTHER_FILES_BYTES = 34_600_000 + 243_000 + 75_100 + 2_700;

export interface Machine {
  /** `<cache>/models`. */
  readonly modelsPath: string;
  readonly totalMemoryBytes: number;
}

/** Installed ones as listed, with what a download would take; then those that fit in memory, small before large. */
export async function publishedModels(
  installed: readonly ModelInfo[],
  machine: Machine,
): Promise<readonly ModelInfo[]> {
  const models = await Promise.all(
    knownCheckpoints.filter(({ bytes }) => bytes > 0).map(checkpoint => published(checkpoint, installed, machine)),
  );
  return models.sort((a, b) => rank(a) - rank(b));
}

async function published(
  checkpoint: KnownCheckpoint,
  installed: readonly ModelInfo[],
  { modelsPath, totalMemoryBytes }: Machine,
): Promise<ModelInfo> {
  const { id, kind, resolutionPx, bytes, isConverted } = checkpoint;
  const listed = installed.find(model => model.id.toLowerCase() === id.toLowerCase())
    ?? installed.find(model => model.id.toLowerCase() === id.slice(id.indexOf('/') + 1).toLowerCase());
  const size = sizeOf(checkpoint);
  const memoryBytes = memoryByWeights(size, resolutionPx);
  const left = listed === undefined
    ? await partialBytes(path.join(modelsPath, folderName(id, 'main') + PARTIAL_SUFFIX))
    : 0;
  return {
    ...(listed
      ?? {
        id,
        kind,
        isInstalled: false,
        resolutionPx,
        converted: [],
        ...(isConverted
          ? {
            problem: l10n.t(
              'It holds ready-made ONNX graphs, which are used as they are once they are on this machine, but are not downloaded here; use Google’s original checkpoint, or get this one with “hf download”.',
            ),
          }
          : {}),
      }),
    size,
    downloadBytes: bytes + OTHER_FILES_BYTES,
    ...(left === 0 ? {} : { partialBytes: left }),
    memoryBytes,
    fits: fittingWeights(memoryBytes, totalMemoryBytes),
    licence: GEMMA_TERMS,
  };
}

function sizeOf({ size }: KnownCheckpoint): ModelSize {
  return modelSizes.find(candidate => candidate === size) ?? '3b';
}

function rank({ isInstalled, problem, fits, size }: ModelInfo): number {
  const group = isInstalled ? 0 : problem !== undefined ? 3 : (fits ?? []).length > 0 ? 1 : 2;
  return group * 10 + modelSizes.findIndex(candidate => candidate === size);
}
