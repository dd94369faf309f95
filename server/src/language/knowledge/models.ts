/** The published PaliGemma 2 checkpoints, and what can be told of a model by its name. */
import type { CheckpointKind } from '../../../../paligemma/src/facts';
import type { ModelInfo } from '../../contract/protocol';

export interface KnownCheckpoint {
  /** As `@model` takes it. */
  readonly id: string;
  readonly kind: CheckpointKind;
  /** Parameters as the name says: `3b`, `10b`, `28b`; empty for the demo model. */
  readonly size: string;
  readonly resolutionPx: number;
  /** Longest prompt and answer together that the training used, in tokens; undefined where it is not published. */
  readonly textLength: number | undefined;
  /** Bytes of the weights as published; 0 where they come with the program. */
  readonly bytes: number;
  /** Ready graphs instead of the original weights. */
  readonly isConverted: boolean;
}

/**
 * Bytes of the bfloat16 weights, nearly the same for every resolution. Source: parameter counts of the keras-hub
 * presets × 2.
 */
const bytesOfSize: Readonly<Record<string, number>> = {
  '3b': 6_066_254_304,
  '10b': 19_327_047_136,
  '28b': 55_302_743_520,
};

/**
 * Source for names: PaliGemma 2 paper (arXiv 2412.03555) §3–4, Hugging Face blog "PaliGemma 2" and "PaliGemma 2 Mix".
 * Source for text lengths: big_vision 0127fb6, `configs/proj/paligemma/README.md` (PaliGemma 1; the same is likely for
 * 2).
 */
export const knownCheckpoints: readonly KnownCheckpoint[] = [
  ...published('mix', ['3b', '10b', '28b'], [224, 448]),
  ...published('pt', ['3b', '10b', '28b'], [224, 448, 896]),
  ...published('ft-docci', ['3b', '10b'], [448]),
  ...['pt-224', 'pt-448', 'pt-896', 'ft-docci-448'].map(name => converted(`onnx-community/paligemma2-3b-${name}`)),
  converted('NSTiwari/paligemma2-3b-mix-224-onnx'),
  {
    id: 'paligemma2-demo-224',
    kind: 'demo',
    size: '',
    resolutionPx: 224,
    textLength: undefined,
    bytes: 0,
    isConverted: false,
  },
];

const byId = new Map(knownCheckpoints.map(checkpoint => [checkpoint.id.toLowerCase(), checkpoint]));

/** A published checkpoint by its full name or by the part behind the slash; letter case does not matter. */
export function knownCheckpoint(id: string): KnownCheckpoint | undefined {
  const lower = id.toLowerCase();
  return byId.get(lower) ?? byId.get(`google/${lower}`);
}

/** What the language features need to know of the model of a prompt. */
export interface CheckpointFacts {
  /** As written, or as the settings say. */
  readonly id: string;
  readonly kind: CheckpointKind;
  readonly resolutionPx: number | undefined;
  readonly textLength: number | undefined;
  readonly isInstalled: boolean;
  /** Listed by the server, or published. */
  readonly isKnown: boolean;
  /** A checkpoint tuned to one published task: which. */
  readonly tunedTo: 'docci' | undefined;
}

/** Facts of a model: as the server lists it, else as published, else as its name says. */
export function checkpointFacts(id: string, models: readonly ModelInfo[]): CheckpointFacts {
  const listed = findModel(id, models);
  const known = knownCheckpoint(listed?.id ?? id);
  const named = known ?? namedCheckpoint(id);
  const kind = kindOf(listed, named);
  const resolutionPx = listed?.resolutionPx ?? named.resolutionPx;
  return {
    id,
    kind,
    resolutionPx,
    textLength: known === undefined ? textLengthOf(kind, resolutionPx) : known.textLength,
    isInstalled: listed?.isInstalled ?? false,
    isKnown: listed !== undefined || known !== undefined,
    tunedTo: kind === 'ft' && /docci/i.test(id) ? 'docci' : undefined,
  };
}

/** The server looked at the checkpoint itself; its name says the rest. */
function kindOf(listed: ModelInfo | undefined, named: { readonly kind: CheckpointKind } | undefined): CheckpointKind {
  return listed !== undefined && listed.kind !== 'unknown' ? listed.kind : named?.kind ?? 'unknown';
}

/** A model of the list by its id, by the part behind the slash, or by its folder. */
export function findModel(id: string, models: readonly ModelInfo[]): ModelInfo | undefined {
  return models.find(model => model.id === id)
    ?? models.find(model =>
      model.id.toLowerCase() === id.toLowerCase() || lastSegment(model.id) === id || model.path === id
    )
    // The short name that the command line and the runs take, too.
    ?? (id.toLowerCase() === 'demo' ? models.find(model => model.kind === 'demo') : undefined);
}

/** The mix checkpoint that is nearest to another one: same size, same resolution or the largest that exists. */
export function mixSibling(id: string): KnownCheckpoint | undefined {
  const known = knownCheckpoint(id);
  if (known === undefined) return undefined;
  return knownCheckpoint(`google/paligemma2-${known.size}-mix-${Math.min(known.resolutionPx, 448)}`);
}

function published(
  name: 'mix' | 'pt' | 'ft-docci',
  sizes: readonly string[],
  resolutions: readonly number[],
): KnownCheckpoint[] {
  const kind = name === 'ft-docci' ? 'ft' : name;
  return sizes.flatMap(size =>
    resolutions.map(resolutionPx => ({
      id: `google/paligemma2-${size}-${name}-${resolutionPx}`,
      kind,
      size,
      resolutionPx,
      textLength: textLengthOf(kind, resolutionPx),
      bytes: bytesOfSize[size] ?? 0,
      isConverted: false,
    }))
  );
}

function converted(id: string): KnownCheckpoint {
  const { kind, resolutionPx } = namedCheckpoint(id);
  return {
    id,
    kind,
    size: '3b',
    resolutionPx: resolutionPx ?? 224,
    textLength: textLengthOf(kind, resolutionPx),
    bytes: bytesOfSize['3b'] ?? 0,
    isConverted: true,
  };
}

function textLengthOf(kind: CheckpointKind, resolutionPx: number | undefined): number | undefined {
  if (resolutionPx === undefined || (kind !== 'pt' && kind !== 'mix')) return undefined;
  if (resolutionPx > 224) return 512;
  return kind === 'mix' ? 256 : 128;
}

function namedCheckpoint(id: string): { kind: CheckpointKind; resolutionPx: number | undefined } {
  const name = lastSegment(id).slice(0, 200).toLowerCase();
  const kind = /(?:^|[-_])(pt|mix|ft|demo)(?:[-_]|$)/.exec(name)?.[1] as CheckpointKind | undefined;
  const resolution = /(?:^|[-_])(224|448|896)(?:px)?(?:[-_]|$)/.exec(name)?.[1];
  return { kind: kind ?? 'unknown', resolutionPx: resolution === undefined ? undefined : Number(resolution) };
}

function lastSegment(id: string): string {
  return id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf('\\')) + 1);
}
