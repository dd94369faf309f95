/**
 * What a batch is going to do, decided before its first picture. Plain JSON: it is kept, so that an interrupted batch
 * can go on.
 */
import { isRecord, isStringArray } from '../../../paligemma/src/checks';
import type { BatchOutput } from './outputs';

export type BatchTarget =
  /** One file a picture, in the order of the pictures. */
  | { readonly kind: 'sidecars'; readonly paths: readonly string[]; readonly replaces: boolean }
  /** `replaces`: what the file held before goes with the first answer. */
  | { readonly kind: 'jsonl' | 'markdown'; readonly path: string; readonly replaces: boolean };

export interface BatchPlan {
  readonly id: string;
  /** What is being done, for example "Captioning". */
  readonly title: string;
  readonly prompt: string;
  /** The setting `paligemma.model` as it was: one batch is answered by one model. */
  readonly model: string;
  /** `file:` URIs. */
  readonly imageUris: readonly string[];
  readonly target: BatchTarget;
}

export type FileOutput = Exclude<BatchOutput, 'list'>;

/** Reads a plan that was kept; undefined if it is not one. */
export function parsePlan(text: string): BatchPlan | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { id, title, prompt, model, imageUris, target } = value;
  const isPlan = [id, title, prompt, model].every(field => typeof field === 'string') && isStringArray(imageUris)
    && isTarget(target, imageUris.length);
  return isPlan ? value as unknown as BatchPlan : undefined;
}

function isTarget(value: unknown, images: number): boolean {
  if (!isRecord(value) || typeof value['replaces'] !== 'boolean') return false;
  if (value['kind'] === 'sidecars') return isStringArray(value['paths']) && value['paths'].length === images;
  return (value['kind'] === 'jsonl' || value['kind'] === 'markdown') && typeof value['path'] === 'string';
}
