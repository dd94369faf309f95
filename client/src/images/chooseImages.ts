/** From the arguments of a command to the pictures it runs on. */
import { ProgressLocation, TabInputCustom, TabInputText, TabInputTextDiff, l10n } from 'vscode';
import type { Uri } from 'vscode';
import type { ServerClient } from '../connection/languageClient';
import { MAX_FOLDER_IMAGES, foldersAmong, imagesInFolders } from './folderImages';
import { imagesAtCursor } from './imagesAtCursor';
import { imageTargets, otherTargets } from './imageTargets';
import { imageExtensions } from '../../../paligemma/src/pictureTypes';
import { window } from '../common/window';

export interface ChosenImages {
  /** At least one; of any file system. */
  readonly images: readonly Uri[];
  /** True where a folder was named: even one picture of a folder is a batch. */
  readonly isFolder: boolean;
}

/** Undefined where there is nothing to run on; the person knows why, or has left the file picker. */
export async function chooseImages(args: readonly unknown[], client: ServerClient): Promise<ChosenImages | undefined> {
  const inText = await imagesInText(args, client);
  if (inText !== undefined) return inText.length === 0 ? undefined : { images: inText, isFolder: false };
  const folders = await foldersAmong(otherTargets<Uri>(args));
  const targets = imageTargets<Uri>(args, activeResource());
  const named = targets.kind === 'images' ? targets.uris : targets.kind === 'pick' ? await pickImages() : [];
  if (named === undefined) return undefined;
  const inFolders = folders.length === 0 ? [] : await searchFolders(folders);
  if (inFolders === undefined) return undefined;
  const images = [...new Map([...named, ...inFolders].map(uri => [uri.toString(), uri])).values()];
  if (images.length === 0) {
    void window.showInformationMessage(
      folders.length > 0
        ? l10n.t('There is no picture in the folder that PaliGemma 2 can read.')
        : l10n.t('None of the selected files is a picture that PaliGemma 2 can read.'),
    );
    return undefined;
  }
  return { images, isFolder: folders.length > 0 };
}

/** Undefined where no text is meant; empty where the text at the cursor means no picture, and the person knows. */
async function imagesInText(args: readonly unknown[], client: ServerClient): Promise<readonly Uri[] | undefined> {
  if (imageTargets<Uri>(args, activeResource()).kind === 'images') return undefined;
  const images = await imagesAtCursor(args, client);
  // The palette asks for files where the text means none.
  if (images === undefined || (images.length === 0 && args[0] === undefined)) return undefined;
  if (images.length === 0) {
    void window.showInformationMessage(
      l10n.t('There is no picture at the cursor. Place it on an image link or the path of a picture on this machine.'),
    );
  }
  return images;
}

/** Pictures that an editor tab in sight shows, the one in front first. */
export function openImages(): Uri[] {
  const active = activeResource();
  const others = window.tabGroups.all.map(group => group.activeTab?.input).flatMap(input =>
    input instanceof TabInputCustom || input instanceof TabInputText ? [input.uri] : []
  );
  const targets = imageTargets<Uri>([active === undefined ? others : [active, ...others]], undefined);
  return targets.kind === 'images' ? [...targets.uris] : [];
}

/** Undefined where the person cancelled. */
async function searchFolders(folders: readonly Uri[]): Promise<readonly Uri[] | undefined> {
  return window.withProgress({
    location: ProgressLocation.Window,
    title: l10n.t('Looking for pictures'),
    cancellable: true,
  }, async (_progress, token) => {
    const { images, isCut } = await imagesInFolders(folders, token);
    if (token.isCancellationRequested) return undefined;
    if (isCut) {
      void window.showWarningMessage(
        l10n.t(
          'There are more than {0} pictures. The first {0} are taken; run the command on smaller folders for the others.',
          MAX_FOLDER_IMAGES,
        ),
      );
    }
    return images;
  });
}

/** What the editor tab in front shows. */
function activeResource(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof TabInputText || input instanceof TabInputCustom) return input.uri;
  if (input instanceof TabInputTextDiff) return input.modified;
  return undefined;
}

async function pickImages(): Promise<readonly Uri[] | undefined> {
  return window.showOpenDialog({
    canSelectMany: true,
    title: l10n.t('Choose Pictures'),
    openLabel: l10n.t('Choose'),
    filters: { [l10n.t('Pictures')]: [...imageExtensions] },
  });
}
