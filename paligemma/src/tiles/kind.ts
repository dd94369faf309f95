/** Which prompts can be asked of the parts of a picture. */
import { firstWord } from '../firstWord';

/** What is looked for: it decides how fine the parts have to be, and how their answers become one. */
export type TileKind = 'text' | 'objects';

const kindOfWord: ReadonlyMap<string, TileKind> = new Map([['ocr', 'text'], ['detect', 'objects'], [
  'segment',
  'objects',
]]);

/**
 * Undefined for a prompt whose answer is about the picture as a whole: captions and questions mean nothing for a part.
 * Text spotting, as fine-tuned checkpoints do it, is an `ocr` with boxes.
 */
export function tileKindOf(prompt: string): TileKind | undefined {
  return kindOfWord.get(firstWord(prompt));
}
