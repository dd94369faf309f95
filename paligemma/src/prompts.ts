/** From a command and what the person typed to the prompt that the model was trained on. Free of the editor. */

export type TaskName = 'caption' | 'describe' | 'ocr' | 'detect' | 'segment' | 'ask';

/** Tasks that ask the person for text first. */
export type AskingTask = Extract<TaskName, 'detect' | 'segment' | 'ask'>;

export interface PromptParts {
  readonly task: TaskName;
  /** Code of the setting `paligemma.language`. */
  readonly language: string;
  /** What the person typed; used by the asking tasks only. */
  readonly input?: string;
}

/** Source of the wording: PaliGemma paper (arXiv 2407.07726), section 3.2.5, and its published model cards. */
export function taskPrompt({ task, language, input = '' }: PromptParts): string {
  const code = language.trim() || 'en';
  switch (task) {
    case 'caption':
      return `caption ${code}`;
    case 'describe':
      return `describe ${code}`;
    case 'ocr':
      return 'ocr';
    case 'detect':
      return `detect ${objectList(input).join(' ; ')}`;
    case 'segment':
      return `segment ${objectList(input).join(' ; ')}`;
    // Pretraining knows questions with English answers only; the setting speaks of captions.
    case 'ask':
      return `answer en ${oneLine(input)}`;
  }
}

/** The objects of a list that people write with commas or semicolons; without empty entries and repetitions. */
export function objectList(input: string): string[] {
  return [...new Set(oneLine(input).split(/[;,]/).map(entry => entry.trim()).filter(entry => entry !== ''))];
}

export function isAskingTask(task: TaskName): task is AskingTask {
  return task === 'detect' || task === 'segment' || task === 'ask';
}

/** True where the input gives a prompt: at least one object, or a question that is not blank. */
export function isUsableInput(task: AskingTask, input: string): boolean {
  return task === 'ask' ? oneLine(input) !== '' : objectList(input).length > 0;
}

/** A newline ends a prompt, so pasted ones become spaces. */
function oneLine(input: string): string {
  return input.replace(/\s+/g, ' ').trim();
}
