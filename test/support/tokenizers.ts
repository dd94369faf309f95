/** Tokenizers and texts that the tests of the tokenizer share. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileTokenizer } from '../../model-host/src/tokenizer/compile';
import { Tokenizer } from '../../model-host/src/tokenizer/tokenizer';
import { goldenFolder } from './golden';
import type { SeededRandom } from './seededRandom';

export const goldenModels = ['gqa-224', 'wide-448', 'window-224', 'odd-896'] as const;

/**
 * Checkpoint folders with a small tokenizer: four with the ids of Gemma up to 472, and the demo model with ids of its
 * own.
 */
export const tokenizerFolders: readonly string[] = [
  ...goldenModels.map(goldenModelFolder),
  path.resolve('model-host/demo-model/paligemma2-demo-224'),
];

export function goldenModelFolder(model: string): string {
  return path.join(goldenFolder, 'models', model);
}

const compiled = new Map<string, Promise<Tokenizer>>();

/** The tokenizer of a checkpoint folder; compiled once in a test process. */
export function compiledTokenizer(folder: string): Promise<Tokenizer> {
  const tokenizer = compiled.get(folder) ?? compileTokenizer(folder).then(bytes => Tokenizer.fromBytes(bytes));
  compiled.set(folder, tokenizer);
  return tokenizer;
}

export function readJson(...parts: string[]): unknown {
  return JSON.parse(readFileSync(path.join(...parts), 'utf8'));
}

/** What a tokenizer.json holds, as far as tests change it. */
export interface TokenizerJson {
  added_tokens: {
    id: number;
    content: string;
    single_word: boolean;
    lstrip: boolean;
    rstrip: boolean;
    normalized: boolean;
    special: boolean;
  }[];
  normalizer: unknown;
  pre_tokenizer: unknown;
  post_processor: unknown;
  decoder: unknown;
  model: Record<string, unknown> & { vocab: Record<string, number>; merges: (string | [string, string])[] };
}

/** A fresh copy of the tokenizer.json of gqa-224. */
export function goldenTokenizerJson(): TokenizerJson {
  return readJson(goldenModelFolder('gqa-224'), 'tokenizer.json') as TokenizerJson;
}

const words =
  ("caption detect segment answer question ocr en de zh the a cat dog is in on of 2024 3.14 $5 it's naïve Größe größer кошка где 猫在哪里 "
    + 'こんにちは 안녕하세요 مرحبا हिन्दी ไทย 👍🏽 👨‍👩‍👧‍👦 🐈‍⬛ é e\u0301 \u200b \u00a0 \u3000 ▁ ▁▁ \u2028 \0 \x01 \x7f \x85 \r \n \t <loc0000> <loc1023> <loc1024> '
    + '<loc12> <seg000> <seg127> <seg128> <bos> <eos> <image> <pad> <unk> <0x41> <0xE2> <mask> <unused5> <h1> </h1> <table> <<loc0001>>')
    .split(' ');

/** Well-formed text of words, tokens, runs of spaces, newlines and tabs, and characters of all planes. */
export function randomText(random: SeededRandom): string {
  const parts = Array.from({ length: 1 + random.below(12) }, () => {
    const kind = random.below(10);
    if (kind < 5) return random.pick(words);
    if (kind < 6) return ' '.repeat(random.pick([1, 2, 3, 17, 33]));
    if (kind < 7) return random.pick(['\n', '\t']).repeat(random.pick([1, 2, 3, 31, 32, 65]));
    if (kind < 8) return random.pick(['a', 'b', '<', '>', '/', '0', 'lo']).repeat(1 + random.below(20));
    return Array.from({ length: 1 + random.below(6) }, () => randomCharacter(random)).join('');
  });
  return parts.join(random.pick(['', ' ', ' ']));
}

function randomCharacter(random: SeededRandom): string {
  const [start, end] = random.pick(
    [[0x20, 0x7f], [0x80, 0x300], [0x300, 0xd800], [0xe000, 0xfeff], [0x10000, 0x110000], [0x1f300, 0x1fa00]] as const,
  );
  return String.fromCodePoint(start + random.below(end - start));
}
