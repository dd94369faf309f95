/** Pictures that a person steps through in image views: those of a run, or of a folder. Free of the editor. */
import { given } from '../../../paligemma/src/given';
import type { KindName } from '../../../paligemma/src/kinds/kinds';
import type { AskedPictures, KnownAnswer } from '../../../server/src/contract/answers';
import type { Translate } from '../../../paligemma/src/translate';
import type { SeriesPlace } from '../contract/viewer';

/** A prompt on its pictures, to be looked through. */
export interface ShownRun extends AskedPictures {
  /** Who answered, as `answererText` says it; absent: whoever answered last. */
  readonly model?: string;
}

export type PictureSeries =
  | { readonly kind: 'run'; readonly run: ShownRun }
  /** The pictures of a folder, or the pages of a document. */
  | { readonly kind: 'folder' | 'document'; readonly name: string; readonly imageUris: readonly string[] };

/** One picture of a series. */
export interface PlaceInSeries {
  readonly series: PictureSeries;
  readonly index: number;
}

/** What somebody wants to see of a picture. */
export interface AnswerWish {
  readonly prompt: string;
  /** What the answer is; absent: what it looks like. */
  readonly show?: KindName;
  readonly model?: string;
  /** Of the answer, where it is known. */
  readonly key?: string;
  /** The sentence of a run that failed. */
  readonly error?: string;
}

/** Undefined beyond both ends. */
export function imageAt({ series, index }: PlaceInSeries): string | undefined {
  return series.kind === 'run' ? series.run.pictures[index]?.imageUri : series.imageUris[index];
}

/** What of the picture is to be seen; undefined in a folder, where it is whatever is known. */
export function wishAt({ series, index }: PlaceInSeries): AnswerWish | undefined {
  if (series.kind !== 'run') return undefined;
  const { prompt, show, model, pictures } = series.run;
  const { key, error } = pictures[index] ?? {};
  return { prompt, ...given({ show, model, key, error }) };
}

/** The key of the newest answer that is wished for; undefined where there is none. */
export function keyOfWish({ prompt, model, key }: AnswerWish, known: readonly KnownAnswer[]): string | undefined {
  return key ?? known.find(answer => answer.prompt === prompt && (model === undefined || answer.model === model))?.key;
}

/** Undefined where there is nothing to step to. */
export function placeWords({ series, index }: PlaceInSeries, t: Translate): SeriesPlace | undefined {
  const count = series.kind === 'run' ? series.run.pictures.length : series.imageUris.length;
  if (count < 2) return undefined;
  return {
    text: series.kind === 'document'
      ? t('page {0} of {1}', index + 1, count)
      : t('{0} of {1}', index + 1, count),
    title: seriesTitle(series, t),
    hasPrevious: index > 0,
    hasNext: index < count - 1,
  };
}

function seriesTitle(series: PictureSeries, t: Translate): string {
  switch (series.kind) {
    case 'run':
      return t('Pictures of “{0}”', series.run.prompt || t('(empty prompt)'));
    case 'folder':
      return t('Pictures in {0}', series.name);
    case 'document':
      return t('Pages of {0}', series.name);
  }
}
