import { firstAndRest, promptVerb } from './verb';

export const run = promptVerb({
  name: 'run',
  usage: 'run PROMPT IMAGE...',
  summary: 'send a prompt as it stands; "" is the empty prompt of pretrained models',
  takesLanguage: false,
  read(positionals) {
    const [prompt, images] = firstAndRest(positionals, 'prompt');
    return { prompt, images };
  },
});
