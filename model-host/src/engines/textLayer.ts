/** Text that a document brings: exact, and there without a model. */
import type { GenerateParams, GenerateResult } from '../contract/protocol';
import { readPicture } from '../image/load';
import { readPdfPage } from '../image/pdf';

/** What asks for the text of a picture and nothing else. */
const READ_PROMPT = 'ocr';

/**
 * The text layer of the page as an answer. Undefined where a model has to look: for another prompt, a picture, a page
 * without text, and where the layer is not wanted.
 * @throws Failure as `loadImage`; DOMException `AbortError`.
 */
export async function textLayerAnswer(
  { imagePath, prefix, ignoresTextLayer }: GenerateParams,
  signal: AbortSignal,
): Promise<GenerateResult | undefined> {
  if (prefix !== READ_PROMPT || ignoresTextLayer === true) return undefined;
  const started = performance.now();
  const { bytes, page, kind, sha256 } = await readPicture(imagePath, signal);
  if (!kind.readable || kind.kind !== 'pdf') return undefined;
  const { widthPx, heightPx, text } = await readPdfPage(imagePath, bytes, page, signal);
  if (text === '') return undefined;
  return {
    image: { widthPx, heightPx, sha256 },
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
