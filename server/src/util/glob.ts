/** Globs over paths: `*` and `?` within a name, `**` over folders, `[…]`, `{a,b}`. Letter case matters. */

export interface GlobMatcher {
  /** Whether a path, as its names, matches. */
  matches(segments: readonly string[]): boolean;
  /** Whether anything below a folder, as its names, may match. */
  mayContain(segments: readonly string[]): boolean;
}

/** One character of a name: what it may be, or any number of any. */
type Step = '*' | ((character: string) => boolean);
type Segment = { readonly kind: 'any' } | { readonly kind: 'name'; readonly steps: readonly Step[]; readonly takesHidden: boolean };

/** More alternatives than these are cut off: braces multiply. */
const MOST_ALTERNATIVES = 256;

export function globMatcher(glob: string): GlobMatcher {
  const alternatives = expandBraces(glob).map(alternative => alternative.split('/').filter(part => part !== '' && part !== '.').map(compile));
  return {
    matches: segments => alternatives.some(pattern => matches(pattern, segments)),
    mayContain: segments => alternatives.some(pattern => mayContain(pattern, segments)),
  };
}

function compile(part: string): Segment {
  if (part === '**') return { kind: 'any' };
  const characters = [...part];
  const steps: Step[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const close = character === '[' ? characters.indexOf(']', at + 2) : -1;
    if (character === '*') {
      if (steps.at(-1) !== '*') steps.push('*');
    } else if (character === '?') {
      steps.push(() => true);
    } else if (close > at) {
      steps.push(characterClass(characters.slice(at + 1, close)));
      at = close;
    } else {
      steps.push(candidate => candidate === character);
    }
  }
  return { kind: 'name', steps, takesHidden: part.startsWith('.') };
}

/** `abc`, `a-z`, `!a-z`. */
function characterClass(content: readonly string[]): (character: string) => boolean {
  const isNegated = content[0] === '!' || content[0] === '^';
  const members = isNegated ? content.slice(1) : content;
  const ranges: (readonly [first: string, last: string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const first = members[at] ?? '';
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([first, isRange ? members[at + 2] ?? first : first]);
    if (isRange) at += 2;
  }
  const codeOf = (character: string) => character.codePointAt(0) ?? 0;
  return character => ranges.some(([first, last]) => codeOf(first) <= codeOf(character) && codeOf(character) <= codeOf(last)) !== isNegated;
}

/** In time proportional to both lengths multiplied: a star that was too short is made one longer, the earlier ones stay. */
function matchesName(steps: readonly Step[], name: string): boolean {
  const characters = [...name];
  let [step, at] = [0, 0];
  let star: { readonly step: number; at: number } | undefined;
  while (at < characters.length) {
    const current = steps[step];
    if (current === '*') {
      star = { step, at };
      step++;
    } else if (current?.(characters[at] ?? '') === true) {
      step++;
      at++;
    } else if (star !== undefined) {
      star.at++;
      step = star.step + 1;
      at = star.at;
    } else {
      return false;
    }
  }
  return steps.slice(step).every(rest => rest === '*');
}

function nameFits(segment: Segment & { readonly kind: 'name' }, name: string): boolean {
  return (segment.takesHidden || !isHidden(name)) && matchesName(segment.steps, name);
}

function matches(pattern: readonly Segment[], segments: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return segments.length === 0;
  if (first.kind === 'any') {
    if (matches(rest, segments)) return true;
    return segments.length > 0 && !isHidden(segments[0]) && matches(pattern, segments.slice(1));
  }
  const [name, ...below] = segments;
  return name !== undefined && nameFits(first, name) && matches(rest, below);
}

function mayContain(pattern: readonly Segment[], segments: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  const [name, ...below] = segments;
  if (first === undefined) return false;
  if (first.kind === 'any') return !segments.some(isHidden) || (rest.length > 0 && mayContain(rest, segments));
  if (name === undefined) return true;
  return rest.length > 0 && nameFits(first, name) && mayContain(rest, below);
}

function isHidden(name: string | undefined): boolean {
  return name?.startsWith('.') === true;
}

/** `a{b,c}d` → `abd`, `acd`; nested ones too; a brace without its partner or without a comma is a character. */
function expandBraces(glob: string): readonly string[] {
  const open = glob.indexOf('{');
  const close = open < 0 ? -1 : closingBrace(glob, open);
  if (close < 0) return [glob];
  const tails = expandBraces(glob.slice(close + 1));
  const choices = splitChoices(glob.slice(open + 1, close));
  const heads = choices.length < 2 ? [glob.slice(0, close + 1)] : choices.flatMap(expandBraces).map(choice => glob.slice(0, open) + choice);
  return heads.flatMap(head => tails.map(tail => head + tail)).slice(0, MOST_ALTERNATIVES);
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function splitChoices(text: string): readonly string[] {
  const choices: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}') depth--;
    if (text[at] === ',' && depth === 0) {
      choices.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...choices, text.slice(start)];
}
