import { readLanguage } from './options';
import { promptVerb } from './verb';

export const describe = promptVerb({
  name: 'describe',
  usage: 'describe IMAGE...',
  summary: 'a longer description',
  takesLanguage: true,
  read: (images, values) => ({ prompt: `describe ${readLanguage(values)}`, images }),
});
