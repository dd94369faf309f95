/** What the language server knows of a picture, and which pictures lie beside it. */
import { Uri } from 'vscode';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import type { ServerClient } from '../connection/languageClient';
import { imagesBeside } from '../images/folderImages';
import type { LocalImages } from '../images/localImages';
import type { PlaceInSeries } from './pictureSeries';
import { imagePath, pagesAround } from '../images/documentPages';
import type { NotedAnswer } from './viewServices';

interface AnswerParts {
  readonly client: ServerClient;
  readonly local: LocalImages;
  /** What has to stand beside the answers of a model. */
  readonly noteOn: (model: string) => Promise<string | undefined>;
}

/** Newest first, whatever file system the picture is of: its content decides. */
export function answersOf(image: Uri, { client, local }: AnswerParts): Promise<readonly KnownAnswer[]> {
  return local.with([image], ([file]) => client.knownAnswers((file ?? image).toString()));
}

/** One of them with the picture as the person knows it; undefined where it is not kept any more. */
export async function answerOf(
  image: Uri,
  key: string,
  { client, noteOn }: AnswerParts,
): Promise<NotedAnswer | undefined> {
  const result = await client.storedAnswer(key);
  if (result === undefined) return undefined;
  return {
    result: { ...result, image: { ...result.image, path: imagePath(image) } },
    note: await noteOn(result.model),
  };
}

/** A page among those of its document, another picture among those of its folder. */
export async function placeAmong(image: Uri, parts: AnswerParts): Promise<PlaceInSeries> {
  const around = await pagesAround(image, document => countPages(document, parts));
  if (around !== undefined) {
    const imageUris = around.pages.map(uri => uri.toString());
    return { series: { kind: 'document', name: baseName(image), imageUris }, index: around.index };
  }
  const imageUris = (await imagesBeside(image)).map(uri => uri.toString());
  return {
    series: { kind: 'folder', name: baseName(Uri.joinPath(image, '..')), imageUris },
    index: imageUris.indexOf(image.toString()),
  };
}

/** How many pages a picture has, of whatever file system. */
export function countPages(image: Uri, { client, local }: Pick<AnswerParts, 'client' | 'local'>): Promise<number> {
  return local.with([image], ([file]) => client.pageCount((file ?? image).toString()));
}

function baseName({ path }: Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
