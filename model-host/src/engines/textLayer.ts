/** Text that a document brings: exact, and there without a model. */
import { asksForText, isPdfStart, pageOfFile } from '../../../paligemma/src/documentPages';
import type { PictureFacts } from '../../../paligemma/src/runResult';
import type { GenerateParams, GenerateResult, TilesParams, TilesResult } from '../contract/protocol';
import { readStart } from '../../../system/src/plainFile';
import { readPicture } from '../image/load';
import { readPdfPage } from '../image/pdf';

/** Enough to know a PDF by. */
const HEAD_BYTES = 5;

/**
 * The text layer of the page as an answer. Undefined where a model has to look: for another prompt, a picture, a page
 * without text, and where the layer is not wanted.
 * @throws Failure as `loadImage`; DOMException `AbortError`.
 */
export async function textLayerAnswer(
  { imagePath, prefix, ignoresTextLayer }: GenerateParams,
  signal: AbortSignal,
): Promise<GenerateResult | undefined> {
  if (!asksForText(prefix) || ignoresTextLayer === true) return undefined;
  const started = performance.now();
  const layer = await readTextLayer(imagePath, signal);
  if (layer === undefined) return undefined;
  const { image, text } = layer;
  return {
    image,
    device: 'cpu',
    suffix: text,
    tokenIds: [],
    tokenProbabilities: [],
    stopReason: 'eos',
    regions: [],
    text,
    source: 'text layer',
    timings: {
      loadMs: 0,
      imageMs: Math.round(performance.now() - started),
      visionMs: 0,
      prefillMs: 0,
      decodeMs: 0,
      tokens: 0,
    },
  };
}

/**
 * The page as the only part of it, where its text layer answers. Undefined where there is something to cut.
 * @throws as {@link textLayerAnswer}.
 */
export async function textLayerPlan(
  { imagePath, takesTextLayer }: TilesParams,
  signal: AbortSignal,
): Promise<TilesResult | undefined> {
  const layer = takesTextLayer ? await readTextLayer(imagePath, signal) : undefined;
  if (layer === undefined) return undefined;
  const { image } = layer;
  return { image, tiles: [{ box: { x1: 0, y1: 0, x2: image.widthPx, y2: image.heightPx }, isBlank: false }] };
}

/** Undefined for what is no page of a document with a text. */
async function readTextLayer(
  imagePath: string,
  signal: AbortSignal,
): Promise<{ readonly image: PictureFacts; readonly text: string } | undefined> {
  // Any other picture is not read for this.
  const head = await readStart(pageOfFile(imagePath).file, HEAD_BYTES);
  if (head === undefined || !isPdfStart(head)) return undefined;
  const { bytes, page, kind, sha256 } = await readPicture(imagePath, signal);
  if (!kind.readable || kind.kind !== 'pdf') return undefined;
  const { widthPx, heightPx, text } = await readPdfPage(imagePath, bytes, page, signal);
  return text === '' ? undefined : { image: { widthPx, heightPx, sha256 }, text };
}
