/**
 * Globs over paths: `*` and `?` within a name, `**` over folders, `[…]`, `{a,b}`. Letter case matters; how a character
 * is spelled in Unicode does not.
 */
import { spelling } from './spelling';

export interface GlobOptions {
  /** Wildcards match names that begin with a dot too. Default: such names must be written out. */
  readonly takesHidden?: boolean;
  /** As in `.gitignore`: braces are characters, and a backslash makes one of whatever stands behind it. */
  readonly isGitPattern?: boolean;
}

export interface GlobMatcher {
  /** Whether a path, as its names, matches. */
  matches(segments: readonly string[]): boolean;
  /** Whether anything below a folder, as its names, may match. */
  mayContain(segments: readonly string[]): boolean;
}

/** Any number of any characters. */
const STAR = Symbol('*');
/** One character of a name, itself or what it may be, or a star. */
type Step = typeof STAR | string | ((character: string) => boolean);
type Segment = { readonly kind: 'any' | 'name'; readonly steps: readonly Step[]; readonly takesHidden: boolean };

/** Characters; a longer glob matches nothing. */
const LONGEST_GLOB = 4096;
/** More alternatives than these are cut off: braces multiply. */
const MOST_ALTERNATIVES = 256;

export function globMatcher(glob: string, options: GlobOptions = {}): GlobMatcher {
  // A path is shorter; braces cost one call each on the stack.
  const alternatives = glob.length > LONGEST_GLOB
    ? []
    : (options.isGitPattern === true ? [spelling(glob)] : expandBraces(spelling(glob))).map(alternative =>
      alternative.split('/').filter(part => part !== '' && part !== '.').map(part => compile(part, options))
    );
  return {
    matches: segments => alternatives.some(pattern => reached(pattern, segments).has(pattern.length)),
    mayContain: segments =>
      alternatives.some(pattern => [...reached(pattern, segments)].some(place => place < pattern.length)),
  };
}

function compile(part: string, { takesHidden = false, isGitPattern = false }: GlobOptions): Segment {
  if (part === '**') return { kind: 'any', steps: [], takesHidden };
  const characters = [...part];
  const steps: Step[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const close = character === '[' ? characters.indexOf(']', at + 2) : -1;
    if (character === '\\' && isGitPattern) {
      steps.push(characters[++at] ?? '\\');
    } else if (character === '*') {
      if (steps.at(-1) !== STAR) steps.push(STAR);
    } else if (character === '?') {
      steps.push(() => true);
    } else if (close > at) {
      steps.push(characterClass(characters.slice(at + 1, close)));
      at = close;
    } else {
      steps.push(character);
    }
  }
  return { kind: 'name', steps, takesHidden: takesHidden || part.startsWith('.') };
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
  return character =>
    ranges.some(([first, last]) => codeOf(first) <= codeOf(character) && codeOf(character) <= codeOf(last))
      !== isNegated;
}

/**
 * In time proportional to both lengths multiplied: a star that was too short is made one longer, the earlier ones stay.
 */
function matchesName(steps: readonly Step[], name: string): boolean {
  const characters = [...name];
  let [step, at] = [0, 0];
  let star: { readonly step: number; at: number } | undefined;
  while (at < characters.length) {
    const current = steps[step];
    if (current === STAR) {
      star = { step, at };
      step++;
    } else if (typeof current === 'function' ? current(characters[at] ?? '') : current === characters[at]) {
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
  return steps.slice(step).every(rest => rest === STAR);
}

/** How far into `pattern` the names of a path may lead: every place at once, so that no pattern takes long. */
function reached(pattern: readonly Segment[], segments: readonly string[]): ReadonlySet<number> {
  let places = withSkipped(pattern, [0]);
  for (const name of segments.map(spelling)) {
    const next: number[] = [];
    for (const place of places) {
      const segment = pattern[place];
      if (segment === undefined || (isHidden(name) && !segment.takesHidden)) continue;
      if (segment.kind === 'any') next.push(place);
      else if (matchesName(segment.steps, name)) next.push(place + 1);
    }
    if (next.length === 0) return new Set();
    places = withSkipped(pattern, next);
  }
  return places;
}

/** `**` stands for no folder at all, too. */
function withSkipped(pattern: readonly Segment[], places: readonly number[]): ReadonlySet<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place]?.kind === 'any') all.add(place + 1);
  return all;
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** `a{b,c}d` → `abd`, `acd`; nested ones too; a brace without its partner or without a comma is a character. */
function expandBraces(glob: string): readonly string[] {
  const { start, ends } = expanded(glob);
  return ends.map(end => start + end);
}

/**
 * The alternatives, each of them `start` and one of `ends`. Once there are enough, only what they share grows: else
 * each brace would cost as much as all of them.
 */
function expanded(glob: string): { readonly start: string; readonly ends: readonly string[] } {
  const open = glob.indexOf('{');
  const close = open < 0 ? -1 : closingBrace(glob, open);
  if (close < 0) return { start: glob, ends: [''] };
  const tails = expanded(glob.slice(close + 1));
  const choices = splitChoices(glob.slice(open + 1, close));
  const heads = choices.length < 2
    ? [glob.slice(0, close + 1)]
    : choices.flatMap(expandBraces).map(choice => glob.slice(0, open) + choice);
  if (heads.length === 1 || tails.ends.length >= MOST_ALTERNATIVES) {
    return { start: heads[0]! + tails.start, ends: tails.ends };
  }
  return {
    start: '',
    ends: heads.flatMap(head => tails.ends.map(end => head + tails.start + end)).slice(0, MOST_ALTERNATIVES),
  };
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
