/** What the words of a prompt or a model's name say about the kind of answers. */
import { firstWord } from '../firstWord';
import { taskOfWord, type TaskParameter } from '../tasks';

/** What a person names or asks in words of their own: they are about the picture, not about the form of the answer. */
const freeParameters: ReadonlySet<TaskParameter> = new Set(['question', 'answer', 'objects']);

/** Whether the prompt or the model's name asks for what one of `words` names, which are in small letters. */
export function isAskedFor(
  { prompt, model }: { readonly prompt: string; readonly model: string },
  words: readonly string[],
): boolean {
  const { parameters = [] } = taskOfWord(firstWord(prompt)) ?? {};
  return hasWord(model, words) || (!parameters.some(one => freeParameters.has(one)) && hasWord(prompt, words));
}

/** Whether a whole word of `text` is one of `words`, which are in small letters. */
export function hasWord(text: string, words: readonly string[]): boolean {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).some(word => words.includes(word));
}
