/** Values in words: English, but for what takes the texts of the process. */
import * as l10n from '@vscode/l10n';
import type { Translate } from './translate';

/** Bytes as people read them, in powers of ten as file managers and download pages show them. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** What a log needs of something that was thrown: where it came from, if it tells. */
export function stackText(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/**
 * A number with the decimal mark of the reader's language.
 * @param written With a point, and a unit if there is one: `19.3 GB`.
 * @param t The texts of the process, where they are not those of `@vscode/l10n`.
 */
export function decimal(written: string, t: Translate = l10n.t): string {
  const [whole = '', fraction] = written.split('.');
  return fraction === undefined ? whole : t('{0}.{1}', whole, fraction);
}

/** For example `45 s`, `12 min`, `2.5 h`. @param t As {@link decimal} takes it. */
export function durationText(seconds: number, t: Translate = l10n.t): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${decimal((seconds / 3600).toFixed(1), t)} h`;
}
