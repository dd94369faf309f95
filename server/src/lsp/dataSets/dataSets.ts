/**
 * The kind of document that holds the lines of a data set. Which file is one is seen by what its first lines say: its
 * language and name are those of any file of JSON.
 */
import * as l10n from '@vscode/l10n';
import { pathToFileURL } from 'node:url';
import type {
  CodeLens,
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver/node';
import { isCount, isShape, isString } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ImagesAtParams, ImagesAtResult } from '../../contract/imageLinks';
import { setActionKinds } from '../../language/dataSets/setActions';
import type { SetDocument } from '../../language/dataSets/setDocument';
import { MOST_LENS_LINES, resolvedLens } from '../../language/dataSets/setLenses';
import { placeAt } from '../../language/dataSets/setPlace';
import type { ImageFile } from '../../language/knowledge/context';
import { toUtf16 } from '../../language/text/encoding';
import { resolvePath } from '../../language/text/paths';
import type { RunServices } from '../../runs/runServices';
import { poll } from '../../workspace/fileWatch';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import type { DocumentFeatures, DocumentKind } from '../connection/documentKind';
import type { PictureHelp } from '../pictures/pictureHelp';
import { lineMasks, type LineMasksParams } from '../../contract/dataSets';
import { LineMasks } from './lineMasks';
import { OpenSets } from './openSets';
import { SetAnswers } from './setAnswers';
import { SetChecks } from './setChecks';
import { setCommands } from './setCommands';
import { SetTokens } from './setTokens';
import { SetFeatures } from './setFeatures';
import { SetMending } from './setMending';

export interface DataSetsOptions {
  readonly client: Client;
  readonly services: Pick<RunServices, 'runner' | 'pictureHashes' | 'pictureHost' | 'catalog'>;
  readonly cachePath: string;
  readonly pictures: PictureHelp;
  /** Absolute, of the page that says what each finding means. */
  readonly documentationPath: string;
  readonly workspaceImages: () => Promise<readonly ImageFile[]>;
}

/** As editors call files of lines of JSON. */
const languageIds = new Set(['jsonl', 'json', 'jsonlines', 'ndjson', 'jsonc', 'json5']);
const endings = /\.(?:jsonl|ndjson)$/i;

export class DataSets implements DocumentKind {
  readonly codeActionKinds = setActionKinds;
  readonly completionTriggers: readonly string[] = ['"', '/', ' ', ';'];
  readonly features: DocumentFeatures;
  readonly commands: Commands;
  private readonly sets: OpenSets;
  private readonly checks: SetChecks;
  private readonly answers: SetAnswers;

  constructor(private readonly options: DataSetsOptions) {
    const { client, services, pictures, documentationPath, workspaceImages } = options;
    const sets = this.sets = new OpenSets(() => client.abilities.encoding);
    const tokens = new SetTokens(client, services);
    this.checks = new SetChecks({ client, sets, tokens, documentationUri: pathToFileURL(documentationPath).href });
    this.answers = new SetAnswers(pictures, () => client.refresher.request('inlayHints'));
    const masks = new LineMasks({
      host: services.pictureHost,
      catalog: services.catalog,
      cachePath: options.cachePath,
      model: () => client.settings.model,
    });
    client.requests.on(lineMasks, async (params, token) => {
      const read = readLineMasksParams(params);
      await client.configuration.ready;
      return masks.shapes(read, token);
    });
    const mending = new SetMending(client, sets);
    this.commands = { ...setCommands({ client, services, pictures, sets, masks }), ...mending.commands };
    this.features = new SetFeatures({
      client,
      sets,
      pictures,
      answers: this.answers,
      masks,
      mending,
      workspaceImages,
      onDidSee: document => this.seen(document),
    });
    pictures.onDidChange(() => this.answersChanged());
  }

  accepts(languageId: string, uri: string): boolean {
    return languageIds.has(languageId.toLowerCase()) || endings.test(uri);
  }

  didOpen(params: DidOpenTextDocumentParams): void {
    const document = this.sets.didOpen(params);
    if (document.isDataSet || document.isTooLong) this.checks.look(document);
  }

  didChange(params: DidChangeTextDocumentParams): void {
    const wasSet = this.sets.dataSet(params.textDocument.uri) !== undefined;
    const document = this.sets.didChange(params);
    if (document !== undefined && (wasSet || document.isDataSet || document.isTooLong)) this.checks.look(document);
  }

  didClose(params: DidCloseTextDocumentParams): void {
    this.sets.didClose(params);
    this.checks.closed(params.textDocument.uri);
  }

  resolveCodeLens(lens: CodeLens): CodeLens | undefined {
    return resolvedLens(lens);
  }

  /** By what its lines say. */
  isDataSet(uri: string): boolean {
    return this.sets.dataSet(uri) !== undefined;
  }

  /** The one at the place, else those of the line. Any other file of JSON is read as a text by itself. */
  imagesAt({ documentUri, line, character }: ImagesAtParams): Promise<ImagesAtResult> | undefined {
    const document = this.sets.dataSet(documentUri);
    if (document === undefined) return undefined;
    const { encoding } = this.options.client.abilities;
    const place = placeAt(document, toUtf16(document.lines, { line, character }, encoding));
    const images = place?.role === 'image' ? [place.text] : document.exampleAt(line)?.images ?? [];
    return Promise.resolve({ imageUris: images.flatMap(({ value }) => resolvePath(documentUri, value) ?? []) });
  }

  filesChanged(): void {
    this.answersChanged();
    this.checks.surroundingsChanged();
  }

  runDone({ fromStore }: Pick<RunResult, 'fromStore'>): void {
    if (!fromStore) this.answersChanged();
  }

  start(): Promise<void> {
    const { client } = this.options;
    let { dataSetFindings, dataSetLenses, model } = client.settings;
    client.configuration.onDidChange(settings => {
      const isJudgedAnew = settings.dataSetFindings !== dataSetFindings || settings.model !== model;
      if (isJudgedAnew) { for (const set of this.sets.all()) this.checks.look(set); }
      if (settings.dataSetLenses !== dataSetLenses) client.refresher.request('codeLenses');
      ({ dataSetFindings, dataSetLenses, model } = settings);
    });
    const isUnwatched = () => !client.abilities.watchesFiles && this.sets.all().some(({ isDataSet }) => isDataSet);
    poll(() => this.checks.lookAtPictures(), isUnwatched, client.timers);
    return Promise.resolve();
  }

  private answersChanged(): void {
    this.answers.forget();
    if (this.sets.all().some(({ isDataSet }) => isDataSet)) this.options.client.refresher.request('inlayHints');
  }

  /** Other lines are in view: they are checked in front of the others, and have lenses. */
  private seen(document: SetDocument): void {
    this.checks.look(document);
    if (document.lines.length > MOST_LENS_LINES) this.options.client.refresher.request('codeLenses');
  }
}

/** @throws Failure `badArgument` */
function readLineMasksParams(params: unknown): LineMasksParams {
  if (isMaskParams(params)) return params;
  throw new Failure(
    'badArgument',
    l10n.t(
      'The request “{0}” is not well formed: it needs {1}.',
      lineMasks.method,
      '{ suffix: string, widthPx: number, heightPx: number, maxSidePx: number }',
    ),
  );
}

const isSide = (value: unknown): value is number => isCount(value) && value > 0;
const isMaskParams = isShape<LineMasksParams>({
  suffix: isString,
  widthPx: isSide,
  heightPx: isSide,
  maxSidePx: isSide,
});
