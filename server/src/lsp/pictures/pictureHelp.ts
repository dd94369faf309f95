/** What the server knows of pictures on this machine, for every kind of document that names some. */
import { createHash } from 'node:crypto';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { isImageTarget } from '../../../../paligemma/src/pictureTypes';
import type { ThumbnailResult } from '../../../../model-host/src/contract/protocol';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ImageLink } from '../../imageLinks/imageLink';
import type { KnownAnswer } from '../../contract/answers';
import { captionAmong, type KnownResults } from '../../runs/knownResults';
import { fromStore } from '../../runs/runner';
import type { RunServices } from '../../runs/runServices';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { localImagePath } from '../../runs/imagePath';
import type { Client } from '../connection/client';
import { pictureHover } from './pictureHover';
import { targetPaths } from './targets';
import { Pictures, type PictureSize, type PictureSizePx, type PreviewedPicture, type RegionsOf } from './pictures';
import { Thumbnails } from './thumbnails';

/** Thousands of answers about one picture are read in less. */
const ANSWERS_PATIENCE_MS = 10_000;
/** Answers of nobody's that a page may still ask for. */
const MOST_LENT = 200;

export interface PictureHelpOptions {
  readonly client: Client;
  readonly services: Pick<RunServices, 'store' | 'known' | 'pictureHashes' | 'pictureHost'>;
  readonly cachePath: string;
}

export class PictureHelp {
  readonly thumbnails: Thumbnails;
  private readonly results: KnownResults;
  private readonly pictures: Pictures;
  private readonly lent = new Map<string, RunResult>();

  constructor(private readonly options: PictureHelpOptions) {
    const { client, services: { store, known, pictureHashes, pictureHost }, cachePath } = options;
    const { log, timers, trust } = client;
    this.thumbnails = new Thumbnails({
      cachePath,
      make: (params, token) => pictureHost.use(host => host.thumbnail(params, token), token),
    });
    this.results = known;
    this.pictures = new Pictures({
      known,
      hashes: pictureHashes,
      thumbnails: this.thumbnails,
      read: key => store.peek(key),
      timers,
      log,
      isTrusted: () => trust.isGiven,
    });
  }

  /** More is known of some picture than was answered before. */
  onDidChange(listener: () => void): void {
    this.results.onDidChange(listener);
  }

  /** Call when a run is done: the store may know more now. */
  runDone(): void {
    this.results.invalidate();
  }

  /** The file that a link of a document means; undefined where there is none on this machine. */
  pathOf(
    link: Pick<ImageLink, 'target' | 'kind' | 'bases' | 'mayLackExtension'>,
    documentUri: string,
  ): Promise<string | undefined> {
    return this.pictures.pathOf(link, { documentUri, workspaceFolderUris: this.options.client.folders.uris });
  }

  /** `elsewhere`: its address is none of this machine, or only known when the page is made. */
  async whereabouts(link: ImageLink, documentUri: string): Promise<'found' | 'missing' | 'elsewhere'> {
    if (await this.pathOf(link, documentUri) !== undefined) return 'found';
    const place = { documentUri, workspaceFolderUris: this.options.client.folders.uris };
    // Braces, dollars and angles are those of templates and macros.
    const isWritten = !/[{}$<>\\]/.test(link.target) && isImageTarget(link.target);
    return isWritten && targetPaths(link, place).length > 0 ? 'missing' : 'elsewhere';
  }

  /** The same for a path or URI in a string. */
  pathOfTarget(target: string, documentUri: string): Promise<string | undefined> {
    return this.pathOf({ target, kind: 'string' }, documentUri);
  }

  /** The text of a hover, Markdown. @throws CancelledError */
  async markdown(imagePath: string, token: CancellationToken): Promise<string> {
    return this.hoverOf(await this.pictures.preview(imagePath, token), token);
  }

  /** The same with regions of somebody's own drawn on it. @throws CancelledError */
  async drawnMarkdown(imagePath: string, regionsOf: RegionsOf, token: CancellationToken): Promise<string> {
    return this.hoverOf(await this.pictures.drawn(imagePath, regionsOf, token), token);
  }

  /** Of the upright picture, as its first bytes tell it; undefined where they do not. Never rejects. */
  sizeOf(imagePath: string): Promise<PictureSizePx | undefined> {
    return this.pictures.sizeOf(imagePath);
  }

  /** Makes an answer that no model gave one that {@link answer} knows for a while. @returns its key. */
  lend(result: RunResult): string {
    const { suffix, prompt, image: { sha256, path: imagePath } } = result;
    const written = JSON.stringify([sha256, imagePath, prompt, suffix]);
    const key = createHash('sha256').update(written).digest('hex');
    this.lent.delete(key);
    this.lent.set(key, result);
    const [oldest] = this.lent.keys();
    if (this.lent.size > MOST_LENT && oldest !== undefined) this.lent.delete(oldest);
    return key;
  }

  private hoverOf(picture: PreviewedPicture, token: CancellationToken): string {
    const { abilities, settings } = this.options.client;
    throwIfCancelled(token);
    return pictureHover(picture, {
      commandLinks: abilities.runsCommandLinks,
      language: settings.language,
      showsPictures: abilities.thumbnailSuffix !== undefined,
    });
  }

  /** The same by URI; undefined where the picture is not on this machine. @throws CancelledError */
  async markdownOf(imageUri: string, token: CancellationToken): Promise<string | undefined> {
    const imagePath = localImagePath(imageUri);
    return imagePath === undefined ? undefined : this.markdown(imagePath, token);
  }

  /** The picture in the size of a screen, or of a tile. @throws Failure where it cannot be read; CancelledError. */
  scaled(imagePath: string, size: PictureSize, token: CancellationToken): Promise<ThumbnailResult> {
    return this.pictures.scaled(imagePath, size, token);
  }

  /** How many pages a document has; a picture has one. @throws Failure where it cannot be read; CancelledError. */
  pages(imagePath: string, token: CancellationToken): Promise<number> {
    return this.options.services.pictureHost.use(host => host.countPages(imagePath, token), token);
  }

  /** Every answer about a picture, newest first; empty for what cannot be read. @throws CancelledError */
  async known(imagePath: string, token: CancellationToken): Promise<readonly KnownAnswer[]> {
    try {
      return (await this.pictures.look(imagePath, token)).known;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return [];
    }
  }

  /**
   * The same, where the disk may take its time: a person looks at this picture, and one that cannot be read is told.
   * @throws Failure where it cannot be read; CancelledError.
   */
  async answers(imagePath: string, token: CancellationToken): Promise<readonly KnownAnswer[]> {
    const { sha256 } = await this.options.services.pictureHashes.of(imagePath, token);
    const answers = await this.results.of(sha256, ANSWERS_PATIENCE_MS);
    throwIfCancelled(token);
    return answers;
  }

  /** The whole answer of a key; undefined where it is not kept any more. @throws CancelledError */
  async answer(key: string, token: CancellationToken): Promise<RunResult | undefined> {
    const lent = this.lent.get(key);
    if (lent !== undefined) return lent;
    const stored = await this.options.services.store.get(key);
    throwIfCancelled(token);
    return stored === undefined ? undefined : fromStore(stored, stored.model, stored.image.path);
  }

  /** The caption that is known of a picture. @throws CancelledError */
  async caption(imagePath: string, token: CancellationToken): Promise<string | null> {
    const known = await this.known(imagePath, token);
    return captionAmong(known, this.options.client.settings.language)?.text.trim() ?? null;
  }
}
