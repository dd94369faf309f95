/** What a view needs from the rest of the extension. */
import type { Uri } from 'vscode';
import type { BinaryForm } from './madeDrawing';
import type { AnswerForm } from '../../../paligemma/src/kinds/kinds';
import type { RunChoices } from '../../../paligemma/src/runChoices';
import type { RunResult } from '../../../paligemma/src/runResult';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import type { PromptHelp, ViewCure, ViewPreferences, ViewState } from '../contract/viewer';
import type { PicturePreview } from './picturePreview';
import type { PlaceInSeries } from './pictureSeries';

/** An answer that is known, with what has to stand beside it. */
export interface NotedAnswer {
  readonly result: RunResult;
  readonly note: string | undefined;
}

/** Of a question in a view: in which parts, or in which single part, the picture is read. */
export type PartChoices = Pick<RunChoices, 'tiles' | 'region'>;

export interface ViewServices {
  readonly extensionUri: Uri;
  help(): PromptHelp;
  ask(image: Uri, prompt: string, parts?: PartChoices): void;
  /** `shown`: indices of the regions to export; `forms`: those of the answer as what it is. */
  export(
    view: ViewState,
    shown: readonly number[],
    forms: readonly (AnswerForm | BinaryForm)[],
  ): Promise<string | undefined>;
  /** The picture for a page that cannot show the file. @throws a failure whose sentence is for the person. */
  preview(image: Uri): Promise<PicturePreview>;
  /** @returns A sentence for the person; undefined where there is nothing to say. */
  saveCrop(view: ViewState, index: number, png: string): Promise<string | undefined>;
  showModelCard(model: string): Promise<void>;
  cure(cure: ViewCure): Promise<void>;
  /** Everything that was answered about a picture, newest first. Never rejects: what cannot be had is not known. */
  known(image: Uri): Promise<readonly KnownAnswer[]>;
  /** One of these; undefined where it is not kept any more. Never rejects. */
  stored(image: Uri, key: string): Promise<NotedAnswer | undefined>;
  /** The pictures beside one; undefined where its folder cannot be listed. */
  placeOf(image: Uri): Promise<PlaceInSeries | undefined>;
  /** Opens the picture there, in the same column of editors. */
  open(place: PlaceInSeries, column: number | undefined): Promise<void>;
  remember(view: ViewState): void;
  /** What was remembered last of a picture, of any shape. */
  recall(imageUri: string): unknown;
  preferences(): ViewPreferences | undefined;
  setPreferences(preferences: ViewPreferences): void;
  /** Folder of the npm package `verovio`; empty: none. */
  musicEngraver(): string;
  logError(message: string): void;
}
