import { firstAndRest, objectPrompt, promptVerb } from './verb';

export const detect = promptVerb({
  name: 'detect',
  usage: 'detect OBJECT[,OBJECT...] IMAGE...',
  summary: 'boxes of objects',
  takesLanguage: false,
  read(positionals) {
    const [objects, images] = firstAndRest(positionals, 'object');
    return { prompt: objectPrompt('detect', objects), images };
  },
});
