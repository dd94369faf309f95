import { taskPrompt } from '../../../paligemma/src/prompts';
import { readLanguage } from './options';
import { promptVerb } from './verb';

export const describe = promptVerb({
  name: 'describe',
  usage: 'describe IMAGE...',
  summary: 'a longer description',
  takesLanguage: true,
  read: (images, values) => ({ prompt: taskPrompt({ task: 'describe', language: readLanguage(values) }), images }),
});
