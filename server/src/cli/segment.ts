import { firstAndRest, objectPrompt, promptVerb } from './verb';

export const segment = promptVerb({
  name: 'segment',
  usage: 'segment OBJECT[,OBJECT...] IMAGE...',
  summary: 'masks of objects',
  takesLanguage: false,
  read(positionals) {
    const [objects, images] = firstAndRest(positionals, 'object');
    return { prompt: objectPrompt('segment', objects), images };
  },
});
