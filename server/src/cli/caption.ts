import { taskPrompt } from '../../../paligemma/src/prompts';
import { readLanguage } from './options';
import { promptVerb } from './verb';

export const caption = promptVerb({
  name: 'caption',
  usage: 'caption IMAGE...',
  summary: 'a short caption',
  takesLanguage: true,
  read: (images, values) => ({ prompt: taskPrompt({ task: 'caption', language: readLanguage(values) }), images }),
});
