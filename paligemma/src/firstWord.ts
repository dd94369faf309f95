/** The task word of a prompt in small letters; empty where the prompt is. */
export function firstWord(prompt: string): string {
  return /^\s*(\S*)/.exec(prompt)?.[1]?.toLowerCase() ?? '';
}
