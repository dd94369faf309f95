/**
 * Builds the parts and hands them to the editor. Nothing here starts a process: the first command or prompt file does.
 */
import { commands, l10n, Uri, window, workspace } from 'vscode';
import type { ExtensionContext, TextDocument } from 'vscode';
import { registerCaptionTooltips } from './altText/captionTooltips';
import { readRunOnImage } from './altText/runOnImage';
import { registerStringHover } from './altText/stringHover';
import { writeMissingInFile, writeMissingInWorkspace } from './altText/writeMissing';
import { Batches } from './batch/batches';
import { commandIds, runCommands } from './commandIds';
import type { CommandName, RunCommandName } from './commandIds';
import { reportProblem } from './commands/reportProblem';
import { runTask, taskOfCommand } from './commands/runTask';
import { runSelection } from './commands/runSelection';
import { openSamplePrompts, openWalkthrough, runOnSample, samplesUri } from './commands/samples';
import type { ViewState } from './contract/viewer';
import { toFailure } from './errors/failure';
import { showFailure } from './errors/showFailure';
import { PROMPT_LANGUAGE_ID, ServerClient } from './languageClient';
import { followImagePaths } from './images/imagesAtCursor';
import { LocalImages } from './images/localImages';
import { createLog } from './log';
import { addModelFolder, chooseModel } from './models/chooseModel';
import { Downloads } from './models/downloads';
import { forgetHubToken, setHubToken } from './models/hubToken';
import { registerModelCards, showModelCard } from './models/modelCard';
import { removeModel, removeServer } from './models/removeModel';
import { Secrets } from './models/secrets';
import { forgetServerKey, useServer } from './models/useServer';
import { verifyModel } from './models/verifyModel';
import { ocrToEditor } from './ocr/ocrToEditor';
import { registerPasteAndDrop } from './ocr/pasteAndDrop';
import { PictureReader } from './ocr/pictureReader';
import { TemporaryPictures } from './images/temporaryPictures';
import { DemoConsent } from './runs/demoConsent';
import { ImageRuns } from './runs/imageRuns';
import { StatusItem } from './status';
import { ImageViews } from './viewer/imageViews';

/** For tests that look at what the extension shows. */
export interface ExtensionApi {
  /** State of the image view that was shown last; undefined before the first. */
  lastView(): ViewState | undefined;
}

/**
 * Documents that are a reason to start the server: prompt files, and markup, where pictures are linked. Others wait for
 * a command or a hover.
 */
const startingLanguages = new Set([
  PROMPT_LANGUAGE_ID,
  'markdown',
  'quarto',
  'rmd',
  'mdx',
  'html',
  'vue',
  'svelte',
  'astro',
  'javascriptreact',
  'typescriptreact',
  'asciidoc',
  'restructuredtext',
  'latex',
  'tex',
]);

/** What `deactivate` has to wait for; the editor calls it without arguments. */
const running = new Set<ServerClient>();

export function activate(context: ExtensionContext): ExtensionApi {
  const log = createLog();
  const secrets = new Secrets(context.secrets, context.globalState);
  const client = new ServerClient(context.extensionUri, log, url => secrets.serverKey(url));
  const views = new ImageViews(context.extensionUri, log);
  const status = new StatusItem(client);
  running.add(client);
  context.subscriptions.push(log, client, views, status);

  const { extensionUri } = context;
  const consent = new DemoConsent(client, samplesUri(extensionUri));
  const temporary = new TemporaryPictures(Uri.joinPath(context.globalStorageUri, 'pictures').fsPath);
  const local = new LocalImages(temporary);
  const runs = new ImageRuns(client, views, log, consent, local);
  views.connect({ client, runs, local, memory: context.workspaceState });
  const batches = new Batches(client, log, context.storageUri ?? context.globalStorageUri);
  const reader = new PictureReader(client, consent, temporary);
  const showsCaptions = () => workspace.getConfiguration('paligemma').get('inlineCaptions', true);
  context.subscriptions.push(
    registerPasteAndDrop(reader, log),
    registerStringHover(client, log),
    registerCaptionTooltips(client, showsCaptions, () => client.isRunning),
  );
  batches.offerResume().catch((error: unknown) =>
    log.warn(`client.batch looking for an interrupted one: ${String(error)}`)
  );
  const models = { client, log, secrets, extensionUri };
  const downloads = new Downloads(models);
  context.subscriptions.push(registerModelCards(client), followImagePaths());
  const parts = { client, runs, batches, consent, memory: context.workspaceState };
  const runHandlers = Object.fromEntries(
    runCommands.map(name => [name, (...args: unknown[]) => runTask(taskOfCommand[name], args, parts)]),
  ) as Record<RunCommandName, Handler>;
  const handlers: Record<CommandName, Handler> = {
    ...runHandlers,
    ocrToEditor: (...args) => ocrToEditor(args, { reader, extensionUri }),
    resumeBatch: () => batches.resume(),
    chooseModel: forWorkspace => chooseModel(models, typeof forWorkspace === 'boolean' ? forWorkspace : undefined),
    addModelFolder: () => addModelFolder(),
    downloadModel: id => downloads.start(id),
    removeModel: id => removeModel(models, id),
    verifyModel: id => verifyModel(models, id),
    showModelCard: id => showModelCard(models, id),
    useServer: () => useServer(models),
    removeServer: () => removeServer(models),
    forgetServerKey: () => forgetServerKey(secrets),
    setHubToken: () => setHubToken(secrets),
    forgetHubToken: () => forgetHubToken(secrets),
    unloadModel: async () => {
      await client.unloadModel();
      window.setStatusBarMessage(l10n.t('PaliGemma 2: the model was unloaded.'), 5000);
    },
    showStatus: () => status.showActions(),
    showLog: () => log.show(),
    reportProblem: () => reportProblem(client),
    openWalkthrough: step => openWalkthrough(step),
    captionSample: () =>
      runOnSample(runs, extensionUri, '01.png', { prompt: 'caption en', title: l10n.t('Captioning') }),
    detectInSample: () =>
      runOnSample(runs, extensionUri, '02.png', {
        prompt: 'detect ring ; yellow heart',
        title: l10n.t('Detecting objects'),
      }),
    openSamplePrompts: () => openSamplePrompts(extensionUri),
    runSelection: () => runSelection(client),
    writeMissingAltText: () => writeMissingInFile(client),
    writeMissingAltTextInWorkspace: () => writeMissingInWorkspace(client),
    runOnImage: (...args) => {
      const run = readRunOnImage(args);
      return run && runTask(run.task, [Uri.parse(run.imageUri)], parts);
    },
  };
  const guarded = (handler: Handler): Handler => async (...args) => {
    try {
      await handler(...args);
    } catch (error) {
      showFailure(toFailure(error, l10n.t), log, error);
    }
  };
  for (const [name, handler] of Object.entries(handlers)) {
    context.subscriptions.push(commands.registerCommand(commandIds[name as CommandName], guarded(handler)));
  }

  const startFor = (document: TextDocument) => {
    if (!startingLanguages.has(document.languageId)) return;
    client.start().catch((error: unknown) =>
      log.error(`client.process starting the language server: ${String(error)}`)
    );
  };
  context.subscriptions.push(workspace.onDidOpenTextDocument(startFor));
  workspace.textDocuments.forEach(startFor);
  return { lastView: () => views.lastState };
}

/** Resolves when the language server has ended, and the model host with it. */
export async function deactivate(): Promise<void> {
  await Promise.all([...running].map(client => client.stop()));
  running.clear();
}

type Handler = (...args: unknown[]) => unknown;
