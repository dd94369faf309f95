/** Asks the model for the text or the caption of one picture, for a person who waits. */
import type { RunResult } from '../../../paligemma/src/runResult';
import { CancellationTokenSource, Uri, commands, l10n } from 'vscode';
import type { CancellationToken } from 'vscode';
import { LocalImages } from '../images/localImages';
import type { ServerClient } from '../connection/languageClient';
import type { DemoConsent } from '../runs/demoConsent';
import { withLateProgress } from '../progress/lateProgress';
import { progressText, startingText } from '../progress/progressText';
import type { TemporaryPictures } from '../images/temporaryPictures';
import { window } from '../common/window';

/** A picture as a file, or as bytes that have none. */
export type Picture =
  | { readonly uri: Uri }
  | { readonly mimeType: string; readonly bytes: Uint8Array };

export class PictureReader {
  private readonly local: LocalImages;

  constructor(
    private readonly client: ServerClient,
    private readonly consent: DemoConsent,
    private readonly temporary: TemporaryPictures,
  ) {
    this.local = new LocalImages(temporary);
  }

  /**
   * Undefined where the person cancelled, or wants no answer of the demo model.
   * @throws the failure of the run, see `toFailure`.
   */
  async ask(
    picture: Picture,
    prompt: string,
    title: string,
    token?: CancellationToken,
  ): Promise<RunResult | undefined> {
    if ('uri' in picture) {
      return this.local.with([picture.uri], async ([file]) => file && this.askFile(file, prompt, title, token));
    }
    return this.temporary.with(
      picture.bytes,
      picture.mimeType,
      imagePath => this.askFile(Uri.file(imagePath), prompt, title, token),
    );
  }

  private async askFile(
    image: Uri,
    prompt: string,
    title: string,
    token?: CancellationToken,
  ): Promise<RunResult | undefined> {
    if (!await this.consent.isGiven([image])) return undefined;
    return withLateProgress(title, async (progress, cancelled) => {
      const source = new CancellationTokenSource();
      const subscriptions = [token, cancelled].map(one => one?.onCancellationRequested(() => source.cancel()));
      if (token?.isCancellationRequested === true) source.cancel();
      progress.report({ message: startingText(l10n.t) });
      try {
        const { outcomes: [outcome], note } = await this.client.run(
          { imageUris: [image.toString()], prompt },
          ({ progress: part }) => {
            if (part !== undefined) progress.report({ message: progressText(part, l10n.t) });
          },
          source.token,
        );
        if (source.token.isCancellationRequested || outcome === undefined) return undefined;
        if ('result' in outcome) {
          // The text goes into a document, where nothing can stand beside it.
          if (note !== undefined) void window.showWarningMessage(note);
          if (outcome.result.advisedTiles !== undefined) void tellSmallText(outcome.result.advisedTiles);
          return outcome.result;
        }
        const { message, kind, reason } = outcome.error;
        throw Object.assign(new Error(message), { data: { kind, reason } });
      } catch (error) {
        if (source.token.isCancellationRequested) return undefined;
        throw error;
      } finally {
        for (const subscription of subscriptions) subscription?.dispose();
        source.dispose();
      }
    });
  }
}

/** With the setting that reads such pictures in parts from the next time on. */
async function tellSmallText(parts: number): Promise<void> {
  const showSetting = l10n.t('Show Setting');
  const chosen = await window.showInformationMessage(
    l10n.t(
      'The picture is so large that its text may be too small for the model. With the setting “paligemma.tiles” at “auto” it is read in {0} parts.',
      parts,
    ),
    showSetting,
  );
  if (chosen === showSetting) await commands.executeCommand('workbench.action.openSettings', 'paligemma.tiles');
}
