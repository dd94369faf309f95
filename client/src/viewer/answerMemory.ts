/**
 * The last answers of a workspace by picture, so that a view shows its answer again after a restart. Free of the
 * editor.
 */
import { withoutMasks } from '../../../paligemma/src/runResult';
import type { ViewState } from '../contract/viewer';
import type { Memory } from './promptMemory';

const KEY = 'imageView.answers';
const MOST_PICTURES = 20;
/** The editor keeps this in one small data base and warns beyond half a million characters. */
const MOST_CHARACTERS = 300_000;

export class AnswerMemory {
  constructor(private readonly memory: Memory) {}

  /** Whatever was kept for a picture; an older version may have written it. */
  find(imageUri: string): unknown {
    return this.kept().find(state => isOf(state, imageUri));
  }

  /** Masks are left out where they would take too much room; older answers go first. */
  async remember(state: ViewState): Promise<void> {
    const { result } = state;
    const isSmall = JSON.stringify(state).length <= MOST_CHARACTERS / 4;
    const fresh = isSmall || result === undefined ? state : { ...state, result: withoutMasks(result) };
    const answers: unknown[] = [];
    let characters = 0;
    for (
      const answer of [fresh, ...this.kept().filter(other => !isOf(other, state.imageUri))].slice(0, MOST_PICTURES)
    ) {
      characters += JSON.stringify(answer).length;
      if (characters > MOST_CHARACTERS) break;
      answers.push(answer);
    }
    await this.memory.update(KEY, answers);
  }

  private kept(): readonly unknown[] {
    const value: unknown = this.memory.get(KEY);
    return Array.isArray(value) ? value : [];
  }
}

function isOf(state: unknown, imageUri: string): boolean {
  return typeof state === 'object' && state !== null && 'imageUri' in state && state.imageUri === imageUri;
}
