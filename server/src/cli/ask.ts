import { isUsableInput, taskPrompt } from '../../../paligemma/src/prompts';
import { readLanguage, UsageError } from './options';
import { firstAndRest, promptVerb } from './verb';

export const ask = promptVerb({
  name: 'ask',
  usage: 'ask QUESTION IMAGE...',
  summary: 'an answer to a question',
  takesLanguage: true,
  read(positionals, values) {
    const [question, images] = firstAndRest(positionals, 'question');
    if (!isUsableInput('ask', question)) throw new UsageError('The question is empty.');
    return { prompt: taskPrompt({ task: 'ask', language: readLanguage(values), input: question }), images };
  },
});
