/** The requests about pictures that texts name, whatever document they stand in. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { Failure } from '../../../../paligemma/src/failures';
import {
  imageCaption,
  imageHover,
  imagesAt,
  pageCount,
  picturePreview,
  pictureThumbnail,
  type ImagesAtParams,
  type ImagesAtResult,
} from '../../contract/imageLinks';
import { knownAnswers, storedAnswer } from '../../contract/answers';
import { imageUriOf, localImagePath } from '../../runs/imagePath';
import { isResultKey } from '../../runs/resultStore';
import { throwIfCancelled } from '../../util/cancellation';
import type { Client } from '../connection/client';
import type { PictureHelp } from '../pictures/pictureHelp';

export interface PictureRequestContext {
  readonly client: Pick<Client, 'requests'>;
  readonly pictures: PictureHelp;
  /** Of an open document; undefined where no kind of document knows the place. */
  readonly imagesAt: (place: ImagesAtParams, token: CancellationToken) => Promise<ImagesAtResult> | undefined;
  /** Whether the pictures of an open document have hovers of their own. */
  readonly hasHovers: (documentUri: string) => boolean;
}

export function registerPictureRequests({ client: { requests }, pictures, ...kinds }: PictureRequestContext): void {
  requests.on(imageHover, async (params, token) => {
    const { documentUri, target } = (params ?? {}) as { readonly documentUri?: unknown; readonly target?: unknown };
    if (typeof documentUri !== 'string' || typeof target !== 'string') {
      throw notWellFormed(imageHover.method, '{ documentUri: string, target: string }');
    }
    if (kinds.hasHovers(documentUri)) return null;
    const imagePath = await pictures.pathOfTarget(target, documentUri);
    return imagePath === undefined ? null : { markdown: await pictures.markdown(imagePath, token) };
  });

  for (const [request, size] of [[picturePreview, 'large'], [pictureThumbnail, 'small']] as const) {
    requests.on(request, async (params, token) => {
      const imagePath = readImagePath(params);
      if (imagePath === undefined) throw notWellFormed(request.method, '{ imageUri: "file:…" }');
      const { path, widthPx, heightPx } = await pictures.scaled(imagePath, size, token);
      return { path, widthPx, heightPx };
    });
  }

  requests.on(imageCaption, async (params, token) => {
    const imageUri = readImageUri(params);
    if (imageUri === undefined) throw notWellFormed(imageCaption.method, '{ imageUri: "file:…" }');
    const imagePath = localImagePath(imageUri);
    return imagePath === undefined ? null : pictures.caption(imagePath, token);
  });

  requests.on(knownAnswers, async (params, token) => {
    const imagePath = readImagePath(params);
    if (imagePath === undefined) throw notWellFormed(knownAnswers.method, '{ imageUri: "file:…" }');
    return pictures.answers(imagePath, token);
  });

  requests.on(pageCount, async (params, token) => {
    const imagePath = readImagePath(params);
    if (imagePath === undefined) throw notWellFormed(pageCount.method, '{ imageUri: "file:…" }');
    return pictures.pages(imagePath, token);
  });

  requests.on(storedAnswer, async (params, token) => {
    const { key } = (params ?? {}) as { readonly key?: unknown };
    if (!isResultKey(key)) throw notWellFormed(storedAnswer.method, '{ key: string }');
    return (await pictures.answer(key, token)) ?? null;
  });

  requests.on(imagesAt, async (params, token) => {
    const place = readImagesAt(params);
    const found = await kinds.imagesAt(place, token);
    if (found !== undefined || place.target === undefined) return found ?? { imageUris: [] };
    const imagePath = await pictures.pathOfTarget(place.target, place.documentUri);
    throwIfCancelled(token);
    return { imageUris: imagePath === undefined ? [] : [imageUriOf(imagePath)] };
  });
}

/** @throws Failure `badArgument` */
function readImagesAt(params: unknown): ImagesAtParams {
  const { documentUri, line, character, target } = (params ?? {}) as { readonly [K in keyof ImagesAtParams]?: unknown };
  const isPlace = [line, character].every(value => Number.isSafeInteger(value) && (value as number) >= 0);
  if (typeof documentUri !== 'string' || !isPlace || (target !== undefined && typeof target !== 'string')) {
    throw notWellFormed(imagesAt.method, '{ documentUri: string, line: number, character: number }');
  }
  return params as ImagesAtParams;
}

function readImagePath(params: unknown): string | undefined {
  return localImagePath(readImageUri(params));
}

function readImageUri(params: unknown): string | undefined {
  const { imageUri } = (params ?? {}) as { readonly imageUri?: unknown };
  return typeof imageUri === 'string' ? imageUri : undefined;
}

/** @param needs Names of the wire, in English as they are sent. */
function notWellFormed(request: string, needs: string): Failure {
  return new Failure('badArgument', l10n.t('The request “{0}” is not well formed: it needs {1}.', request, needs));
}
