/** Whether an answer is something a person can read out: what stands for a picture must be words about it. */
import { oneSpaced } from '../plainText';

/**
 * Why an answer is no prose: it says nothing, holds tokens of the model that are no words, says one thing over and over,
 * or is the sentence by which the model refuses.
 */
export type ProseFault = 'nothing' | 'tokens' | 'loop' | 'refusal';

const hasWords = /[\p{L}\p{N}]/u;
/** Source: the special tokens of the tokenizer (google/paligemma2-3b-mix-224, `tokenizer.json`). */
const modelTokens = /<(?:loc\d{4}|seg\d{3}|unused\d+|image|pad|eos|bos|unk|mask|\dmass|(?:start|end)_of_turn)>/;
/** Source: the answer of the mix checkpoints to what they were not trained for. */
const refusal = /^sorry, as a base vlm\b/i;

/** Undefined for prose, in whatever script. Time grows with the length only. */
export function proseFault(text: string): ProseFault | undefined {
  if (!hasWords.test(text)) return 'nothing';
  if (modelTokens.test(text)) return 'tokens';
  if (refusal.test(text.trim())) return 'refusal';
  return isLoop(oneSpaced(text).toLowerCase()) ? 'loop' : undefined;
}

/** Longer texts and longer phrases are not looked at; a model that loops does so from early on until it is stopped. */
const MOST_CHARACTERS = 4000;
const LONGEST_PHRASE = 160;
/** Shorter repetitions are those of people: "ha ha ha", "a dog, a dog, a dog and a cat". */
const SHORTEST_LOOP = 24;
/** Phrases from this length on are not said three times in a row by anybody. */
const LONG_PHRASE = 12;
/** Whether one phrase, again and again without a break, is most of the text, or all that it ends in. */
function isLoop(text: string): boolean {
  const looked = text.slice(0, MOST_CHARACTERS);
  const longest = Math.min(LONGEST_PHRASE, Math.floor(looked.length / 3));
  for (let phrase = 1; phrase <= longest; phrase++) {
    if (loopsWith(looked, phrase)) return true;
  }
  return false;
}

function loopsWith(text: string, phrase: number): boolean {
  const least = Math.max(SHORTEST_LOOP, phrase * (phrase < LONG_PHRASE ? 4 : 3));
  let same = 0;
  for (let at = phrase; at <= text.length; at++) {
    if (at < text.length && text[at] === text[at - phrase]) {
      same++;
      continue;
    }
    const length = same + phrase;
    // A run of signs that are no words is a line, such as the dots of a table of contents.
    if (
      length >= least && (length * 2 >= text.length || at === text.length) && hasWords.test(text.slice(at - phrase, at))
    ) return true;
    same = 0;
  }
  return false;
}
