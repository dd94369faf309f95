/** From prompts to runs: which prompt on which pictures with which model, in the order of the file. */
import * as l10n from '@vscode/l10n';
import type { LanguageContext, RunKey, RunState } from './context';
import { promptsBetween } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import type { ExpectationNode, PromptNode } from '../syntax/parser';
import type { SettingValues } from '../syntax/settingKeys';

/** One prompt of a file with everything that its runs need. */
export interface PromptRuns {
  /** First line of the prompt, from 0. */
  readonly line: number;
  /** Exactly what is sent. */
  readonly prompt: string;
  /** As `@model` names it; undefined: the model of the settings. */
  readonly model: string | undefined;
  readonly settings: SettingValues;
  /** Pictures in order, each once. */
  readonly imageUris: readonly string[];
  /** Paths and globs that stand for nothing (yet). */
  readonly missing: readonly string[];
  /** Paths of folders, which stand for no picture. */
  readonly folders: readonly string[];
  /** A glob matched more pictures than the server takes. */
  readonly isTruncated: boolean;
  /** No `@image` stands above the prompt. */
  readonly hasNoImage: boolean;
  /** Alternatives, in order; see `judge` of the expectations. */
  readonly expectations: readonly ExpectationNode[];
}

export type ImageLookup = Pick<LanguageContext, 'images'>;

/** Every prompt of the file, or of a range of lines, in order. */
export function runsOf(
  document: PromptDocument,
  context: ImageLookup,
  lines?: { readonly from: number; readonly to: number },
): PromptRuns[] {
  const prompts = lines === undefined ? document.prompts : promptsBetween(document, lines.from, lines.to);
  return prompts.map(prompt => {
    return {
      line: prompt.line,
      prompt: prompt.text,
      model: modelOf(prompt),
      settings: prompt.state.settings,
      ...imagesOf(document, prompt, context),
      hasNoImage: prompt.state.images === undefined,
      expectations: prompt.expectations,
    };
  });
}

/** The runs of one prompt: one for each picture. */
export function runsOfPrompt(document: PromptDocument, prompt: PromptNode, context: ImageLookup): RunKey[] {
  const model = modelOf(prompt);
  return imagesOf(document, prompt, context).imageUris.map(imageUri => ({
    prompt: prompt.text,
    imageUri,
    model,
    settings: prompt.state.settings,
  }));
}

/** Runs that the store or the queue knows, with their state. */
export function knownRuns(
  document: PromptDocument,
  prompt: PromptNode,
  context: LanguageContext,
): { run: RunKey; state: RunState }[] {
  const known: { run: RunKey; state: RunState }[] = [];
  for (const run of runsOfPrompt(document, prompt, context)) {
    const state = context.runState(run);
    if (state !== undefined) known.push({ run, state });
  }
  return known;
}

/** Every path and glob of the document's `@image`. */
export function* imageTexts(document: PromptDocument): Generator<string> {
  for (const directive of document.directives) {
    if (directive.kind === 'image') { for (const { text } of directive.items) if (text !== '') yield text; }
  }
}

/** The pictures of a prompt, each once, in the order of its `@image`. */
export function imagesOf(
  document: PromptDocument,
  prompt: PromptNode,
  context: ImageLookup,
): Pick<PromptRuns, 'imageUris' | 'missing' | 'folders' | 'isTruncated'> {
  const uris = new Set<string>();
  const missing: string[] = [];
  const folders: string[] = [];
  let isTruncated = false;
  for (const item of prompt.state.images?.items ?? []) {
    if (item.text === '') continue;
    const match = context.images(document.uri, item.text);
    if (match === undefined || match.uris.length === 0) {
      (match?.problem === 'folder' ? folders : missing).push(item.text);
    }
    for (const uri of match?.uris ?? []) uris.add(uri);
    isTruncated ||= match?.isTruncated === true;
  }
  return { imageUris: [...uris], missing, folders, isTruncated };
}

function modelOf(prompt: PromptNode): string | undefined {
  const model = prompt.state.model?.model;
  return model === '' ? undefined : model;
}

/** One sentence: the folder itself is no picture. */
export function folderNote(folder: string): string {
  const pattern = `${folder.replace(/[/\\]$/, '')}/*.png`;
  return l10n.t('{0} is a folder. Name the pictures in it, for example {1}.', folder, pattern);
}
