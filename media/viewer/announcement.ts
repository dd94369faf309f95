/** What a screen reader says of a run: its beginning, its end, and nothing of the pieces between. Pure. */
import type { ViewState, ViewWords } from '../../client/src/contract/viewer';

/** Longer answers are read in their place: an announcement cannot be paused. */
const MOST_CHARACTERS = 500;

/**
 * One sentence or a few; undefined where nothing happened that the person waits for.
 * @param line Of an answer that is drawn, such as a table: what is said in the place of its text.
 */
export function announcementOf(view: ViewState, words: ViewWords, line?: string): string | undefined {
  switch (view.status) {
    case 'idle':
      return undefined;
    case 'running':
    case 'failed':
      return words.statusText;
    case 'done': {
      const { regions = [], text = '' } = view.result ?? {};
      const heading = regions.length === 0 ? [] : [words.regionsHeading];
      const answer = text === '' ? words.emptyText ?? '' : shortened(line ?? text);
      return [words.statusText, ...heading, answer].filter(part => part !== '').join('. ');
    }
  }
}

function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MOST_CHARACTERS ? text : `${characters.slice(0, MOST_CHARACTERS).join('')}…`;
}
