/** "Insert Text of Image" among the choices of the editor for a picture that is pasted or dropped into text. */
import {
  DocumentDropEdit,
  DocumentDropOrPasteEditKind,
  DocumentPasteEdit,
  DocumentPasteTriggerKind,
  Disposable,
  Selection,
  Uri,
  WorkspaceEdit,
  l10n,
  languages,
  workspace,
} from 'vscode';
import type {
  CancellationToken,
  DataTransfer,
  DocumentDropEditProvider,
  DocumentPasteEditContext,
  DocumentPasteEditProvider,
  LogOutputChannel,
  Position,
  Range,
  TextDocument,
} from 'vscode';
import { altTextFault } from '../../../paligemma/src/answers/altText';
import { imageLink } from '../../../paligemma/src/answers/markdown';
import { proseFaultText } from '../../../paligemma/src/answers/proseFaults';
import { given } from '../../../paligemma/src/given';
import { relativeTo } from '../../../batch/src/relativePaths';
import { pictureFileOf } from '../images/pictureFile';
import { taskPrompt } from '../../../paligemma/src/prompts';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import { commentMarksOf } from './commentMarks';
import { DropChoices } from './dropChoices';
import type { ChosenDrop } from './dropChoices';
import { continuationAfter, setInto } from './continuation';
import { tellNotInserted } from './notInserted';
import { newPicture, type NewFile } from './newPicture';
import { readText } from '../../../paligemma/src/answers/readText';
import type { Picture, PictureReader } from './pictureReader';
import { TextPlaces } from './textPlaces';
import { window } from '../common/window';

const own = DocumentDropOrPasteEditKind.Empty.append('paligemma');
const textKind = own.append('text');
const linkKind = own.append('link');
const nothingKind = own.append('nothing');
/** Whatever else the editor offers goes first. */
const others = [
  DocumentDropOrPasteEditKind.Text,
  ...['uri', 'markdown', 'html', 'css', 'image', 'chat'].map(kind => DocumentDropOrPasteEditKind.Empty.append(kind)),
];
const mimeTypes = ['image/*', 'text/uri-list', 'files'];
const markdownLanguages = ['markdown', 'mdx', 'quarto', 'rmd'];

type Wish = 'text' | 'link' | 'nothing';

interface OwnEdit {
  readonly wish: Wish;
  readonly source: { picture(): Promise<Picture> };
  readonly document: TextDocument;
  readonly position: Position;
}

class OwnPasteEdit extends DocumentPasteEdit {
  constructor(readonly wanted: OwnEdit, title: string, kind: DocumentDropOrPasteEditKind) {
    super('', title, kind);
  }
}

/** Finding out that there is a picture is all that happens before a choice: the model runs when its choice was made. */
export function registerPasteAndDrop(reader: PictureReader, log: LogOutputChannel): Disposable {
  const everywhere = { pattern: '**' };
  const kinds = [textKind, linkKind, nothingKind];
  const provider = new PasteAndDrop(reader, log);
  return Disposable.from(
    provider,
    languages.registerDocumentPasteEditProvider(everywhere, provider, {
      providedPasteEditKinds: kinds,
      pasteMimeTypes: mimeTypes,
    }),
    languages.registerDocumentDropEditProvider(everywhere, provider, {
      providedDropEditKinds: kinds,
      dropMimeTypes: mimeTypes,
    }),
  );
}

class PasteAndDrop implements DocumentPasteEditProvider<OwnPasteEdit>, DocumentDropEditProvider {
  private readonly choices: DropChoices;

  constructor(private readonly reader: PictureReader, private readonly log: LogOutputChannel) {
    this.choices = new DropChoices(error => showFailure(toFailure(error, l10n.t), log, error));
  }

  dispose(): void {
    this.choices.dispose();
  }

  async provideDocumentPasteEdits(
    document: TextDocument,
    ranges: readonly Range[],
    dataTransfer: DataTransfer,
    { triggerKind, only }: DocumentPasteEditContext,
    token: CancellationToken,
  ): Promise<OwnPasteEdit[]> {
    const isAutomatic = triggerKind === DocumentPasteTriggerKind.Automatic;
    // "Paste As…" inserts what a choice holds and asks for no more: there, only who names ours gets it, complete.
    const isNamed = only !== undefined && only.value !== '' && only.intersects(own);
    const source = isAutomatic || isNamed ? await pictureIn(dataTransfer, document) : undefined;
    const position = ranges[0]?.start;
    if (source === undefined || position === undefined) return [];
    const edits = wishes(source, document, isAutomatic).filter(wish => only?.contains(kindOf(wish)) ?? true).map(
      wish => {
        const edit = new OwnPasteEdit({ wish, source, document, position }, titleOf(wish), kindOf(wish));
        edit.yieldTo = yieldsOf(wish);
        return edit;
      },
    );
    return isNamed ? Promise.all(edits.slice(0, 1).map(edit => this.resolveDocumentPasteEdit(edit, token))) : edits;
  }

  async resolveDocumentPasteEdit(edit: OwnPasteEdit, token: CancellationToken): Promise<OwnPasteEdit> {
    const told = await this.insertionFor(edit.wanted, token);
    if (told === undefined) return edit;
    const { text, file } = told;
    const { document, position } = edit.wanted;
    if (file !== undefined) {
      edit.additionalEdit = new WorkspaceEdit();
      edit.additionalEdit.createFile(file.uri, { contents: file.bytes });
    }
    const before = document.lineAt(position.line).text.slice(0, position.character);
    // The editor itself indents what is pasted like the line that it goes into.
    edit.insertText = setInto(text, {
      ...continuationAfter(before, await commentMarksOf(document.languageId)),
      indent: '',
    }, '\n');
    return edit;
  }

  async provideDocumentDropEdits(
    document: TextDocument,
    position: Position,
    dataTransfer: DataTransfer,
  ): Promise<DocumentDropEdit[]> {
    const source = await pictureIn(dataTransfer, document);
    if (source === undefined) return [];
    this.choices.forget();
    return wishes(source, document, true).map(wish => {
      const marker = this.choices.expect(chosen => this.insertDropped({ wish, source, document, position }, chosen));
      const edit = new DocumentDropEdit(marker, titleOf(wish), kindOf(wish));
      edit.yieldTo = yieldsOf(wish);
      return edit;
    });
  }

  /** The text goes where the picture was dropped, as one step for Undo, wherever the cursor is meanwhile. */
  private async insertDropped(wanted: OwnEdit, { editor, position }: ChosenDrop): Promise<void> {
    editor.selection = new Selection(position, position);
    const places = new TextPlaces(editor);
    try {
      const told = await this.insertionFor(wanted);
      if (told === undefined) return;
      const { text, file } = told;
      const isThere = await places.insert(text, await commentMarksOf(wanted.document.languageId), file);
      if (!isThere) tellNotInserted(text);
    } finally {
      places.dispose();
    }
  }

  /** Undefined where nothing is to be inserted; the person knows why. */
  private async insertionFor(
    { wish, source, document }: OwnEdit,
    token?: CancellationToken,
  ): Promise<Insertion | undefined> {
    if (wish === 'nothing') {
      this.offer(source, document);
      return undefined;
    }
    try {
      if (wish === 'link') return await this.link(await source.picture(), document, token);
      const text = await this.read(await source.picture(), token);
      return text === undefined ? undefined : { text };
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.log, error);
      return undefined;
    }
  }

  /** After a paste that had nothing to insert: its text is one click away. Returns without waiting for an answer. */
  private offer(source: OwnEdit['source'], document: TextDocument): void {
    const editor = window.visibleTextEditors.find(visible => visible.document === document);
    if (editor === undefined) return;
    const places = new TextPlaces(editor);
    const insert = titleOf('text');
    window.showInformationMessage(l10n.t('A picture cannot be inserted into this text, but its words can.'), insert)
      .then(async choice => {
        const text = choice === insert ? await this.read(await source.picture()) : undefined;
        if (text === undefined) return;
        if (!await places.insert(text, await commentMarksOf(document.languageId))) tellNotInserted(text);
      }).then(undefined, (error: unknown) => showFailure(toFailure(error, l10n.t), this.log, error)).then(() =>
        places.dispose()
      );
  }

  private async read(picture: Picture, token?: CancellationToken): Promise<string | undefined> {
    const result = await this.reader.ask(picture, 'ocr', l10n.t('Reading text'), token);
    if (result === undefined) return undefined;
    const text = readText(result);
    if (text === '') void window.showInformationMessage(l10n.t('No text was found in the picture.'));
    return text === '' ? undefined : text;
  }

  /** A link with alt text, or without where the model says nothing that can stand there; the person hears why. */
  private async link(
    picture: Picture,
    document: TextDocument,
    token?: CancellationToken,
  ): Promise<Insertion | undefined> {
    const prompt = taskPrompt({
      task: 'caption',
      language: workspace.getConfiguration('paligemma', document).get('language', 'en'),
    });
    const result = await this.reader.ask(picture, prompt, l10n.t('Captioning'), token);
    if (result === undefined) return undefined;
    const file = 'uri' in picture ? undefined : await newPicture(document.uri, picture);
    const image = relativeTo(document.uri.fsPath, 'uri' in picture ? picture.uri.fsPath : file?.uri.fsPath ?? '');
    const fault = altTextFault(result);
    if (fault !== undefined) void window.showWarningMessage(proseFaultText(fault, image, l10n.t));
    return { text: imageLink({ ...result, image }, document.languageId), ...given({ file }) };
  }
}

/** What goes into the text, and the file beside it that it needs, as one step. */
interface Insertion {
  readonly text: string;
  readonly file?: NewFile;
}

type PictureSource = OwnEdit['source'] & { readonly isFile: boolean };

/**
 * The one picture of a transfer: a file by its name, or bytes without one. Several are not for the middle of a text.
 */
async function pictureIn(dataTransfer: DataTransfer, document: TextDocument): Promise<PictureSource | undefined> {
  if (!workspace.isTrusted) return undefined;
  const list = await dataTransfer.get('text/uri-list')?.asString();
  const uris = (list ?? '').split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#'));
  if (uris.length > 1) return undefined;
  if (uris[0] !== undefined) {
    const opened = [document.uri, ...(workspace.workspaceFolders ?? []).map(folder => folder.uri)];
    const file = pictureFileOf(uris[0], opened.map(uri => uri.toString()));
    if (file !== undefined) {
      const uri = Uri.parse(file);
      return {
        isFile: true,
        picture: () => Promise.resolve({ uri }),
      };
    }
  }
  for (const [mimeType, item] of dataTransfer) {
    const file = mimeType.startsWith('image/') ? item.asFile() : undefined;
    if (file === undefined) continue;
    // Once the choices are told, the editor no longer hands out the bytes.
    const bytes = await file.data();
    return { isFile: false, picture: () => Promise.resolve({ mimeType, bytes }) };
  }
  return undefined;
}

/**
 * The editor applies the first choice at once, and it may have none of its own for bare bytes. Then doing nothing must
 * be the first: a model that runs for seconds, and text that nobody asked for, are not what a paste is for.
 */
function wishes({ isFile }: PictureSource, document: TextDocument, isAutomatic: boolean): Wish[] {
  const isMarkdown = markdownLanguages.includes(document.languageId);
  return [
    ...(isAutomatic && !isFile ? ['nothing' as const] : []),
    'text',
    ...(isMarkdown && document.uri.scheme === 'file' ? ['link' as const] : []),
  ];
}

function titleOf(wish: Wish): string {
  switch (wish) {
    case 'text':
      return l10n.t('Insert Text of Image (OCR)');
    case 'link':
      return l10n.t('Insert as Link with Alt Text');
    case 'nothing':
      return l10n.t('Insert Nothing');
  }
}

function kindOf(wish: Wish): DocumentDropOrPasteEditKind {
  return wish === 'text' ? textKind : wish === 'link' ? linkKind : nothingKind;
}

function yieldsOf(wish: Wish): DocumentDropOrPasteEditKind[] {
  return wish === 'nothing' ? others : wish === 'text' ? [...others, nothingKind] : [...others, nothingKind, textKind];
}
