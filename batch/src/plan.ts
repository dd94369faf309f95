/**
 * What a batch is going to do, decided before its first picture. Plain JSON: it is kept, so that an interrupted batch
 * can go on.
 */
import { isAbsentOr, isBoolean, isOneOf, isRecord, isStringArray } from '../../paligemma/src/checks';
import { parseShallow } from '../../paligemma/src/shallowJson';
import { pictureForms, singleForms, type PictureForm, type SingleForm } from './forms';

export interface PictureTarget {
  readonly kind: PictureForm;
  /** One a picture, in the order of the pictures. Absolute. */
  readonly paths: readonly string[];
  /** True: what is there under these names goes. False: it stays. */
  readonly replaces: boolean;
  /** The folder that all of them lie in, and what belongs to all of them; undefined where each lies beside its picture. */
  readonly folder?: string;
}

export interface SingleTarget {
  readonly kind: SingleForm;
  /** Absolute. */
  readonly path: string;
  /** True: what the file held before goes with the first answer. False: it is added to. */
  readonly replaces: boolean;
  /** Of JSONL: whether each line says that nobody has reviewed it yet. */
  readonly areDrafts?: boolean;
}

export type BatchTarget = PictureTarget | SingleTarget;

export interface BatchPlan {
  readonly id: string;
  /** What is being done, for example "Captioning". */
  readonly title: string;
  readonly prompt: string;
  /** The model as it was asked for: one batch is answered by one model. */
  readonly model: string;
  /** `file:` URIs. */
  readonly imageUris: readonly string[];
  readonly target: BatchTarget;
}

/** Reads a plan that was kept; undefined where it is none. */
export function parsePlan(text: string): BatchPlan | undefined {
  let value: unknown;
  try {
    value = parseShallow(text);
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
  const { kind, paths, path, folder } = value;
  if (isOneOf(pictureForms)(kind)) {
    return isStringArray(paths) && paths.length === images && (folder === undefined || typeof folder === 'string');
  }
  return isOneOf(singleForms)(kind) && typeof path === 'string' && isAbsentOr(isBoolean)(value['areDrafts']);
}
