/** From the arguments of a command to the pictures it runs on. */
import { TabInputCustom, TabInputText, TabInputTextDiff, TabInputWebview, l10n, window } from 'vscode';
import type { Uri } from 'vscode';
import type { ImageViews } from '../viewer/imageViews';
import { IMAGE_VIEW_TYPE } from '../viewer/imageViews';
import { imageTargets } from './imageTargets';
import { imageExtensions } from './imageTypes';

/** Undefined where there is nothing to run on; the person knows why, or has left the file picker. */
export async function chooseImages(args: readonly unknown[], views: ImageViews): Promise<readonly Uri[] | undefined> {
  const targets = imageTargets<Uri>(args, activeResource(views));
  const uris = targets.kind === 'images' ? targets.uris : targets.kind === 'pick' ? await pickImages() : [];
  if (uris === undefined) return undefined;
  if (uris.length === 0) {
    void window.showInformationMessage(l10n.t('None of the selected files is a picture that PaliGemma 2 can read.'));
    return undefined;
  }
  const elsewhere = uris.find(uri => uri.scheme !== 'file');
  if (elsewhere !== undefined) {
    void window.showErrorMessage(l10n.t('PaliGemma 2 reads pictures from files on disk, and {0} is not one. Save a copy of it in a folder and try again.', elsewhere.path));
    return undefined;
  }
  return uris;
}

/** What the editor tab in front shows. */
function activeResource(views: ImageViews): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof TabInputText || input instanceof TabInputCustom) return input.uri;
  if (input instanceof TabInputTextDiff) return input.modified;
  // The editor puts a prefix of its own before the type of a panel.
  if (input instanceof TabInputWebview && input.viewType.endsWith(IMAGE_VIEW_TYPE)) return views.activeImage;
  return undefined;
}

async function pickImages(): Promise<readonly Uri[] | undefined> {
  return window.showOpenDialog({
    canSelectMany: true, title: l10n.t('Choose Pictures'), openLabel: l10n.t('Choose'),
    filters: { [l10n.t('Pictures')]: [...imageExtensions] },
  });
}
