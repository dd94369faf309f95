/** From a task and what a person typed to the prompt that the model was trained on. */
import { oneSpaced } from './plainText';
import { taskById, taskOfWord, type TaskId, type TaskParameter } from './tasks';

/** What the editor's commands and the terminal's verbs offer. */
const taskIds = {
  caption: 'caption',
  describe: 'describe',
  ocr: 'ocr',
  detect: 'detect',
  segment: 'segment',
  ask: 'answer',
} as const satisfies Record<string, TaskId>;
export type TaskName = keyof typeof taskIds;

/** Tasks that ask the person for text first. */
export type AskingTask = Extract<TaskName, 'detect' | 'segment' | 'ask'>;

export interface PromptParts {
  readonly task: TaskName;
  /** Code of the language of the answer, for the tasks that take one; blank: English. */
  readonly language: string;
  /** What the person typed; used by the asking tasks only. */
  readonly input?: string;
}

/** Source of the wording: PaliGemma paper (arXiv 2407.07726), section 3.2.5, and its published model cards. */
export function taskPrompt({ task, language, input = '' }: PromptParts): string {
  const { word, parameters } = taskById(taskIds[task]);
  return [word, ...parameters.map(parameter => written(parameter, language, input))].join(' ');
}

function written(parameter: TaskParameter, language: string, input: string): string {
  switch (parameter) {
    case 'language':
      return language.trim() || 'en';
    case 'objects':
      return objectList(input).join(' ; ');
    // A newline ends a prompt, so pasted ones become spaces.
    case 'question':
    case 'answer':
    case 'box':
      return oneSpaced(input);
  }
}

/** The objects of a list that people write with commas or semicolons; without empty entries and repetitions. */
export function objectList(input: string): string[] {
  return [...new Set(input.split(/[;,]/).map(oneSpaced).filter(entry => entry !== ''))];
}

/** The objects that a prompt asks for; none where its task takes no objects. */
export function objectsOf(prompt: string): string[] {
  const [, word = '', list = ''] = /^\s*(\S+)\s+(.*)$/s.exec(prompt) ?? [];
  return taskOfWord(word)?.parameters.includes('objects') === true ? objectList(list) : [];
}

export function isAskingTask(task: TaskName): task is AskingTask {
  return task === 'detect' || task === 'segment' || task === 'ask';
}

/** True where the input gives a prompt: at least one object, or a question that is not blank. */
export function isUsableInput(task: AskingTask, input: string): boolean {
  return task === 'ask' ? oneSpaced(input) !== '' : objectList(input).length > 0;
}
