/** JSON that anybody may have written: what is nested deeper than the stack can be read, but never written again. */

/** Far more than any file of ours has, and far less than the stack takes. */
const MOST_LEVELS = 500;

/** @throws SyntaxError for what is no JSON, or is nested without end. */
export function parseShallow(text: string): unknown {
  if (isDeep(text)) throw new SyntaxError('The JSON is nested too deep.');
  return JSON.parse(text) as unknown;
}

/** Whether a text opens more lists and objects inside of each other than `parseShallow` reads. */
export function isDeep(text: string): boolean {
  if (!hasMany(text)) return false;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case '"':
        at = endOfString(text, at);
        break;
      case '[':
      case '{':
        if (++level > MOST_LEVELS) return true;
        break;
      case ']':
      case '}':
        level--;
        break;
    }
  }
  return false;
}

/** Most texts open fewer lists and objects than they may be deep. */
function hasMany(text: string): boolean {
  let count = 0;
  for (const opening of '[{') {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++count > MOST_LEVELS) return true;
    }
  }
  return false;
}

/** Where the quote that closes the string at `start` is; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
