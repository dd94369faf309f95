/** What the walkthrough ticks: a step is done when its work is, not when it was read or begun. */
import { commands } from 'vscode';

export type FirstStep = 'altText' | 'caption' | 'detect' | 'batch' | 'dataSet' | 'model';

/** The manifest's steps wait for these; the editor remembers for good which of them came true. */
export function stepIsDone(step: FirstStep): void {
  void commands.executeCommand('setContext', `paligemma.done.${step}`, true);
}

/** The step that an answer to this prompt belongs to. */
export function stepOfPrompt(prompt: string): FirstStep | undefined {
  if (/^(?:caption|cap)\b/.test(prompt)) return 'caption';
  return /^(?:detect|segment)\b/.test(prompt) ? 'detect' : undefined;
}
