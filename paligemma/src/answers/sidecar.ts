import { plainText } from '../plainText';

/** An answer as the text file beside its picture: the whole of it, with a line end. */
export function sidecarText({ suffix }: { readonly suffix: string }): string {
  return `${plainText(suffix)}\n`;
}
