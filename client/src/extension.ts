/**
 * Builds the parts and hands them to the editor. Nothing here starts a process: the first command or prompt file does.
 */
import { config as configureTexts } from '@vscode/l10n';
import { commands, l10n, Uri, workspace } from 'vscode';
import type { ExtensionContext, LogOutputChannel, TextDocument } from 'vscode';
import { pageLanguages } from '../../paligemma/src/answers/pageLanguages';
import { isRecord } from '../../paligemma/src/checks';
import { ACCEPT_CAPTION, altTextCommands, USE_ALT_TEXT } from '../../server/src/contract/imageLinks';
import { registerSuggestions } from './altText/acceptCaption';
import { registerCaptionTooltips } from './altText/captionTooltips';
import { registerStringHover } from './altText/stringHover';
import { Batches } from './batch/batches';
import { DataSetEditors } from './dataSet/dataSetEditors';
import { lineFindings } from '../../datasets/src/findings/lineFindings';
import { commandHandlers, type Handler, type Parts } from './commandHandlers';
import { samplesUri } from './commands/samples';
import { commandIds } from './common/commandIds';
import { stepIsDone } from './common/firstSteps';
import type { CommandName } from './common/commandIds';
import { createLog } from './common/log';
import { LINES_LANGUAGE_ID, PROMPT_LANGUAGE_ID, ServerClient } from './connection/languageClient';
import type { ViewState } from './contract/viewer';
import { toFailure } from './errors/failure';
import { showFailure } from './errors/showFailure';
import { followImagePaths } from './images/imagesAtCursor';
import { LocalImages } from './images/localImages';
import { TemporaryPictures } from './images/temporaryPictures';
import { Downloads } from './models/downloads';
import { TuningReports } from './tuning/reports';
import { registerModelCards } from './models/modelCard';
import { MusicEngraver } from './viewer/musicEngraver';
import { Secrets } from './models/secrets';
import { registerPasteAndDrop } from './ocr/pasteAndDrop';
import { PictureReader } from './ocr/pictureReader';
import { mayWriteAltText } from './runs/altTextConsent';
import { DemoConsent } from './runs/demoConsent';
import { ImageRuns } from './runs/imageRuns';
import { ResultSets } from './results/resultSets';
import { ResultsViews } from './results/view/resultsViews';
import { noteOn } from './runs/modelNotes';
import { StatusItem } from './status';
import { ImageViews } from './viewer/imageViews';

/** For tests that look at what the extension shows. */
export interface ExtensionApi {
  /** State of the image view that was shown last; undefined before the first. */
  lastView(): ViewState | undefined;
}

/**
 * Documents that are a reason to start the server: prompt files, lines that may be a data set, and pages, where pictures are linked. Style sheets and
 * scripts wait for a command or a hover.
 */
const startingLanguages = new Set([
  PROMPT_LANGUAGE_ID,
  LINES_LANGUAGE_ID,
  ...pageLanguages.filter(({ scanner }) => !['css', 'scss', 'script'].includes(scanner)).flatMap(({ ids }) => ids),
]);

/** Where lines of a data set name their pictures. */
const [FIRST_LINES, FIRST_CHARACTERS] = [20, 10_000];

/** Commands of the server that write alt text. */
const writingCommands = [...altTextCommands, USE_ALT_TEXT, ACCEPT_CAPTION];

/** What `deactivate` has to end; the editor calls it without arguments. */
const running = new Set<Pick<Parts, 'client' | 'batches'>>();

export function activate(context: ExtensionContext): ExtensionApi {
  // Rooms that know no editor have their texts from a library of their own.
  if (l10n.bundle !== undefined) configureTexts({ contents: l10n.bundle });
  const parts = buildParts(context);
  const { log, client, views, runs, batches, reader } = parts;
  running.add(parts);
  context.subscriptions.push(
    log,
    client,
    views,
    batches,
    parts.results,
    parts.dataSets,
    parts.status,
    client.onDidShowPictures(pictures => parts.results.showPrompt(pictures)),
    views.onDidAsk(({ image, prompt, parts: inParts }) =>
      runs.run([image], { prompt, parts: inParts, title: l10n.t('Running “{0}”', prompt || l10n.t('(empty prompt)')) })
    ),
    client.onDidAskForAnswers(asked =>
      views.openRun(asked, 0).catch((error: unknown) => showFailure(toFailure(error, l10n.t), log, error))
    ),
    registerPasteAndDrop(reader, log),
    registerStringHover(client, log),
    registerSuggestions(client),
    registerCaptionTooltips(client, showsCaptions, () => client.isRunning),
    registerModelCards(client),
    client.onDidExecute(({ command, result }) => {
      if (writingCommands.includes(command) && wroteSomething(result)) stepIsDone('altText');
    }),
    followImagePaths(),
  );
  batches.offerResume().catch((error: unknown) =>
    log.warn(`client.batch looking for an interrupted one: ${String(error)}`)
  );
  for (const [name, handler] of Object.entries(commandHandlers(parts))) {
    context.subscriptions.push(commands.registerCommand(commandIds[name as CommandName], guarded(handler, log)));
  }
  const startFor = (document: TextDocument) => {
    if (!startingLanguages.has(document.languageId) || !mayHavePictures(document)) return;
    client.start().catch((error: unknown) =>
      log.error(`client.process starting the language server: ${String(error)}`)
    );
  };
  context.subscriptions.push(workspace.onDidOpenTextDocument(startFor));
  workspace.textDocuments.forEach(startFor);
  return { lastView: () => views.lastState };
}

function buildParts(context: ExtensionContext): Parts {
  const { extensionUri, globalStorageUri, workspaceState: memory } = context;
  const log = createLog();
  const secrets = new Secrets(context.secrets, context.globalState);
  const client = new ServerClient(extensionUri, log, url => secrets.serverKey(url));
  const consent = new DemoConsent(client, samplesUri(extensionUri));
  const temporary = new TemporaryPictures(Uri.joinPath(globalStorageUri, 'pictures').fsPath);
  const local = new LocalImages(temporary);
  const engraver = new MusicEngraver(context.globalState, globalStorageUri);
  const views = new ImageViews({
    extensionUri,
    engraver,
    log,
    client,
    local,
    memory,
    noteOn: model => noteOn(model, client, log),
  });
  const sets = new ResultSets();
  const batches = new Batches(client, log, sets, context.storageUri ?? globalStorageUri);
  const models = { client, log, secrets, extensionUri };
  const tuning = new TuningReports();
  context.subscriptions.push(tuning);
  client.mayExecute = (command, args) => mayWriteAltText(command, args, { client, consent });
  return {
    extensionUri,
    storageUri: globalStorageUri,
    log,
    memory,
    client,
    local,
    consent,
    views,
    models,
    engraver,
    runs: new ImageRuns(client, views, log, consent, local),
    batches,
    results: new ResultsViews({ extensionUri, client, consent, local, log, sets, views, batches }),
    dataSets: new DataSetEditors({ extensionUri, client, local, log, findings: text => lineFindings(text) }),
    reader: new PictureReader(client, consent, temporary),
    downloads: new Downloads(models),
    tuning,
    status: new StatusItem(client),
  };
}

/** @param result See `WriteReport` of the server. */
function wroteSomething(result: unknown): boolean {
  return isRecord(result) && typeof result['written'] === 'number' && result['written'] > 0;
}

/** Lines of JSON are mostly logs: those are no reason to start a process. The server looks closer. */
function mayHavePictures(document: TextDocument): boolean {
  if (document.languageId !== LINES_LANGUAGE_ID) return true;
  return Array.from({ length: Math.min(FIRST_LINES, document.lineCount) }, (_, line) => document.lineAt(line).text)
    .some(text => /"(?:images?|file_names?|image_(?:left|right))"\s*:/.test(text.slice(0, FIRST_CHARACTERS)));
}

function showsCaptions(): boolean {
  return workspace.getConfiguration('paligemma').get('inlineCaptions', true);
}

/** Failures end in one message, whatever the command. */
function guarded(handler: Handler, log: LogOutputChannel): Handler {
  return async (...args) => {
    try {
      await handler(...args);
    } catch (error) {
      showFailure(toFailure(error, l10n.t), log, error);
    }
  };
}

/** Resolves when the language server has ended, and the model host with it. */
export async function deactivate(): Promise<void> {
  // Before the runs end with their server: a batch ends with its window then, and nobody has cancelled it.
  for (const { batches } of running) batches.dispose();
  await Promise.all([...running].map(({ client }) => client.stop()));
  running.clear();
}
