/** Where LSP methods meet the functions about data sets: one method for each feature. */
import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type CodeLens,
  type CodeLensParams,
  type CompletionList,
  type CompletionParams,
  type DocumentHighlight,
  type DocumentHighlightParams,
  type DocumentLink,
  type DocumentLinkParams,
  type DocumentSymbol,
  type DocumentSymbolParams,
  type Hover,
  type HoverParams,
  type InlayHint,
  type InlayHintParams,
  type Position,
  type PrepareRenameParams,
  type Range,
  type RenameParams,
  type SymbolInformation,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { quotedInner } from '../../../../datasets/src/lines/quoted';
import { Failure } from '../../../../paligemma/src/failures';
import { setActions } from '../../language/dataSets/setActions';
import { completeSet } from '../../language/dataSets/setCompletion';
import type { SetDocument } from '../../language/dataSets/setDocument';
import { setHints } from '../../language/dataSets/setHints';
import { setHover } from '../../language/dataSets/setHover';
import { isLabel, labelAt, labelHighlights, labelSpans } from '../../language/dataSets/setLabels';
import { MOST_LENS_LINES, setLenses } from '../../language/dataSets/setLenses';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { FIX_ALL_KIND, wantsKind } from '../../language/findings/actionKinds';
import { setLinks, setSymbols } from '../../language/dataSets/setOutline';
import { placeAt, rangeIn, rangeOf, type SetPlace } from '../../language/dataSets/setPlace';
import type { ImageFile } from '../../language/knowledge/context';
import { encodePositions, toUtf16 } from '../../language/text/encoding';
import { markup } from '../../language/text/markdown';
import { resolvePath } from '../../language/text/paths';
import { localImagePath } from '../../runs/imagePath';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { Slices } from '../../util/slices';
import type { Client } from '../connection/client';
import type { Answer, DocumentFeatures, InDocument } from '../connection/documentKind';
import { workspaceEdit } from '../connection/workspaceEdits';
import type { PictureHelp } from '../pictures/pictureHelp';
import type { LineMasks } from './lineMasks';
import type { OpenSets } from './openSets';
import { pictureOf, type SetAnswers } from './setAnswers';
import type { SetMending } from './setMending';

export interface SetFeatureParts {
  readonly client: Client;
  readonly sets: OpenSets;
  readonly pictures: PictureHelp;
  readonly answers: SetAnswers;
  readonly masks: LineMasks;
  readonly mending: SetMending;
  readonly workspaceImages: () => Promise<readonly ImageFile[]>;
  /** The person looks at other lines than before. */
  readonly onDidSee: (document: SetDocument) => void;
}

/** Links are asked for a whole document: those of lines around what is seen. */
const MOST_LINK_LINES = 1_000;

export class SetFeatures implements DocumentFeatures {
  constructor(private readonly parts: SetFeatureParts) {}

  completion(params: CompletionParams, token: CancellationToken): Answer<CompletionList> {
    const { client: { settings, abilities }, workspaceImages } = this.parts;
    return this.answer(params, token, async (document, at) => {
      const place = placeAt(document, at(params.position));
      if (place === undefined) return null;
      const images = place.role === 'image' ? await workspaceImages() : [];
      throwIfCancelled(token);
      // An edit may have come while pictures were looked for.
      const now = placeAt(document, at(params.position));
      const options = { images, language: settings.language, isMarkdown: abilities.features.markdown };
      return now === undefined ? null : completeSet(document, now, options);
    });
  }

  hover(params: HoverParams, token: CancellationToken): Answer<Hover> {
    const { client: { settings, abilities } } = this.parts;
    return this.answer(params, token, async (document, at) => {
      const place = placeAt(document, at(params.position));
      if (place === undefined) return null;
      try {
        if (place.role === 'image') return await this.pictureHover(document, place, token);
        const size = place.role === 'suffix' ? await this.sizeOf(document, place) : undefined;
        const hover = setHover(place, size, settings.locDivisor);
        if (hover === undefined) return null;
        const contents = markup(hover.markdown, abilities.features.markdown);
        return hover.range === undefined ? { contents } : { contents, range: hover.range };
      } catch (error) {
        if (error instanceof CancelledError) return null;
        throw error;
      }
    });
  }

  codeLenses(params: CodeLensParams, token: CancellationToken): Answer<CodeLens[]> {
    const { client, sets } = this.parts;
    return this.answer(params, token, document => {
      if (!client.settings.dataSetLenses) return [];
      const canShow = (read: SetLine) => pictureOf(document.uri, read) !== undefined;
      if (document.lines.length <= MOST_LENS_LINES) return setLenses(document, { from: 0, to: Infinity }, canShow);
      return setLenses(document, sets.seen(document.uri), canShow);
    });
  }

  inlayHints(params: InlayHintParams, token: CancellationToken): Answer<InlayHint[]> {
    const { answers } = this.parts;
    return this.answer(params, token, document => {
      const lines = { from: params.range.start.line, to: params.range.end.line + 1 };
      this.see(document, lines);
      return setHints(document, lines, read => answers.get(document.uri, read));
    });
  }

  codeActions(params: CodeActionParams, token: CancellationToken): Answer<CodeAction[]> {
    const { client, mending } = this.parts;
    const { abilities } = client;
    const { diagnostics, only } = params.context;
    return this.answer(params, token, async (document, at) => {
      if (!client.settings.dataSetFindings) return [];
      const range = { start: at(params.range.start), end: at(params.range.end) };
      // On request only: it goes through the whole set.
      if (only !== undefined && wantsKind(only, FIX_ALL_KIND) && !wantsKind(only, CodeActionKind.QuickFix)) {
        const edits = await mending.edits(document, () => true, token);
        return edits.length === 0 ? [] : [fixAll(document, edits)];
      }
      if (!wantsKind(only, CodeActionKind.QuickFix)) return [];
      const own = diagnostics.map(({ range: told, ...each }) => ({
        ...each,
        range: { start: at(told.start), end: at(told.end) },
      }));
      return setActions(document, range, { diagnostics: own, appliesEdits: abilities.appliesEdits });
    });
  }

  documentSymbols(
    params: DocumentSymbolParams,
    token: CancellationToken,
  ): Answer<DocumentSymbol[] | SymbolInformation[]> {
    const { nestsSymbols } = this.parts.client.abilities;
    return this.answer(params, token, document => {
      const symbols = setSymbols(document);
      return nestsSymbols
        ? symbols
        : symbols.map(({ name, kind, range }) => ({ name, kind, location: { uri: document.uri, range } }));
    });
  }

  documentLinks(params: DocumentLinkParams, token: CancellationToken): Answer<DocumentLink[]> {
    return this.answer(params, token, document => {
      const from = Math.max(0, this.parts.sets.seen(document.uri).from - MOST_LINK_LINES / 2);
      return setLinks(document, from, from + MOST_LINK_LINES);
    });
  }

  documentHighlights(params: DocumentHighlightParams, token: CancellationToken): Answer<DocumentHighlight[]> {
    return this.answer(params, token, (document, at) => {
      const place = placeAt(document, at(params.position));
      return place === undefined ? null : labelHighlights(document, place);
    });
  }

  prepareRename(params: PrepareRenameParams, token: CancellationToken): Answer<Range> {
    return this.answer(params, token, (document, at) => {
      const place = placeAt(document, at(params.position));
      return (place === undefined ? undefined : labelAt(place)?.range) ?? null;
    });
  }

  /** Its positions are in the client's units already. */
  async rename(params: RenameParams, token: CancellationToken): Promise<WorkspaceEdit | null> {
    const { sets, client: { abilities } } = this.parts;
    const document = sets.dataSet(params.textDocument.uri);
    if (document === undefined) return null;
    const place = placeAt(document, toUtf16(document.lines, params.position, abilities.encoding));
    const at = place === undefined ? undefined : labelAt(place);
    if (at === undefined) throw new Failure('badArgument', l10n.t('There is no label here to be renamed.'));
    if (!isLabel(params.newName)) {
      throw new Failure(
        'badArgument',
        l10n.t('A label is not empty, has no white space at its ends, and none of ; < > in it.'),
      );
    }
    const edits = await renameEdits(document, at.label, params.newName, token);
    return workspaceEdit([{ document, edits, isOpen: true }], abilities);
  }

  private async pictureHover(document: SetDocument, place: SetPlace, token: CancellationToken): Promise<Hover | null> {
    const { pictures, masks, client: { abilities, settings } } = this.parts;
    const imagePath = localImagePath(resolvePath(document.uri, place.text.value));
    if (imagePath === undefined) return null;
    const regions = masks.regionsOf(place.read, settings.locDivisor, token);
    const markdown = await pictures.drawnMarkdown(imagePath, regions, token);
    const range = rangeOf(place, place.text);
    const contents = markup(markdown, abilities.features.markdown);
    return range === undefined ? { contents } : { contents, range };
  }

  private async sizeOf(document: SetDocument, { read }: SetPlace) {
    const imagePath = localImagePath(resolvePath(document.uri, read.images[0]?.value ?? ''));
    return imagePath === undefined ? undefined : this.parts.pictures.sizeOf(imagePath);
  }

  private see(document: SetDocument, lines: { readonly from: number; readonly to: number }): void {
    if (this.parts.sets.see(document.uri, lines)) this.parts.onDidSee(document);
  }

  /** Runs a feature on the document as it stands, its answer in the client's units. Null for what is no data set. */
  private answer<T>(
    { textDocument: { uri } }: InDocument,
    token: CancellationToken,
    feature: (document: SetDocument, at: (position: Position) => Position) => Answer<T>,
  ): Answer<T> {
    throwIfCancelled(token);
    const { sets, client: { abilities: { encoding } } } = this.parts;
    const document = sets.dataSet(uri);
    if (document === undefined) return null;
    const result = feature(document, position => toUtf16(document.lines, position, encoding));
    const encoded = (value: T | null) => encodePositions(value, document.lines, encoding);
    return result instanceof Promise
      ? result.then(value => {
        throwIfCancelled(token);
        return encoded(value);
      })
      : encoded(result);
  }
}

async function renameEdits(
  document: SetDocument,
  label: string,
  newName: string,
  token: CancellationToken,
): Promise<TextEdit[]> {
  const { version } = document;
  const edits: TextEdit[] = [];
  const slices = new Slices();
  const newText = quotedInner(newName);
  for (let number = 0; number < document.lines.length; number++) {
    const line = document.lines[number];
    const spans = line === undefined ? [] : labelSpans(document, line, label);
    for (const span of spans) edits.push({ range: rangeIn(number, span), newText });
    if (!slices.isOver) continue;
    await slices.turn();
    throwIfCancelled(token);
    // The places are those of a text that is no more.
    if (document.version !== version) throw new CancelledError();
  }
  return edits;
}

function fixAll({ uri }: SetDocument, edits: TextEdit[]): CodeAction {
  return {
    title: l10n.t('Mend everything that is certain'),
    kind: FIX_ALL_KIND,
    edit: { changes: { [uri]: edits } },
  };
}
