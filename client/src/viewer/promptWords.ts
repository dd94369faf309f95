/** The words that the prompt field of an image view completes. Free of the editor. */
import { languages, taskById, type TaskId, type TaskParameter } from '../../../paligemma/src/tasks';
import type { PromptHelp, PromptTask } from '../contract/viewer';
import type { Translate } from '../../../paligemma/src/translate';

/** The tasks in the order in which they are offered, with what each of them does in the editor's language. */
export function promptTasks(t: Translate): PromptHelp['tasks'] {
  const does: Readonly<Record<Exclude<TaskId, 'captionRegion'>, string>> = {
    caption: t('One short sentence about the picture'),
    describe: t('A longer description'),
    ocr: t('The text in the picture'),
    detect: t('A box around each of the objects named'),
    segment: t('The shape of the object named'),
    answer: t('The answer to a question'),
    question: t('A question for an answer'),
    cap: t('A very short caption, for pretrained models'),
  };
  return Object.entries(does).map(([id, text]) => {
    const { word, parameters } = taskById(id as TaskId);
    return { word, takes: takenBy(parameters), does: text };
  });
}

function takenBy([first]: readonly TaskParameter[]): PromptTask['takes'] {
  return first === 'language' || first === 'objects' ? first : 'nothing';
}

/** Names in the editor's language. @param locale Of the editor; one that is not known gives English names. */
export function promptLanguages(locale: string): PromptHelp['languages'] {
  const names = displayNames(locale);
  return languages.map(({ code }) => ({ code, name: names.of(code) ?? code }));
}

function displayNames(locale: string): Intl.DisplayNames {
  try {
    return new Intl.DisplayNames([locale, 'en'], { type: 'language' });
  } catch {
    return new Intl.DisplayNames('en', { type: 'language' });
  }
}
