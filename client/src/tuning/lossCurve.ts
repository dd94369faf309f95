/** The loss over the steps, as a picture that any page shows. Free of the editor. */

export interface LossPoint {
  /** From 1. */
  readonly step: number;
  /** At least 0. */
  readonly loss: number;
}

const WIDTH = 640;
const HEIGHT = 240;
const MARGIN = { left: 52, right: 12, top: 12, bottom: 28 };
/** Of points that are drawn: a training may have a hundred thousand steps. */
const MOST_POINTS = 400;
/** Told apart on white, on black, and in high contrast, and by their dashes. */
const TRAINED = '#3794ff';
const HELD_OUT = '#e07b00';
const WORDS = '#808080';

/**
 * SVG of both curves on a logarithmic scale, as the loss falls by orders of magnitude; undefined where there are fewer
 * than two points.
 */
export function lossCurve(
  trained: readonly LossPoint[],
  heldOut: readonly LossPoint[],
  steps: number,
): string | undefined {
  if (trained.length < 2) return undefined;
  const losses = [...trained, ...heldOut].map(({ loss }) => Math.max(loss, 1e-9));
  const low = Math.floor(Math.log10(losses.reduce((least, loss) => Math.min(least, loss))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(losses.reduce((most, loss) => Math.max(most, loss)))));
  const x = (step: number) => MARGIN.left + step / Math.max(1, steps) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (loss: number) =>
    MARGIN.top + (high - Math.log10(Math.max(loss, 1e-9))) / (high - low) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = (points: readonly LossPoint[], look: string) =>
    points.length < 2
      ? ''
      : `<polyline fill="none" stroke-width="2" ${look} points="${
        points.map(({ step, loss }) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(' ')
      }"/>`;
  const marks = Array.from({ length: high - low + 1 }, (_, index) => low + index).map(power => {
    const at = y(10 ** power).toFixed(1);
    return `<line x1="${MARGIN.left}" x2="${
      WIDTH - MARGIN.right
    }" y1="${at}" y2="${at}" stroke="${WORDS}" stroke-opacity="0.4"/>`
      + `<text x="${MARGIN.left - 6}" y="${Number(at) + 4}" text-anchor="end">${shortNumber(10 ** power)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="${WORDS}">`
    + marks.join('')
    + `<text x="${MARGIN.left}" y="${HEIGHT - 8}">0</text><text x="${WIDTH - MARGIN.right}" y="${
      HEIGHT - 8
    }" text-anchor="end">${steps}</text>`
    + line(thinned(trained), `stroke="${TRAINED}"`)
    + line(heldOut, `stroke="${HELD_OUT}" stroke-dasharray="6 3"`)
    + '</svg>';
}

function shortNumber(value: number): string {
  return value >= 0.001 && value < 10_000 ? String(value) : value.toExponential(0);
}

/** As many points as the picture can show, each the mean of its neighbours. */
function thinned(points: readonly LossPoint[]): readonly LossPoint[] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size === 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const group = points.slice(index * size, (index + 1) * size);
    const last = group.at(-1);
    return { step: last?.step ?? 0, loss: group.reduce((sum, { loss }) => sum + loss, 0) / group.length };
  });
}
