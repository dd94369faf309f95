/** The words that the prompt field of an image view completes. Free of the editor. */
import type { PromptHelp } from '../contract/viewer';
import type { Translate } from '../common/translate';

/** Source of words and languages: as `paligemma/src/tasks.ts`, to which a test holds them. */
export function promptTasks(t: Translate): PromptHelp['tasks'] {
  return [
    { word: 'caption', takes: 'language', does: t('One short sentence about the picture') },
    { word: 'describe', takes: 'language', does: t('A longer description') },
    { word: 'ocr', takes: 'nothing', does: t('The text in the picture') },
    { word: 'detect', takes: 'objects', does: t('A box around each of the objects named') },
    { word: 'segment', takes: 'objects', does: t('The shape of the object named') },
    { word: 'answer', takes: 'language', does: t('The answer to a question') },
    { word: 'question', takes: 'language', does: t('A question to an answer') },
    { word: 'cap', takes: 'language', does: t('A very short caption, for pretrained models') },
  ];
}

export const languageCodes = [
  'en',
  'ar',
  'bn',
  'cs',
  'da',
  'de',
  'el',
  'es',
  'fa',
  'fi',
  'fil',
  'fr',
  'he',
  'hi',
  'hr',
  'hu',
  'id',
  'it',
  'ja',
  'ko',
  'mi',
  'nl',
  'no',
  'pl',
  'pt',
  'ro',
  'ru',
  'sv',
  'sw',
  'te',
  'th',
  'tr',
  'uk',
  'vi',
  'zh',
] as const;

/** Names in the editor's language. @param locale Of the editor; one that is not known gives English names. */
export function promptLanguages(locale: string): PromptHelp['languages'] {
  const names = displayNames(locale);
  return languageCodes.map(code => ({ code, name: names.of(code) ?? code }));
}

function displayNames(locale: string): Intl.DisplayNames {
  try {
    return new Intl.DisplayNames([locale, 'en'], { type: 'language' });
  } catch {
    return new Intl.DisplayNames('en', { type: 'language' });
  }
}
