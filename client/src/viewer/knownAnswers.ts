/** What the language server knows of a picture, and which pictures lie beside it. */
import { Uri } from 'vscode';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import type { ServerClient } from '../connection/languageClient';
import { imagesBeside } from '../images/folderImages';
import type { LocalImages } from '../images/localImages';
import type { PlaceInSeries } from './pictureSeries';
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
  const path = image.scheme === 'file' ? image.fsPath : image.path;
  return { result: { ...result, image: { ...result.image, path } }, note: await noteOn(result.model) };
}

/** The picture among those of its folder. */
export async function placeInFolder(image: Uri): Promise<PlaceInSeries> {
  const imageUris = (await imagesBeside(image)).map(uri => uri.toString());
  const { path } = Uri.joinPath(image, '..');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { series: { kind: 'folder', name, imageUris }, index: imageUris.indexOf(image.toString()) };
}
