import { taskPrompt } from '../../../paligemma/src/prompts';
import { readLanguage } from './options';
import { promptVerb } from './verb';

export const ocr = promptVerb({
  name: 'ocr',
  usage: 'ocr IMAGE...',
  summary: 'the text in the picture',
  details: [
    '--lang is accepted for symmetry and has no effect: the model reads text in the language it is written in.',
  ],
  takesLanguage: true,
  read(images, values, note) {
    if (values.lang !== undefined) {
      readLanguage(values);
      note('Note: ocr takes no language; --lang has no effect.');
    }
    return { prompt: taskPrompt({ task: 'ocr', language: '' }), images };
  },
});
