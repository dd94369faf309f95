import { plainLine } from '../../../paligemma/src/plainText';
import sharp from 'sharp';

/** RGBA, straight alpha: `[heightPx, widthPx, 4]`. */
export interface LabelImage {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Longest text drawn; the rest is an ellipsis. */
const MAX_LABEL_CHARACTERS = 60;

/**
 * Sets a line of text. Any string is safe: it is escaped, shortened and its control characters become spaces.
 * @returns undefined where nothing can be set, for instance because the machine's text library fails; without fonts the
 * result is empty boxes or nothing, never a crash (tried with an empty font folder).
 */
export async function labelImage(
  text: string,
  sizePx: number,
  ink: 'black' | 'white',
): Promise<LabelImage | undefined> {
  const shown = printable(text);
  if (shown === '') return undefined;
  try {
    // At 72 dots per inch a point is a pixel.
    const { data, info } = await sharp({
      text: {
        text: `<span foreground="${ink}">${escapeMarkup(shown)}</span>`,
        font: `sans bold ${sizePx}`,
        dpi: 72,
        rgba: true,
      },
    })
      .raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return info.channels === 4 ? { data, widthPx: info.width, heightPx: info.height } : undefined;
  } catch {
    return undefined;
  }
}

function printable(text: string): string {
  const line = plainLine(text);
  // Not by code points: half a family of emoji, or a letter without its accent, is another sign.
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return characters.length <= MAX_LABEL_CHARACTERS
    ? line
    : `${characters.slice(0, MAX_LABEL_CHARACTERS - 1).join('')}…`;
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
