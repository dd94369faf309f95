/**
 * What an ignore file or a list of globs leaves out, as git reads it, in time that no pattern makes long: a regular
 * expression would take the number of its stars as an exponent. Not read: `.git/info/exclude`, the user's global file.
 * Source: git-scm.com/docs/gitignore.
 */
import { globMatcher } from '../util/glob';

export interface IgnoreRules {
  /** Undefined where no rule speaks of it; false where a rule takes it back in. Names below the folder of the rules. */
  ignores(segments: readonly string[], isFolder: boolean): boolean | undefined;
}

interface Rule {
  readonly isNegated: boolean;
  readonly isFolderOnly: boolean;
  matches(segments: readonly string[]): boolean;
}

/** Characters; a longer line is no pattern that somebody wrote. */
const LONGEST_LINE = 1000;
/** Lines of an ignore file that are looked at: each one costs time for every entry. */
const MOST_RULES = 1000;

export function parseIgnoreFile(text: string): IgnoreRules {
  const rules = text.split(/\r?\n/).slice(0, MOST_RULES).map(parseRule).filter(rule => rule !== undefined);
  return {
    // The last rule that fits decides.
    ignores: (segments, isFolder) => {
      const rule = rules.findLast(candidate => (isFolder || !candidate.isFolderOnly) && candidate.matches(segments));
      return rule === undefined ? undefined : !rule.isNegated;
    },
  };
}

/** The keys of `files.exclude`: globs over the whole path below a workspace folder. */
export function excludeRules(globs: readonly string[]): IgnoreRules {
  const matchers = globs.slice(0, MOST_RULES).map(glob => globMatcher(glob, { takesHidden: true }));
  return { ignores: segments => (matchers.some(matcher => matcher.matches(segments)) ? true : undefined) };
}

function parseRule(line: string): Rule | undefined {
  // Looked at first: a row of blanks takes time by its square.
  if (line.length > LONGEST_LINE) return undefined;
  let pattern = line.replace(/(?<!\\) +$/, '');
  if (pattern === '' || pattern.startsWith('#')) return undefined;
  const isNegated = pattern.startsWith('!');
  if (isNegated) pattern = pattern.slice(1);
  const isFolderOnly = pattern.endsWith('/');
  pattern = pattern.replace(/\/+$/, '');
  if (pattern === '') return undefined;
  // A pattern without a slash inside fits at any depth; `x/**` is all that lies in x, and not x.
  const isAnchored = pattern.includes('/');
  const matcher = globMatcher(pattern.replace(/(?<=\/)\*\*$/, '**/*'), { takesHidden: true, isGitPattern: true });
  return { isNegated, isFolderOnly, matches: segments => matcher.matches(isAnchored ? segments : segments.slice(-1)) };
}
