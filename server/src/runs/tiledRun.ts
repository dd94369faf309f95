/** A run on a picture that is read in parts: planned, each part a run of its own, their answers made one. */
import * as l10n from '@vscode/l10n';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import type { RunProgress, TilesParams, TilesResult } from '../../../model-host/src/contract/protocol';
import type { Box, LocDivisor, Mask, Region } from '../../../paligemma/src/facts';
import { Failure } from '../../../paligemma/src/failures';
import { given } from '../../../paligemma/src/given';
import { changedPicture } from '../../../paligemma/src/pictureFiles';
import type { RunResult, Timings } from '../../../paligemma/src/runResult';
import { gridOfChoice, type TileChoice, type TileGrid } from '../../../paligemma/src/tileChoice';
import { tileKindOf, type TileKind } from '../../../paligemma/src/tiles/kind';
import { mergeAnswers, type AnsweredTile, type MergedAnswer } from '../../../paligemma/src/tiles/mergeAnswers';
import { inLanes, type ItemLane } from '../util/inLanes';
import type { ResultIdentity } from './resultStore';

/** How a run wants its picture to be read. */
export interface TilesWish {
  readonly tiles: TilesParams['tiles'];
  readonly kind: TileKind;
}

export interface AskedTiles {
  readonly prompt: string;
  /** Asked for with the run; without it `configured` holds. */
  readonly tiles?: TileChoice | undefined;
  readonly region?: Box | undefined;
}

/**
 * Undefined where the picture is looked at as a whole. A setting concerns the prompts that it makes sense for; who asks
 * for parts with a prompt for which it makes none is told.
 * @throws Failure `badArgument`
 */
export function tilesWish({ prompt, tiles, region }: AskedTiles, configured: TileChoice): TilesWish | undefined {
  const kind = tileKindOf(prompt);
  if (region !== undefined) return { tiles: region, kind: kind ?? 'objects' };
  const choice = tiles ?? configured;
  if (choice === 'off') return undefined;
  const grid = gridOfChoice(choice);
  if (kind !== undefined) return { tiles: grid ?? 'auto', kind };
  if (tiles === undefined || grid === undefined) return undefined;
  throw new Failure(
    'badArgument',
    l10n.t(
      'Only “ocr”, “detect” and “segment” can be asked of the parts of a picture; “{0}” is about the whole of it. Leave tiles {1} out.',
      prompt.slice(0, 80),
      tiles,
    ),
  );
}

/** What {@link tilesWish} says, as a part of the key of a result: the answer about a region is none about the picture. */
export function tilesIdentity({ tiles }: TilesWish): Pick<ResultIdentity, 'tiles' | 'part'> {
  if (tiles === 'auto') return { tiles };
  return isBox(tiles) ? { tiles: 'region', part: tiles } : { tiles: `${tiles.columns}x${tiles.rows}` };
}

/** True for a single part that was asked for by its place. */
export function isRegion({ tiles }: TilesWish): boolean {
  return isBox(tiles);
}

/** True where the plan says that there is nothing to cut, or nothing to be seen in any part. */
export function isForWhole({ tiles }: TilesWish, plan: TilesResult): boolean {
  return !isBox(tiles) && (plan.tiles.length === 1 || plan.tiles.every(({ isBlank }) => isBlank));
}

/** What a tiled run needs of whoever runs it. */
export interface TiledRunOptions {
  readonly imagePath: string;
  readonly wish: TilesWish;
  readonly plan: TilesResult;
  readonly locDivisor: LocDivisor;
  /** Runs the prompt on one part; without a box on the whole picture. */
  readonly runPart: (
    part: Box | undefined,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ) => Promise<RunResult>;
  readonly uniteMasks: (masks: readonly Mask[], token: CancellationToken) => Promise<Mask>;
  readonly lane: ItemLane;
}

interface Part {
  readonly box: Box;
  readonly isBlank: boolean;
  readonly isWhole: boolean;
}

/**
 * Reads the parts, as many at once as their lane takes, and merges their answers. Cancelling, and a part that fails, end
 * the others; what was read is in the result store by then.
 * @throws what `runPart` throws; Failure `imageUnreadable` where the file was written meanwhile; CancelledError.
 */
export async function runInTiles(
  options: TiledRunOptions,
  onProgress: (progress: RunProgress) => void,
  token: CancellationToken,
): Promise<RunResult> {
  const { imagePath, wish, plan: { image, tiles }, locDivisor, runPart, lane } = options;
  const parts: Part[] = tiles.map(tile => ({ ...tile, isWhole: false }));
  // An object that is larger than a part shows in the whole picture only.
  if (wish.kind === 'objects' && !isBox(wish.tiles)) {
    parts.push({ box: { x1: 0, y1: 0, x2: image.widthPx, y2: image.heightPx }, isBlank: false, isWhole: true });
  }
  const seen = parts.filter(({ isBlank }) => !isBlank);
  const answers = new Map<Part, RunResult>();
  const told = new TilesProgress(seen.length, onProgress);
  const others = new CancellationTokenSource();
  const subscription = token.onCancellationRequested(() => others.cancel());
  try {
    await inLanes(seen, () => lane, async (part, index) => {
      try {
        const answer = await runPart(part.isWhole ? undefined : part.box, told.of(index), others.token);
        if (answer.image.sha256 !== image.sha256) throw changedPicture(imagePath);
        answers.set(part, answer);
        told.done(index);
      } catch (error) {
        // In its own turn: the others end by this one, and it is the one to be told.
        queueMicrotask(() => others.cancel());
        throw error;
      }
    }, token);
  } finally {
    subscription.dispose();
    others.dispose();
  }
  const answered = parts.map((part): AnsweredTile => ({
    box: part.box,
    isWhole: part.isWhole,
    answer: answers.get(part),
  }));
  const merged = mergeAnswers(answered, { kind: wish.kind, picture: image, locDivisor });
  return resultOf([...answers.values()], merged, await withMasks(merged.regions, options, token));
}

async function withMasks(
  regions: MergedAnswer['regions'],
  { uniteMasks }: TiledRunOptions,
  token: CancellationToken,
): Promise<readonly Region[]> {
  const whole: Region[] = [];
  for (const { masks, ...region } of regions) {
    const [first] = masks;
    const mask = masks.length > 1 ? await uniteMasks(masks, token) : first;
    whole.push({ ...region, ...given({ mask }) });
  }
  return whole;
}

function resultOf(
  answers: readonly RunResult[],
  { suffix, text, stopReason, tiles }: MergedAnswer,
  regions: readonly Region[],
): RunResult {
  const [first] = answers;
  if (first === undefined) throw new RangeError('No part was read.');
  return {
    ...first,
    suffix,
    text,
    stopReason,
    regions,
    tokenIds: [],
    tokenProbabilities: [],
    timings: answers.map(({ timings }) => timings).reduce(sum),
    fromStore: answers.every(({ fromStore }) => fromStore),
    tiles,
  };
}

function sum(a: Timings, b: Timings): Timings {
  return {
    loadMs: a.loadMs + b.loadMs,
    imageMs: a.imageMs + b.imageMs,
    visionMs: a.visionMs + b.visionMs,
    prefillMs: a.prefillMs + b.prefillMs,
    decodeMs: a.decodeMs + b.decodeMs,
    tokens: a.tokens + b.tokens,
  };
}

/** What the parts do, told as one run: how many are read, and everything that was written so far. */
class TilesProgress {
  private finished = 0;
  private readonly texts: string[];
  private readonly tokens: number[];

  constructor(private readonly total: number, private readonly tell: (progress: RunProgress) => void) {
    this.texts = Array.from({ length: total }, () => '');
    this.tokens = Array.from({ length: total }, () => 0);
  }

  of(index: number): (progress: RunProgress) => void {
    return progress => {
      if (progress.kind === 'text') {
        this.texts[index] = progress.text;
        this.tokens[index] = progress.tokens;
        const text = this.texts.filter(written => written !== '').join('\n');
        const tokens = this.tokens.reduce((all, count) => all + count, 0);
        this.tell({ kind: 'text', text, tokens, tiles: this.count });
      } else {
        this.tell({ ...progress, tiles: this.count });
      }
    };
  }

  done(index: number): void {
    this.finished++;
    this.of(index)({ kind: 'phase', phase: 'decode', done: 1, total: 1 });
  }

  private get count(): { readonly done: number; readonly total: number } {
    return { done: this.finished, total: this.total };
  }
}

function isBox(tiles: TileGrid | 'auto' | Box): tiles is Box {
  return typeof tiles === 'object' && 'x1' in tiles;
}
