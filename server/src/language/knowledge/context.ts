/**
 * What the language features need from outside of their folder, in one interface. The features are pure: they read a
 * {@link PromptDocument} and this context, and return LSP items; they open no file, start no timer and wait for
 * nothing.
 *
 * How the server wires them:
 * - It keeps one `PromptDocument` for each open text: `createDocument` on open, `changeDocument` on every change.
 * - It implements this interface over what it knows at that moment (file index, result store, queue). A look-up answers
 *   at once; where it does not know yet it returns undefined, finds out in its own time, and asks the client to refresh
 *   (inlay hints, code lenses, diagnostics). So editing never waits for a disk or a model.
 * - Each LSP method is one line: `completePrompt(document, position, context)`, `promptHover(…)`, and so on.
 * - Only `resolveCompletion` has something worth waiting for, the thumbnail: the server reads
 *   `imageOfCompletion(item)`, prepares its facts, checks for cancellation, and then calls it.
 * - Positions count UTF-16 units in here. For a client that negotiated UTF-8 or UTF-32 the server converts with
 *   `toUtf16` on the way in and `encodePositions` on the way out; `semanticTokens` takes the encoding itself.
 */
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ModelInfo } from '../../contract/protocol';
import type { RunPhase } from '../../../../model-host/src/contract/protocol';
import type { SettingValues } from '../syntax/settingKeys';

/** A picture of the workspace, for completion. */
export interface ImageFile {
  readonly uri: string;
}

/** What is known of one picture. Absent: not known, or not yet. */
export interface ImageFacts {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly bytes?: number;
  /** `file:` or `data:` URI of a small picture that a client can show. */
  readonly thumbnailUri?: string;
}

/** What a path or glob of `@image` stands for at this moment. */
export interface ImageMatch {
  /** The pictures in the order in which they run; empty where nothing was found. */
  readonly uris: readonly string[];
  /** True where the text was taken as a glob; a file of exactly that name comes first. */
  readonly isGlob: boolean;
  /** More matched than the server takes. */
  readonly isTruncated?: boolean;
  /** Why a file that exists cannot be used. */
  readonly problem?: 'unreadable' | 'unsupported' | 'folder';
}

/** One prompt on one picture, as it would run now. */
export interface RunKey {
  readonly prompt: string;
  readonly imageUri: string;
  /** As `@model` names it; undefined: the model of the settings. */
  readonly model: string | undefined;
  readonly settings: SettingValues;
}

/** What is known of a run. The server forgets a result when the picture's content changes. */
export type RunState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'running'; readonly phase: RunPhase; readonly text: string }
  | { readonly kind: 'done'; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly message: string };

/** What the client can show; all true for VS Code. */
export interface ClientFeatures {
  readonly snippets: boolean;
  readonly markdown: boolean;
  readonly inlayHints: boolean;
  readonly codeLenses: boolean;
}

export interface LanguageContext {
  /** Everything that can be chosen, installed ones first. */
  readonly models: readonly ModelInfo[];
  /** The model that runs where no `@model` stands above; undefined where none is installed. */
  readonly defaultModel: string | undefined;
  /** The setting `paligemma.language`. */
  readonly language: string;
  /** Labels of `detect` and `segment` in the workspace's prompt files, most frequent first. */
  readonly labels: readonly string[];
  /** Pictures of the workspace without excluded and git-ignored ones; bounded. */
  readonly imageFiles: readonly ImageFile[];
  readonly client: ClientFeatures;
  /** Page that documents the diagnostics; `#code` is appended. */
  readonly documentationUri?: string;
  /** Undefined: not looked up yet. */
  images(documentUri: string, pathOrGlob: string): ImageMatch | undefined;
  /** Whether any run of this prompt may be known: a quick no for the thousands of prompts that were never run. */
  mayKnow?(prompt: string): boolean;
  imageFacts(imageUri: string): ImageFacts | undefined;
  runState(run: RunKey): RunState | undefined;
  /** `file:` or `data:` URI of the picture with the boxes and masks of its result drawn, where it is ready. */
  preview(run: RunKey): string | undefined;
  /** Whether a folder given to `@model` holds a model; undefined: not looked up yet. */
  modelFolderExists(documentUri: string, path: string): boolean | undefined;
  /** Exact number of tokens where a tokenizer is loaded. */
  countTokens?(text: string): number | undefined;
}

/** A context that knows nothing: for the command line and for tests, to be spread over. */
export const emptyContext: LanguageContext = {
  models: [],
  defaultModel: undefined,
  language: 'en',
  labels: [],
  imageFiles: [],
  client: { snippets: true, markdown: true, inlayHints: true, codeLenses: true },
  images: () => undefined,
  imageFacts: () => undefined,
  runState: () => undefined,
  preview: () => undefined,
  modelFolderExists: () => undefined,
};
