/** One note or rest of `**kern`. */

export type TokenFault = 'duration' | 'pitch';

/** Reciprocal of a whole note, `%` for fractions of one, dots: `4`, `8.`, `3%2`, `0` (a breve). */
const duration = /\d+(?:%\d+)?\.*/g;
const pitch = /([a-gA-G])\1*/g;
/** The piano's lowest note is AAAA, the highest ccccc. */
const MOST_LETTERS = 6;
const SHORTEST = 2048;
const accidentals = /^(?:#{1,3}|-{1,3}|n)?(?![#n-])/;
/** Grace notes may go without a duration, and have one where how they look is told. */
const grace = /q/i;

/**
 * What is wrong with a token of a spine of music: each note has a duration and a pitch, each rest a duration. Beams,
 * ties, slurs, stems, ornaments and marks are any other signs, in any place.
 * Source: Humdrum user guide, "Representing music using **kern".
 */
export function tokenFault(token: string): TokenFault | undefined {
  if (token === '.') return undefined;
  for (const note of token.split(' ')) {
    const fault = noteFault(note);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function noteFault(note: string): TokenFault | undefined {
  const durations = note.match(duration) ?? [];
  const isRight = durations.length === 1 && Number.parseInt(durations[0] ?? '', 10) <= SHORTEST;
  if (!isRight && !(durations.length === 0 && grace.test(note))) return 'duration';
  const pitches = [...note.matchAll(pitch)];
  // A rest may say at which height it stands.
  if (note.includes('r')) return pitches.length > 1 ? 'pitch' : undefined;
  const [only] = pitches;
  if (only === undefined || pitches.length > 1 || only[0].length > MOST_LETTERS) return 'pitch';
  return accidentals.test(note.slice(only.index + only[0].length, only.index + only[0].length + 4))
    ? undefined
    : 'pitch';
}

/** Whether the token sounds: a note or a chord, grace notes included. */
export function notesIn(token: string): number {
  return token === '.' ? 0 : token.split(' ').filter(note => !note.includes('r')).length;
}
