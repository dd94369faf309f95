/** What a workspace remembers of prompts and labels, newest first. Free of the editor. */

/** The part of a `vscode.Memento` that is used. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

const HISTORY_KEY = 'imageView.prompts';
const LABELS_KEY = 'imageView.labels';
const MOST_PROMPTS = 50;
const MOST_LABELS = 200;
/** Longer texts are no labels that somebody types again. */
const LONGEST_LABEL = 80;

export class PromptMemory {
  constructor(private readonly memory: Memory) {}

  get prompts(): readonly string[] {
    return this.read(HISTORY_KEY);
  }

  get labels(): readonly string[] {
    return this.read(LABELS_KEY);
  }

  /** @param labels Of the answer; the objects that the prompt names are remembered too. */
  async remember(prompt: string, labels: readonly string[]): Promise<void> {
    const seen = [...objectsOf(prompt), ...labels].filter(label => label !== '' && label.length <= LONGEST_LABEL);
    // Both at once: what is read in the same turn is new already.
    await Promise.all([
      this.memory.update(HISTORY_KEY, newestFirst([prompt], this.prompts, MOST_PROMPTS)),
      this.memory.update(LABELS_KEY, newestFirst(seen, this.labels, MOST_LABELS)),
    ]);
  }

  /** What an older version wrote, or nobody, counts as nothing. */
  private read(key: string): readonly string[] {
    const value: unknown = this.memory.get(key);
    return Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : [];
  }
}

function newestFirst(fresh: readonly string[], old: readonly string[], most: number): string[] {
  return [...new Set([...fresh, ...old])].filter(entry => entry.trim() !== '').slice(0, most);
}

/** The objects of `detect a ; b` and `segment a`. */
function objectsOf(prompt: string): string[] {
  const objects = /^(?:detect|segment) (.+)$/s.exec(prompt)?.[1];
  return objects === undefined ? [] : objects.split(';').map(part => part.trim());
}
