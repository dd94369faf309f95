/** Writes alt text into documents through the client: one link, or every one that lacks it. */
import * as l10n from '@vscode/l10n';
import { altText, altTextFault } from '../../../../paligemma/src/answers/altText';
import { proseFaultText } from '../../../../paligemma/src/answers/proseFaults';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { ApplyWorkspaceEditResult, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import type {
  AcceptCaptionArguments,
  AltTextSuggestions,
  AltTextStyle,
  LinkArguments,
  UseAltTextArguments,
  WriteAltTextArguments,
} from '../../contract/imageLinks';
import { runMany, type PlannedRun } from '../../runs/runMany';
import type { PreparedModel, Runner, RunRequest } from '../../runs/runner';
import { throwIfCancelled } from '../../util/cancellation';
import type { Log } from '../../util/log';
import { altEdit } from '../../imageLinks/altEdit';
import { lacksAltText } from './features';
import type { ImageLink } from '../../imageLinks/imageLink';
import { nameOf } from '../pictures/pictures';
import type { LinkedText, Texts } from './texts';

export interface AltTextWriterOptions {
  readonly texts: Texts;
  /** The picture of a link; undefined where it is not on this machine. */
  readonly pathOf: (text: LinkedText, link: ImageLink) => Promise<string | undefined>;
  /** The caption that is known of a picture; null where none is. */
  readonly captionOf?: (imagePath: string, token: CancellationToken) => Promise<string | null>;
  readonly runner: Pick<Runner, 'laneOf' | 'run'>;
  /** The model that answers, for all runs of one prompt. @throws Failure where it cannot be had. */
  readonly prepare: (prompt: string) => Promise<ModelForPrompt>;
  readonly applyEdit: (label: string, edit: WorkspaceEdit) => Promise<ApplyWorkspaceEditResult>;
  readonly language: () => string;
  readonly edits: () => EditFeatures;
  readonly log: Log;
}

export interface ModelForPrompt {
  readonly model: PreparedModel;
  /** One sentence where the model was not trained for the prompt. */
  readonly note?: string | undefined;
}

/** What the client can do with a workspace edit. */
export interface EditFeatures {
  /** Edits name the version that they were computed for. */
  readonly versions: boolean;
  /** Edits can be shown before they are made. */
  readonly preview: boolean;
}

/** Progress by picture. */
export interface WriteProgress {
  begin(imagePaths: readonly string[], prompt: string): void;
  /** `done`: pictures that are finished. */
  report(index: number, progress: RunProgress, done: number): void;
  /** The model has done its part: what follows waits for the person. */
  end(): void;
}

export interface WriteReport {
  /** How many alt texts are in the documents now that were not before. */
  readonly written: number;
  readonly failed: number;
  /** For the person. */
  readonly message: string;
  readonly isProblem: boolean;
}

interface MissingLink {
  readonly uri: string;
  readonly link: ImageLink;
  readonly written: string;
  readonly imagePath: string;
}

interface ChangedText {
  /** As it was before. */
  readonly text: LinkedText;
  readonly edits: readonly TextEdit[];
}

const ANNOTATION = 'altText';
/** One file has a limit too; a workspace of more is done in several goes. */
const MOST_PICTURES = 1000;

/** A short caption, a sentence, a few sentences. */
const suggestedTasks = ['cap', 'caption', 'describe'];

function promptOfStyle(style: AltTextStyle, language: string): string {
  return style === 'ocr' ? 'ocr' : `${style} ${language}`;
}

export class AltTextWriter {
  constructor(private readonly options: AltTextWriterOptions) {}

  /** @throws Failure with a sentence for the person; CancelledError. Then nothing was changed. */
  async writeOne(args: WriteAltTextArguments, progress: WriteProgress, token: CancellationToken): Promise<WriteReport> {
    const { texts, prepare, language, runner } = this.options;
    const { imagePath } = await this.pictureOf(args);
    const prompt = promptOfStyle(args.style, language());
    progress.begin([imagePath], prompt);
    const { model, note } = await prepare(prompt);
    const request = { model, imagePath, prompt, useStore: true, priority: 'command' } as const;
    const result = await runner.run(request, value => progress.report(0, value, 0), token);
    throwIfCancelled(token);
    progress.end();
    await this.write(await texts.current(args.uri), args, altTextOf(result, imagePath));
    return { written: 1, failed: 0, message: note ?? '', isProblem: note !== undefined };
  }

  /** Runs no model. @throws Failure; then nothing was changed. */
  async use(args: UseAltTextArguments): Promise<WriteReport> {
    await this.write(await this.options.texts.current(args.uri), args, args.text);
    return { written: 1, failed: 0, message: '', isProblem: false };
  }

  /**
   * Writes the caption that is known of the picture at a place, or of the only one on its line. Runs no model.
   * @throws Failure; then nothing was changed.
   */
  async accept({ uri, offset }: AcceptCaptionArguments, token: CancellationToken): Promise<WriteReport> {
    const { texts, pathOf, captionOf } = this.options;
    const text = await texts.current(uri);
    const link = text === undefined ? undefined : linkNear(text, offset);
    const imagePath = text === undefined || link === undefined ? undefined : await pathOf(text, link);
    const caption = imagePath === undefined ? null : await captionOf?.(imagePath, token) ?? null;
    if (text === undefined || link === undefined || caption === null) {
      throw new Failure(
        'nothingToDo',
        l10n.t(
          'No caption is known of a picture in this line. Put the cursor on its link and press Ctrl+. to write one.',
        ),
      );
    }
    await this.write(text, { offset: link.range.start, written: sliceOf(text, link) }, caption);
    return { written: 1, failed: 0, message: '', isProblem: false };
  }

  /** Several texts for one link, none of which is written yet. @throws Failure where there is not one; CancelledError. */
  async suggest(args: LinkArguments, progress: WriteProgress, token: CancellationToken): Promise<AltTextSuggestions> {
    const { imagePath } = await this.pictureOf(args);
    const prompts = suggestedTasks.map(task => `${task} ${this.options.language()}`);
    progress.begin(prompts.map(() => imagePath), prompts[0] ?? '');
    const { model } = await this.options.prepare(prompts[0] ?? '');
    const requests = prompts.map((prompt): RunRequest => ({
      model,
      imagePath,
      prompt,
      useStore: true,
      priority: 'command',
    }));
    const { alts, failures } = await this.describeAll(
      requests,
      progress,
      token,
      request => request?.prompt ?? '',
    );
    progress.end();
    const texts = [...new Set(alts.values())];
    if (texts.length === 0) {
      throw failures[0] ?? new Failure('emptyAnswer', proseFaultText('nothing', nameOf(imagePath)));
    }
    return { ...args, texts };
  }

  /** @throws Failure where the link or its picture is gone. */
  private async pictureOf(args: LinkArguments): Promise<{ readonly imagePath: string }> {
    const text = await this.options.texts.current(args.uri);
    const link = text === undefined ? undefined : findAgain(text, args);
    if (text === undefined || link === undefined) throw changedMeanwhile();
    const imagePath = await this.options.pathOf(text, link);
    if (imagePath === undefined) {
      throw new Failure(
        'imageMissing',
        l10n.t('There is no picture at {0}. Check the path in the document.', link.target),
      );
    }
    return { imagePath };
  }

  /** @throws Failure where the link is another one by now, or the editor refuses. */
  private async write(
    text: LinkedText | undefined,
    place: Pick<LinkArguments, 'offset' | 'written'>,
    alt: string,
  ): Promise<void> {
    const link = text === undefined ? undefined : findAgain(text, place);
    if (text === undefined || link === undefined) throw changedMeanwhile();
    const edits = editsFor(text, link, alt);
    // Of some words nothing is left in the way that the page writes them.
    if (edits.length === 0) throw new Failure('emptyAnswer', proseFaultText('nothing', nameOf(link.target)));
    await this.apply(l10n.t('Write alt text'), [{ text, edits }], false);
  }

  /**
   * Every link of the documents that lacks alt text. A picture that fails is told, and the others go on; what was
   * written about some of them is kept where a failure ends the rest.
   * @throws Failure where nothing was written about any, CancelledError: then nothing was changed.
   */
  async writeMissing(uris: readonly string[], progress: WriteProgress, token: CancellationToken): Promise<WriteReport> {
    const missing = await this.missingIn(uris, token);
    if (missing.length === 0) {
      const message = l10n.t('Every image that can be read has alt text already.');
      return { written: 0, failed: 0, message, isProblem: false };
    }
    const imagePaths = [...new Set(missing.map(({ imagePath }) => imagePath))];
    const chosen = imagePaths.slice(0, MOST_PICTURES);
    const prompt = promptOfStyle('caption', this.options.language());
    progress.begin(chosen, prompt);
    const { model, note: unfit } = await this.options.prepare(prompt);
    const { alts, failures, left } = await this.describeAll(
      chosen.map(imagePath => ({ model, imagePath, prompt, useStore: true, priority: 'batch' })),
      progress,
      token,
    );
    progress.end();
    const { written, offered, changed } = await this.writeAll(missing, alts);
    const note = written > 0 ? unfit : undefined;
    const message = [
      summary({ written, offered, failures, left, changed, rest: imagePaths.length - chosen.length }),
      ...(note === undefined ? [] : [note]),
    ].join(' ');
    return {
      written,
      failed: failures.length + left,
      isProblem: failures.length + changed > 0 || note !== undefined,
      message,
    };
  }

  /**
   * Texts by picture, or as `keyOf` has it. @throws Failure where a failure ended it before anything came;
   * CancelledError.
   */
  private async describeAll(
    requests: readonly RunRequest[],
    progress: WriteProgress,
    token: CancellationToken,
    keyOf: (request: RunRequest | undefined) => string = request => request?.imagePath ?? '',
  ): Promise<
    { readonly alts: ReadonlyMap<string, string>; readonly failures: readonly Failure[]; readonly left: number }
  > {
    const alts = new Map<string, string>();
    const failures: Failure[] = [];
    const endings: Failure[] = [];
    const plan = requests.map((request): PlannedRun<string> => ({ request, payload: request.imagePath }));
    const { left } = await runMany<string, string>(plan, {
      runner: this.options.runner,
      log: this.options.log,
      judge: (result, { payload: imagePath }) => altTextOf(result, imagePath),
      observer: {
        progress: (index, value, over) => progress.report(index, value, over),
        inOrder: (index, outcome) => {
          if (outcome.kind === 'done') alts.set(keyOf(requests[index]), outcome.verdict);
          else if (outcome.kind === 'failed') {
            failures.push(outcome.error);
            if (outcome.endsOthers) endings.push(outcome.error);
          }
        },
      },
    }, token);
    throwIfCancelled(token);
    const [ending] = endings;
    if (ending !== undefined && alts.size === 0) throw ending;
    return { alts, failures, left };
  }

  private async missingIn(uris: readonly string[], token: CancellationToken): Promise<MissingLink[]> {
    const missing: MissingLink[] = [];
    for (const uri of uris) {
      throwIfCancelled(token);
      const text = await this.options.texts.current(uri);
      for (const link of text?.links.filter(lacksAltText) ?? []) {
        const imagePath = text === undefined ? undefined : await this.options.pathOf(text, link);
        if (text !== undefined && imagePath !== undefined) {
          missing.push({ uri, link, written: sliceOf(text, link), imagePath });
        }
      }
    }
    return missing;
  }

  /** Looks for every link again: the documents may have changed while the model was running. */
  private async writeAll(
    missing: readonly MissingLink[],
    alts: ReadonlyMap<string, string>,
  ): Promise<Pick<Written, 'written' | 'offered' | 'changed'>> {
    const files: ChangedText[] = [];
    let changed = 0;
    for (const uri of new Set(missing.map(each => each.uri))) {
      const text = await this.options.texts.current(uri);
      const edits: TextEdit[] = [];
      for (const each of missing) {
        const alt = each.uri === uri ? alts.get(each.imagePath) : undefined;
        if (alt === undefined) continue;
        const link = text === undefined
          ? undefined
          : findAgain(text, { offset: each.link.range.start, written: each.written });
        if (text === undefined || link === undefined) changed++;
        else edits.push(...editsFor(text, link, alt));
      }
      if (text !== undefined && edits.length > 0) files.push({ text, edits });
    }
    const offered = files.reduce((sum, { edits }) => sum + edits.length, 0);
    const isApplied = files.length > 0 && await this.apply(l10n.t('Write missing alt text'), files, true);
    return { written: isApplied ? await this.countWritten(files) : 0, offered, changed };
  }

  /**
   * The editor says only whether it did anything: in its preview, single changes can be left out. Where it did
   * something and no text that is known here is another, all of them are believed to be written.
   */
  private async countWritten(files: readonly ChangedText[]): Promise<number> {
    let written = 0;
    let isChanged = false;
    for (const { text: before, edits } of files) {
      const now = await this.options.texts.current(before.uri);
      if (now === undefined || now.text === before.text) continue;
      isChanged = true;
      const missing = before.links.filter(lacksAltText).length - now.links.filter(lacksAltText).length;
      written += Math.min(Math.max(missing, 0), edits.length);
    }
    return isChanged ? written : files.reduce((sum, { edits }) => sum + edits.length, 0);
  }

  /** False where the person said no in the preview. @throws Failure where the editor refused. */
  private async apply(label: string, files: readonly ChangedText[], isBatch: boolean): Promise<boolean> {
    const { versions, preview } = this.options.edits();
    const isPreviewed = isBatch && preview && versions;
    const edit: WorkspaceEdit = versions
      ? {
        documentChanges: files.map(({ text, edits }): TextDocumentEdit => ({
          textDocument: { uri: text.uri, version: text.version },
          edits: edits.map(each => isPreviewed ? { ...each, annotationId: ANNOTATION } : each),
        })),
        ...(isPreviewed
          ? {
            changeAnnotations: {
              [ANNOTATION]: {
                label: l10n.t('Alt text'),
                needsConfirmation: true,
                description: l10n.t('Written by PaliGemma 2: read it before it is applied.'),
              },
            },
          }
          : {}),
      }
      : { changes: Object.fromEntries(files.map(({ text, edits }) => [text.uri, [...edits]])) };
    const { applied, failureReason } = await this.options.applyEdit(label, edit);
    // In the preview the person may say no: that is an answer, not a failure.
    if (!applied && !isPreviewed) {
      throw new Failure(
        'editRefused',
        failureReason === undefined
          ? l10n.t('The editor did not accept the alt text. The document may have changed; write it again.')
          : l10n.t(
            'The editor did not accept the alt text ({0}). The document may have changed; write it again.',
            failureReason,
          ),
      );
    }
    return applied;
  }
}

/** The same text at the same place, or, where the document changed elsewhere, at the only place. */
function findAgain(
  text: LinkedText,
  { offset, written }: { readonly offset: number; readonly written: string },
): ImageLink | undefined {
  const same = text.links.filter(link => link.altSlot !== undefined && sliceOf(text, link) === written);
  return same.find(link => link.range.start === offset) ?? (same.length === 1 ? same[0] : undefined);
}

/** The link at a place, or the only one on its line that can have alt text. */
function linkNear({ text, links }: LinkedText, offset: number): ImageLink | undefined {
  const able = links.filter(({ altSlot }) => altSlot !== undefined);
  const at = able.find(({ range }) => range.start <= offset && offset <= range.end);
  if (at !== undefined) return at;
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const end = newline < 0 ? text.length : newline;
  const inLine = able.filter(({ range }) => range.start >= start && range.start <= end);
  return inLine.length === 1 ? inLine[0] : undefined;
}

export function sliceOf({ text }: LinkedText, { range }: ImageLink): string {
  return text.slice(range.start, range.end);
}

export function editsFor(text: LinkedText, link: ImageLink, alt: string): TextEdit[] {
  const edit = altEdit(link, alt);
  return edit === undefined
    ? []
    : [{
      range: { start: text.positionAt(edit.range.start), end: text.positionAt(edit.range.end) },
      newText: edit.newText,
    }];
}

function altTextOf(result: Pick<RunResult, 'text' | 'suffix' | 'regions'>, imagePath: string): string {
  const fault = altTextFault(result);
  if (fault !== undefined) throw new Failure('emptyAnswer', proseFaultText(fault, nameOf(imagePath)));
  return altText(result);
}

function changedMeanwhile(): Failure {
  return new Failure(
    'editRefused',
    l10n.t(
      'The image link changed in the meantime, so its alt text was not written. Place the cursor on it and write it again.',
    ),
  );
}

interface Written {
  readonly written: number;
  /** How many the person could choose from. */
  readonly offered: number;
  readonly failures: readonly Failure[];
  /** Pictures that were left out for the last of the failures. */
  readonly left: number;
  /** Links whose text changed meanwhile. */
  readonly changed: number;
  /** Pictures beyond what one go takes. */
  readonly rest: number;
}

function summary({ written, offered, failures, left, changed, rest }: Written): string {
  const parts = [writtenText(written, offered)];
  const cause = left > 0 ? failures.at(-1) : failures[0];
  if (cause !== undefined) {
    parts.push(
      failures.length === 1 ? l10n.t('1 picture failed.') : l10n.t('{0} pictures failed.', failures.length),
      cause.message,
    );
  }
  if (left > 0) {
    parts.push(
      left === 1
        ? l10n.t('1 more picture would fail for the same reason and was left out.')
        : l10n.t('{0} more pictures would fail for the same reason and were left out.', left),
    );
  }
  if (changed > 0) {
    parts.push(
      changed === 1
        ? l10n.t('1 link changed in the meantime and was left alone.')
        : l10n.t('{0} links changed in the meantime and were left alone.', changed),
    );
  }
  if (rest > 0) {
    parts.push(
      rest === 1
        ? l10n.t('1 more picture is waiting: run the command again.')
        : l10n.t('{0} more pictures are waiting: run the command again.', rest),
    );
  }
  return parts.join(' ');
}

function writtenText(written: number, offered: number): string {
  if (written === 0 && offered > 0) {
    return offered === 1
      ? l10n.t('Nothing was written: the alt text of 1 image was not applied.')
      : l10n.t('Nothing was written: the alt text of {0} images was not applied.', offered);
  }
  if (written < offered) {
    return l10n.t('Alt text for {0} of {1} images; the others were not applied.', written, offered);
  }
  return written === 1 ? l10n.t('Alt text for 1 image.') : l10n.t('Alt text for {0} images.', written);
}
