/** What each command does. The manifest's test holds that every command of the extension has its line here. */
import { Uri, l10n } from 'vscode';
import type { LogOutputChannel, Memento } from 'vscode';
import { acceptCaption } from './altText/acceptCaption';
import { readRunOnImage } from './altText/runOnImage';
import { writeMissingInFile, writeMissingInWorkspace } from './altText/writeMissing';
import type { Batches } from './batch/batches';
import { evaluateDataSet } from './commands/evaluateDataSet';
import { newPromptFile } from './commands/newPromptFile';
import { reportProblem } from './commands/reportProblem';
import { runSelection } from './commands/runSelection';
import { runTask, taskOfCommand } from './commands/runTask';
import { openSampleDataSet } from './commands/sampleDataSet';
import { altTextInSample, runOnSamples, openSamplePrompts, openWalkthrough, runOnSample } from './commands/samples';
import { runCommands } from './common/commandIds';
import type { CommandName, RunCommandName } from './common/commandIds';
import type { ServerClient } from './connection/languageClient';
import { addModelFolder, chooseModel } from './models/chooseModel';
import type { Downloads } from './models/downloads';
import { forgetHubToken, setHubToken } from './models/hubToken';
import { showModelCard } from './models/modelCard';
import { removeModel, removeServer } from './models/removeModel';
import type { ModelServices } from './models/services';
import { forgetServerKey, useServer } from './models/useServer';
import { verifyModel } from './models/verifyModel';
import { ocrToEditor } from './ocr/ocrToEditor';
import type { PictureReader } from './ocr/pictureReader';
import type { DataSetEditors } from './dataSet/dataSetEditors';
import { draftLines } from './dataSet/draftLines';
import type { DemoConsent } from './runs/demoConsent';
import type { LocalImages } from './images/localImages';
import type { ImageRuns } from './runs/imageRuns';
import type { ResultsViews } from './results/view/resultsViews';
import type { StatusItem } from './status';
import type { ImageViews } from './viewer/imageViews';
import { fineTune } from './tuning/fineTune';
import type { TuningReports } from './tuning/reports';
import type { MusicEngraver } from './viewer/musicEngraver';
import { window } from './common/window';

export type Handler = (...args: unknown[]) => unknown;

/** The extension's parts, built once. */
export interface Parts {
  readonly extensionUri: Uri;
  /** A folder that the extension may write to, for all workspaces. */
  readonly storageUri: Uri;
  readonly log: LogOutputChannel;
  /** Of the workspace. */
  readonly memory: Memento;
  readonly client: ServerClient;
  readonly local: LocalImages;
  readonly consent: DemoConsent;
  readonly views: ImageViews;
  readonly models: ModelServices;
  readonly engraver: MusicEngraver;
  readonly runs: ImageRuns;
  readonly batches: Batches;
  readonly results: ResultsViews;
  readonly dataSets: DataSetEditors;
  readonly reader: PictureReader;
  readonly downloads: Downloads;
  readonly tuning: TuningReports;
  readonly status: StatusItem;
}

export function commandHandlers(parts: Parts): Record<CommandName, Handler> {
  return { ...pictureHandlers(parts), ...regionHandlers(parts), ...modelHandlers(parts), ...helpHandlers(parts) };
}

/** Running prompts on pictures and texts. */
function pictureHandlers(parts: Parts) {
  const { client, batches, results, reader, extensionUri } = parts;
  const ofTasks = Object.fromEntries(
    runCommands.map(name => [name, (...args: unknown[]) => runTask(taskOfCommand[name], args, parts)]),
  ) as Record<RunCommandName, Handler>;
  return {
    ...ofTasks,
    ocrToEditor: (...args) => ocrToEditor(args, { reader, extensionUri }),
    showResults: (...args) => results.choose(args),
    showDataSet: (...args) => parts.dataSets.show(args),
    draftLines: (...args) => draftLines(args, parts),
    resumeBatch: () => batches.resume(),
    evaluateDataSet: (...args) => evaluateDataSet(args, client, parts.dataSets),
    runSelection: () => runSelection(client),
    writeMissingAltText: () => writeMissingInFile(client),
    writeMissingAltTextInWorkspace: () => writeMissingInWorkspace(client),
    acceptCaption: () => acceptCaption(client),
    runOnImage: (...args) => {
      const run = readRunOnImage(args);
      return run && runTask(run.task, [Uri.parse(run.imageUri)], parts);
    },
  } satisfies Partial<Record<CommandName, Handler>>;
}

/** The menu of a region in an image view: the editor hands over what the page says of it. */
function regionHandlers({ views }: Parts) {
  return {
    zoomToRegion: context => views.act('zoom', context),
    copyRegion: context => views.act('copyCrop', context),
    copyRegionLabel: context => views.act('copyLabel', context),
    readRegion: context => views.act('read', context),
    hideRegion: context => views.act('hide', context),
    showOnlyLabel: context => views.act('onlyLabel', context),
    showAllRegions: context => views.act('showAll', context),
    exportRegions: context => views.act('export', context),
  } satisfies Partial<Record<CommandName, Handler>>;
}

/** Getting, choosing and removing models. */
function modelHandlers(parts: Parts) {
  const { client, models, downloads } = parts;
  const { secrets } = models;
  return {
    chooseModel: forWorkspace => chooseModel(models, typeof forWorkspace === 'boolean' ? { forWorkspace } : {}),
    addModelFolder: () => addModelFolder(models),
    downloadModel: id => downloads.start(id),
    removeModel: id => removeModel(models, id),
    verifyModel: id => verifyModel(models, id),
    tune: (...args) => fineTune(args, parts),
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
  } satisfies Partial<Record<CommandName, Handler>>;
}

/** Status, log, first steps. */
function helpHandlers(parts: Parts) {
  const { client, runs, results, status, log, engraver, extensionUri } = parts;
  return {
    showStatus: () => status.showActions(),
    showLog: () => log.show(),
    useMusicEngraver: () => engraver.choose(),
    reportProblem: () => reportProblem(client),
    openWalkthrough: step => openWalkthrough(step),
    altTextInSample: () => altTextInSample(client, extensionUri),
    captionSample: () =>
      runOnSample(runs, extensionUri, '01.png', { prompt: 'caption en', title: l10n.t('Captioning') }),
    captionSamples: () => runOnSamples(results, extensionUri, { prompt: 'caption en', title: l10n.t('Captioning') }),
    detectInSample: () =>
      runOnSample(runs, extensionUri, '02.png', {
        prompt: 'detect ring ; yellow heart',
        title: l10n.t('Detecting objects'),
      }),
    newPromptFile: () => newPromptFile(),
    openSamplePrompts: () => openSamplePrompts(extensionUri),
    openSampleDataSet: () => openSampleDataSet(parts),
  } satisfies Partial<Record<CommandName, Handler>>;
}
