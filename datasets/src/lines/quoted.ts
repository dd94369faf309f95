/** A text as it stands between the quotes of a line of JSON. */
export function quotedInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
