/** The command that reads a picture and inserts its text at the cursors. */
import { ViewColumn, l10n, workspace } from 'vscode';
import type { QuickPickItem, TextEditor, Uri } from 'vscode';
import { openImages } from '../images/chooseImages';
import { imageName } from '../images/documentPages';
import { imageTargets } from '../images/imageTargets';
import { imageExtensions } from '../../../paligemma/src/pictureTypes';
import { isTrustedOrAsk } from '../common/trust';
import { readClipboardPicture } from './clipboardPicture';
import { commentMarksOf } from './commentMarks';
import { readText } from '../../../paligemma/src/answers/readText';
import type { Picture, PictureReader } from './pictureReader';
import { tellNotInserted } from './notInserted';
import { TextPlaces } from './textPlaces';
import { window } from '../common/window';

export interface OcrParts {
  readonly reader: PictureReader;
  readonly extensionUri: Uri;
}

type Source = QuickPickItem & { take(): Promise<Picture | undefined> };

/**
 * @param args A picture of a menu; or `"clipboard"`, for a keybinding; else the person is asked where the picture is.
 */
export async function ocrToEditor(args: readonly unknown[], parts: OcrParts): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const editor = targetEditor();
  // Before anything takes the focus: the text goes where the person was.
  const places = editor === undefined ? undefined : new TextPlaces(editor);
  try {
    const picture = await choosePicture(args, parts);
    // The page that reads the clipboard took the focus with it when it closed.
    if (editor !== undefined && picture !== undefined && 'bytes' in picture) {
      await window.showTextDocument(editor.document, {
        viewColumn: editor.viewColumn ?? ViewColumn.Active,
        preview: false,
      });
    }
    if (picture === undefined) return;
    const result = await parts.reader.ask(picture, 'ocr', l10n.t('Reading text'));
    if (result === undefined) return;
    const text = readText(result);
    if (text === '') void window.showInformationMessage(l10n.t('No text was found in the picture.'));
    else await insert(text, places);
  } finally {
    places?.dispose();
  }
}

/** Output panels and the like look like editors, and cannot be written. */
function targetEditor(): TextEditor | undefined {
  const isText = ({ document }: TextEditor) => !['output', 'vscode-scm', 'debug'].includes(document.uri.scheme);
  const { activeTextEditor: active } = window;
  return active !== undefined && isText(active) ? active : window.visibleTextEditors.find(isText);
}

async function insert(text: string, places: TextPlaces | undefined): Promise<void> {
  if (places === undefined) {
    await window.showTextDocument(await workspace.openTextDocument({ content: text }));
    return;
  }
  if (await places.insert(text, await commentMarksOf(places.document.languageId))) return;
  tellNotInserted(text);
}

async function choosePicture(args: readonly unknown[], { extensionUri }: OcrParts): Promise<Picture | undefined> {
  const named = imageTargets<Uri>(args, undefined);
  if (named.kind === 'images' && named.uris[0] !== undefined) return { uri: named.uris[0] };
  const clipboard: Source = {
    label: `$(clippy) ${l10n.t('Picture on the Clipboard')}`,
    take: () => fromClipboard(extensionUri),
  };
  if (args[0] === 'clipboard') return clipboard.take();
  const open: Source[] = openImages().map(uri => ({
    label: `$(file-media) ${imageName(uri)}`,
    description: l10n.t('open'),
    take: () => Promise.resolve({ uri }),
  }));
  const file: Source = { label: `$(folder-opened) ${l10n.t('Choose a File…')}`, take: fromFile };
  const choice = await window.showQuickPick([clipboard, ...open, file], {
    title: l10n.t('OCR Screenshot into Editor'),
    placeHolder: l10n.t('Where is the picture?'),
  });
  return choice?.take();
}

async function fromClipboard(extensionUri: Uri): Promise<Picture | undefined> {
  const picture = await readClipboardPicture(extensionUri);
  if (picture === 'none') {
    void window.showInformationMessage(
      l10n.t('There is no picture on the clipboard. Copy one, for example a screenshot, and try again.'),
    );
  }
  return picture === 'none' || picture === 'cancelled' ? undefined : picture;
}

async function fromFile(): Promise<Picture | undefined> {
  const [uri] = await window.showOpenDialog({
    title: l10n.t('Choose a Picture'),
    openLabel: l10n.t('Choose'),
    filters: { [l10n.t('Pictures')]: [...imageExtensions] },
  }) ?? [];
  return uri === undefined ? undefined : { uri };
}
