/** The commands that write alt text. Every client can send them by `workspace/executeCommand`. */
import * as l10n from '@vscode/l10n';
import {
  MessageType,
  type ApplyWorkspaceEditResult,
  type CancellationToken,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
import {
  ACCEPT_CAPTION,
  altTextStyles,
  SUGGEST_ALT_TEXT,
  USE_ALT_TEXT,
  WRITE_ALT_TEXT,
  WRITE_MISSING_ALT_TEXT,
  WRITE_MISSING_IN_WORKSPACE,
  type AcceptCaptionArguments,
  type LinkArguments,
  type UseAltTextArguments,
  type WriteAltTextArguments,
} from '../../contract/imageLinks';
import { unfitNote } from '../../language/findings/fitness';
import type { Runner } from '../../runs/runner';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { loggedFailure } from '../../util/loggedFailure';
import type { Client } from '../connection/client';
import type { CommandHandler, Commands, ReportedWork } from '../connection/commands';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { RunProgressReporter } from '../connection/runProgressReporter';
import type { PictureHelp } from '../pictures/pictureHelp';
import { AltTextWriter, type ModelForPrompt, type WriteProgress, type WriteReport } from './altTextWriter';
import { imageUriOf } from '../../runs/imagePath';
import type { Texts } from './texts';

export interface AltTextCommandParts {
  readonly client: Client;
  readonly runner: Runner;
  readonly pictures: PictureHelp;
  readonly texts: Texts;
}

/** One command, as it stands between its progress and its report. */
type Work<T> = (argument: unknown, progress: WriteProgress, token: CancellationToken) => Promise<T>;

/** Failures are shown to the person, and the answer is null then. */
export function altTextCommandHandlers(parts: AltTextCommandParts): Commands {
  const { client, runner, pictures, texts } = parts;
  const writer = new AltTextWriter({
    texts,
    runner,
    log: client.log,
    language: () => client.settings.language,
    edits: () => ({ versions: client.abilities.versionsEdits, preview: client.abilities.previewsEdits }),
    pathOf: (text, link) => pictures.pathOf(link, text.uri),
    captionOf: (imagePath, token) => pictures.caption(imagePath, token),
    prepare: prompt => prepare(parts, prompt),
    applyEdit: (label, edit) => {
      if (!client.abilities.appliesEdits) {
        throw new Failure(
          'editRefused',
          l10n.t('This editor accepts no edits from the server, so alt text cannot be written.'),
        );
      }
      return applyEdit(client, label, edit);
    },
  });
  const command = <T>(work: Work<T>): CommandHandler => async (argument, _token, report) =>
    execute(client, await report(), (progress, token) => work(argument, progress, token));
  /** One that runs no model has no progress. */
  const atOnce =
    (work: (argument: unknown, token: CancellationToken) => Promise<WriteReport>): CommandHandler =>
    (argument, token) => told(client, () => work(argument, token));
  return {
    [USE_ALT_TEXT]: atOnce(argument => writer.use(readUseArguments(argument))),
    [ACCEPT_CAPTION]: atOnce((argument, token) => writer.accept(readPlace(argument), token)),
    [SUGGEST_ALT_TEXT]: command((argument, progress, token) => writer.suggest(readLink(argument), progress, token)),
    [WRITE_ALT_TEXT]: command((argument, progress, token) =>
      writer.writeOne(readWriteArguments(argument), progress, token)
    ),
    [WRITE_MISSING_ALT_TEXT]: command((argument, progress, token) =>
      writer.writeMissing([readUri(argument)], progress, token)
    ),
    [WRITE_MISSING_IN_WORKSPACE]: command(async (_argument, progress, token) => {
      const { folders } = client;
      if (folders.uris.length === 0) {
        throw new Failure(
          'nothingToDo',
          l10n.t('No folder is open. Open the folder of the documents, or write the alt text of one file.'),
        );
      }
      return writer.writeMissing(await texts.inFolders(folders.paths, token), progress, token);
    }),
  };
}

async function execute<T>(
  client: Client,
  { reporter, token }: ReportedWork,
  work: (progress: WriteProgress, token: CancellationToken) => Promise<T>,
): Promise<T | null> {
  let own: RunProgressReporter | undefined;
  const progress: WriteProgress = {
    begin: (imagePaths, prompt) => {
      const imageUris = imagePaths.map(imageUriOf);
      const limit = tokenLimit(prompt, undefined, client.settings.maxNewTokens);
      own = new RunProgressReporter(reporter, imageUris, () => limit, client.timers);
      own.begin();
    },
    report: (index, value, done) => own?.report(index, value, done),
    end: () => {
      own?.done();
      own = undefined;
    },
  };
  try {
    return await told(client, () => {
      throwIfCancelled(token);
      return work(progress, token);
    });
  } finally {
    progress.end();
  }
}

/** The person hears what a report says, and of a failure; then the answer is null. @throws CancelledError */
async function told<T>(client: Client, work: () => Promise<T>): Promise<T | null> {
  try {
    const answer = await work();
    const { message, isProblem } = (answer ?? {}) as Partial<WriteReport>;
    if (message !== undefined && message !== '') {
      await client.tell(isProblem === true ? MessageType.Warning : MessageType.Info, message);
    }
    return answer;
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    await client.tell(MessageType.Error, loggedFailure(error, client.log, 'lsp.request').message);
    return null;
  }
}

/** Resolves when the server has heard, too, of what became of the documents. */
async function applyEdit(client: Client, label: string, edit: WorkspaceEdit): Promise<ApplyWorkspaceEditResult> {
  const result = await client.connection.workspace.applyEdit({ label, edit });
  // What a client says is in order, but some tell that they did it before they tell what they did.
  if (result.applied && client.abilities.pullsConfiguration) {
    await client.connection.workspace.getConfiguration('paligemma').catch(() => undefined);
  }
  return result;
}

async function prepare({ client, runner }: AltTextCommandParts, prompt: string): Promise<ModelForPrompt> {
  await client.configuration.ready;
  const model = await runner.prepare({});
  return { model, note: unfitNote(prompt, model) };
}

function readUri(value: unknown): string {
  const { uri } = (value ?? {}) as { readonly uri?: unknown };
  if (typeof uri !== 'string') {
    throw new Failure('badArgument', l10n.t('The command to write alt text needs the URI of a document.'));
  }
  return uri;
}

function readWriteArguments(value: unknown): WriteAltTextArguments {
  const link = readLink(value);
  const { style } = value as { readonly style?: unknown };
  const known = altTextStyles.find(each => each === style);
  if (known === undefined) throw badArguments();
  return { ...link, style: known };
}

function readUseArguments(value: unknown): UseAltTextArguments {
  const link = readLink(value);
  const { text } = value as { readonly text?: unknown };
  if (typeof text !== 'string') throw badArguments();
  return { ...link, text };
}

function readLink(value: unknown): LinkArguments {
  const place = readPlace(value);
  const { written } = value as { readonly written?: unknown };
  if (typeof written !== 'string') throw badArguments();
  return { ...place, written };
}

function readPlace(value: unknown): AcceptCaptionArguments {
  const uri = readUri(value);
  const { offset } = value as { readonly offset?: unknown };
  if (typeof offset !== 'number') throw badArguments();
  return { uri, offset };
}

function badArguments(): Failure {
  return new Failure(
    'badArgument',
    l10n.t(
      'The command to write alt text needs uri, offset, written, and style, one of {0}.',
      altTextStyles.join(', '),
    ),
  );
}
