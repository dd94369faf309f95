import { readLanguage } from './options';
import { promptVerb } from './verb';

export const caption = promptVerb({
  name: 'caption',
  usage: 'caption IMAGE...',
  summary: 'a short caption',
  takesLanguage: true,
  read: (images, values) => ({ prompt: `caption ${readLanguage(values)}`, images }),
});
