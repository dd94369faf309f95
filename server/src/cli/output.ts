/** What a result looks like on standard output: a contract for scripts. */
import type { RunResult } from '../../../paligemma/src/runResult';
import type { HostError } from '../../../paligemma/src/failures';
import type { Region } from '../../../paligemma/src/facts';

/**
 * One line: the suffix, after its path and a tab where there are several pictures. Control characters and backslashes
 * are written as in a JSON string (`\n`, `\t`, `\\`, `\u001b`), so that a line stays a line and nothing is lost.
 */
export function textLine(imagePath: string, result: RunResult, hasSeveral: boolean): string {
  return hasSeveral ? `${escapeLine(imagePath)}\t${escapeLine(result.suffix)}` : escapeLine(result.suffix);
}

/** One object on one line. `imagePath`: as it was given. */
export function jsonLine(imagePath: string, result: RunResult): string {
  const { image, model, device, prompt, suffix, tokenIds, stopReason, regions, timings } = result;
  const { loadMs, imageMs, visionMs, prefillMs, decodeMs, tokens } = timings;
  return JSON.stringify({
    image: imagePath,
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    model,
    device,
    prompt,
    suffix,
    tokenIds,
    stopReason,
    regions: regions.map(plainRegion),
    timings: { loadMs, imageMs, visionMs, prefillMs, decodeMs, tokens },
  });
}

/** A failed picture; `imagePath` is absent where the failure belongs to none. */
export function jsonFailure(imagePath: string | undefined, { code, kind, message }: HostError): string {
  return JSON.stringify({ ...(imagePath === undefined ? {} : { image: imagePath }), error: { code, kind, message } });
}

/** The same for a person, on standard error. */
export function textFailure(subject: string | undefined, { code, message }: HostError): string {
  return `paligemma: ${subject === undefined ? '' : `${escapeLine(subject)}: `}${message} (error ${code})`;
}

export function escapeLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f\\]/g,
    character => (character === '\u007f' ? '\\u007f' : JSON.stringify(character).slice(1, -1)),
  );
}

function plainRegion({ label, box, mask }: Region) {
  const { x1, y1, x2, y2 } = box;
  return {
    label,
    box: { x1, y1, x2, y2 },
    ...(mask === undefined ? {} : { mask: { width: mask.width, height: mask.height, png: mask.png } }),
  };
}
