/** Downloads of published models: which one, agreed to, with progress, with a token where the licence asks for one. */
import { Uri, commands, env, l10n, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { given } from '../../../paligemma/src/given';
import type { DownloadModelResult, ModelInfo } from '../../../server/src/contract/protocol';
import { commandIds } from '../common/commandIds';
import { stepIsDone } from '../common/firstSteps';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import { withLateProgress } from '../progress/lateProgress';
import { isTrustedOrAsk } from '../common/trust';
import { downloadFacts } from './downloadTexts';
import { enterHubToken } from './hubToken';
import { modelItem } from './modelItems';
import { chosenModel, chosenWeights, writeModel } from './modelSetting';
import type { ModelServices } from './services';
import { recommendedFirst, recommendedModel } from './recommended';
import { sizeText } from './sizeText';
import { window } from '../common/window';

type Outcome = DownloadModelResult | { readonly outcome: 'cancelled' };

export class Downloads {
  private readonly running = new Set<string>();

  constructor(private readonly services: ModelServices) {}

  /**
   * Resolves when the model is there, or will not be.
   * @param wanted Id of a published model; without it the person chooses one. @returns whether the model is installed.
   * @throws what kept the language server from answering.
   */
  async start(wanted: unknown): Promise<boolean> {
    if (!isTrustedOrAsk()) return false;
    const model = await this.pick(wanted);
    if (model === undefined) return false;
    if (this.running.has(model.id)) {
      void window.showInformationMessage(l10n.t('{0} is being downloaded already.', model.id));
      return false;
    }
    const agreed = await confirm(model);
    if (agreed === undefined) return false;
    return this.run(model.id, agreed.deleteSource);
  }

  private async pick(wanted: unknown): Promise<ModelInfo | undefined> {
    if (typeof wanted === 'string') {
      const named = (await this.services.client.listPublishedModels()).find(({ id, isInstalled, problem }) =>
        id === wanted && !isInstalled && problem === undefined
      );
      if (named === undefined) {
        void window.showInformationMessage(l10n.t('{0} is on this machine already, or cannot be downloaded.', wanted));
      }
      return named;
    }
    const items = this.services.client.listPublishedModels().then(published => {
      const recommended = recommendedModel(published, chosenWeights());
      const settings = {
        chosen: chosenModel(),
        weights: chosenWeights(),
        ...given({ recommended: recommended?.id }),
      };
      const models = published.filter(({ isInstalled, problem }) => !isInstalled && problem === undefined);
      return recommendedFirst(models, recommended).map(
        (model): QuickPickItem & { readonly model: ModelInfo } => ({ ...modelItem(model, settings, l10n.t), model }),
      );
    });
    const choice = await window.showQuickPick(items, {
      title: l10n.t('Download a Model'),
      placeHolder: l10n.t('“mix” knows all tasks; those that fit this machine come first'),
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    return choice?.model;
  }

  /** Again and again, until the model is there or the person has enough. */
  private async run(id: string, deleteSource: boolean): Promise<boolean> {
    for (;;) {
      try {
        const answer = await this.attempt(id, deleteSource);
        if (answer.outcome === 'installed') {
          await this.tellInstalled(answer.id, answer.bytes);
          stepIsDone('model');
          return true;
        }
        const goesOn = answer.outcome === 'cancelled'
          ? await this.tellCancelled(id)
          : await this.tellRefused(id, answer);
        if (!goesOn) return false;
      } catch (error) {
        if (!await this.tellFailed(error)) return false;
      }
    }
  }

  private async attempt(id: string, deleteSource: boolean): Promise<Outcome> {
    const { client, secrets } = this.services;
    const token = await secrets.hubToken();
    const http = workspace.getConfiguration('http');
    const proxyUrl = http.get('proxySupport') === 'off' ? '' : http.get('proxy', '');
    const title = l10n.t('Downloading {0}', id);
    this.running.add(id);
    // A refusal comes at once: with a notification before each, the editor would take them for too many and keep the
    // last from sight.
    return withLateProgress(title, async (progress, cancelled): Promise<Outcome> => {
      let shown = 0;
      try {
        return await client.downloadModel({
          id,
          deleteSource,
          ...(token === undefined ? {} : { token }),
          ...(proxyUrl === '' ? {} : { proxyUrl }),
        }, (percentage = shown, message) => {
          progress.report({ increment: percentage - shown, ...(message === undefined ? {} : { message }) });
          shown = percentage;
        }, cancelled);
      } catch (error) {
        if (cancelled.isCancellationRequested && toFailure(error, l10n.t).kind === 'cancelled') {
          return { outcome: 'cancelled' };
        }
        throw error;
      } finally {
        this.running.delete(id);
      }
    });
  }

  private async tellInstalled(id: string, bytes: number): Promise<void> {
    const isFirst = chosenModel() === '';
    if (isFirst) await writeModel(id);
    const [use, card] = [l10n.t('Use This Model'), l10n.t('Model Card')];
    const message = isFirst
      ? l10n.t('{0} is ready ({1}) and answers from now on.', id, sizeText(bytes, l10n.t))
      : l10n.t('{0} is ready ({1}).', id, sizeText(bytes, l10n.t));
    // Not waited for: whoever asked for the model can go on.
    void window.showInformationMessage(message, ...(isFirst ? [card] : [use, card])).then(choice => {
      if (choice === use) return writeModel(id);
      return choice === card ? commands.executeCommand(commandIds.showModelCard, id) : undefined;
    });
  }

  private async tellCancelled(id: string): Promise<boolean> {
    const kept = (await this.services.client.listPublishedModels()).find(model => model.id === id)?.partialBytes;
    const [goOn, remove] = [l10n.t('Continue'), l10n.t('Delete What Is Here')];
    const choice = kept === undefined
      ? await window.showInformationMessage(l10n.t('The download of {0} was stopped; nothing has been kept.', id), goOn)
      : await window.showInformationMessage(
        l10n.t(
          'The download of {0} was stopped. {1} is kept, and the next download continues from there.',
          id,
          sizeText(kept, l10n.t),
        ),
        goOn,
        remove,
      );
    if (choice === remove) {
      const { bytesFreed } = await this.services.client.removeModel(id);
      void window.showInformationMessage(
        l10n.t('{0} was removed; that freed {1}.', id, sizeText(bytesFreed, l10n.t)),
      );
    }
    return choice === goOn;
  }

  /** The licence is to be accepted on a page, and the token shows that it was. */
  private async tellRefused(
    id: string,
    { message, licenceUrl, hadToken }: Extract<DownloadModelResult, { outcome: 'refused' }>,
  ): Promise<boolean> {
    const [openPage, enterToken, again] = [
      l10n.t('Open Licence Page'),
      hadToken ? l10n.t('Enter Another Access Token…') : l10n.t('Enter Access Token…'),
      l10n.t('Try Again'),
    ];
    this.services.log.warn(`client.models ${id} was refused: ${message}`);
    const why = hadToken
      ? l10n.t(
        'Your access token does not give access to {0}. Accept the licence on the model’s page with the account of the token, or enter another token.',
        id,
      )
      : l10n.t(
        '{0} is available only to people who have accepted its licence. Accept it on the model’s page at Hugging Face, then enter an access token.',
        id,
      );
    for (;;) {
      const choice = await window.showWarningMessage(why, openPage, enterToken, again);
      if (choice === undefined) return false;
      if (choice === again) return true;
      if (choice === openPage) await env.openExternal(Uri.parse(licenceUrl));
      else if (await enterHubToken(this.services.secrets)) return true;
    }
  }

  private async tellFailed(error: unknown): Promise<boolean> {
    const { secrets, log } = this.services;
    const failure = toFailure(error, l10n.t);
    const isInternal = failure.kind === 'internal';
    const isToken = failure.reason === 'accessTokenInvalid' && await secrets.hubToken() !== undefined;
    if (failure.kind === 'cancelled' || isInternal) {
      showFailure(failure, log, error);
      return false;
    }
    log.error(`client.models ${failure.reason ?? failure.kind}: ${failure.message}`);
    const [again, enterToken, openLog] = [
      l10n.t('Try Again'),
      l10n.t('Enter Another Access Token…'),
      l10n.t('Open Log'),
    ];
    const choice = await window.showErrorMessage(failure.message, ...(isToken ? [enterToken] : [again]), openLog);
    if (choice === openLog) log.show();
    return choice === enterToken ? enterHubToken(secrets) : choice === again;
  }
}

/** Undefined where the person does not want it. */
async function confirm(model: ModelInfo): Promise<{ readonly deleteSource: boolean } | undefined> {
  const [download, downloadOnly] = [l10n.t('Download'), l10n.t('Download and Keep the Prepared Model Only')];
  const choice = await window.showInformationMessage(
    l10n.t('Download {0}?', model.id),
    { modal: true, detail: downloadFacts(model, chosenWeights(), l10n.t) },
    download,
    downloadOnly,
  );
  return choice === undefined ? undefined : { deleteSource: choice === downloadOnly };
}
