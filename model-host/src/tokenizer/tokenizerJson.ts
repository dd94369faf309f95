/** Reads a Hugging Face `tokenizer.json` and takes it only where it means what a Gemma tokenizer means. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { FileRefused, readPlainFile } from '../../../system/src/plainFile';
import { shown } from '../../../paligemma/src/shown';
import { Failure } from '../../../paligemma/src/failures';

/** What stands for a space inside Gemma's tokens: U+2581. Source: normalizer and decoder of Gemma's tokenizer.json. */
export const SPACE_MARK = '\u2581';
/** Ids fit three bytes with room to spare; the Gemma vocabulary has 257,153. */
const MAX_TOKEN_ID = (1 << 24) - 1;
/** Longer than any tokenizer.json of the family (34.6 MB), shorter than what a JavaScript string can hold. */
export const MAX_TOKENIZER_BYTES = 256 * 1024 * 1024;

/** A token that is cut out of the text before byte-pair encoding sees it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Left out of decoded text when special tokens are skipped. */
  readonly isSpecial: boolean;
  /** Looked for after spaces have become {@link SPACE_MARK}, and only in what the other added tokens left over. */
  readonly isNormalized: boolean;
}

/** The parts of a checked `tokenizer.json` that decide ids and text. */
export interface TokenizerSource {
  /** Text → id of the byte-pair vocabulary; ids are distinct integers 0…{@link MAX_TOKEN_ID}. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly merges: Merges;
  readonly addedTokens: readonly AddedToken[];
  /** Name of the token for unknown text, where the file names one. */
  readonly unknownToken: string | undefined;
}

/**
 * Pairs that byte-pair encoding joins, best first: the position is the rank. Ids of both parts and of what they join
 * to.
 */
export interface Merges {
  readonly lefts: Uint32Array;
  readonly rights: Uint32Array;
  readonly results: Uint32Array;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads `tokenizer.json` of a checkpoint folder.
 * @throws Failure `tokenizerMissing` when there is none, `tokenizerInvalid` when it cannot be used.
 */
export async function readTokenizerJson(folder: string): Promise<TokenizerSource> {
  const file = path.join(folder, 'tokenizer.json');
  const bytes = await readOrExplain(folder, file);
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith('version https://git-lfs')) {
    throw new Failure(
      'tokenizerInvalid',
      l10n.t(
        '{0} is only a Git LFS pointer, not the file itself. Run “git lfs pull” in the model folder, then try again.',
        file,
      ),
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(file, l10n.t('It is not valid JSON, so the download probably ended early.'), error);
  }
  return parseTokenizerJson(json, file);
}

async function readOrExplain(folder: string, file: string): Promise<Buffer> {
  try {
    return await readPlainFile(file, MAX_TOKENIZER_BYTES);
  } catch (error) {
    if (error instanceof FileRefused) throw new Failure('tokenizerInvalid', withCure(error.message), { cause: error });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw invalid(file, l10n.t('It could not be read ({0}).', code), error);
    }
    throw new Failure('tokenizerMissing', await missingMessage(folder), { cause: error });
  }
}

async function missingMessage(folder: string): Promise<string> {
  const hasSentencePiece = await access(path.join(folder, 'tokenizer.model')).then(() => true, () => false);
  if (hasSentencePiece) {
    return l10n.t(
      'The model folder {0} has tokenizer.model but no tokenizer.json, and only tokenizer.json can be read. Download tokenizer.json from the page of the model on Hugging Face into that folder, or write one with Python: from transformers import AutoTokenizer; AutoTokenizer.from_pretrained("FOLDER").save_pretrained("FOLDER").',
      folder,
    );
  }
  return l10n.t(
    'The model folder {0} has no tokenizer.json. A checkpoint needs config.json, tokenizer.json and its weights (*.safetensors, with model.safetensors.index.json if they are in several files): download what is missing into that folder.',
    folder,
  );
}

/**
 * Checks the parsed content of a `tokenizer.json`. Post-processor, truncation and padding are not read: the prompt is
 * put together by `promptIds` of `generation/prompt.ts`, as PaliGemma's own processor does.
 * @param file Named in messages.
 * @throws Failure `tokenizerInvalid` with the part that is not supported.
 */
export function parseTokenizerJson(json: unknown, file: string): TokenizerSource {
  if (!isRecord(json) || !isRecord(json['model'])) {
    throw invalid(file, l10n.t('It is not a tokenizer file of Hugging Face tokenizers.'));
  }
  checkTextSteps(json, file);
  const model = json['model'];
  checkModel(model, file);
  const vocabulary = parseVocabulary(model['vocab'], file);
  return {
    vocabulary,
    merges: parseMerges(model['merges'], vocabulary, file),
    addedTokens: parseAddedTokens(json['added_tokens'] ?? [], vocabulary, file),
    unknownToken: typeof model['unk_token'] === 'string' ? model['unk_token'] : undefined,
  };
}

/**
 * Normalizer, pre-tokenizer and decoder have one accepted form each. Source: tokenizer.json of google/gemma-2 and of
 * transformers 5's GemmaTokenizer.
 */
function checkTextSteps(json: Json, file: string): void {
  const spaceToMark = { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK };
  if (!isSame(json['normalizer'], spaceToMark)) throw unsupported(file, 'normalizer', json['normalizer']);
  // It splits at spaces, and the normalizer leaves none: with or without it the ids are the same.
  const splitAtSpaces = { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false };
  if ((json['pre_tokenizer'] ?? null) !== null && !isSame(json['pre_tokenizer'], splitAtSpaces)) {
    throw unsupported(file, 'pre_tokenizer', json['pre_tokenizer']);
  }
  const markToSpace = { type: 'Replace', pattern: { String: SPACE_MARK }, content: ' ' };
  const chain = { type: 'Sequence', decoders: [markToSpace, { type: 'ByteFallback' }, { type: 'Fuse' }] };
  if (!isSame(json['decoder'], chain)) throw unsupported(file, 'decoder', json['decoder']);
}

function checkModel(model: Json, file: string): void {
  if (model['type'] !== 'BPE') throw unsupported(file, 'model.type', model['type']);
  if (model['byte_fallback'] !== true) throw unsupported(file, 'model.byte_fallback', model['byte_fallback']);
  for (const key of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'ignore_merges']) {
    // Absent, null, "", 0 and false all mean that the option is off. `fuse_unk` is free: with byte fallback nothing is
    // unknown.
    if (model[key]) throw unsupported(file, `model.${key}`, model[key]);
  }
}

function parseVocabulary(value: unknown, file: string): Map<string, number> {
  if (!isRecord(value)) throw invalid(file, l10n.t('It has no vocabulary.'));
  const vocabulary = new Map<string, number>();
  const seen = new Set<number>();
  for (const [text, id] of Object.entries(value)) {
    checkToken(text, id, file);
    if (seen.has(id)) throw invalid(file, l10n.t('It gives the id {0} to two tokens.', id));
    seen.add(id);
    vocabulary.set(text, id);
  }
  for (let byte = 0; byte < 256; byte++) {
    if (isNeededByte(byte) && byteId(vocabulary, byte) === undefined) {
      throw unsupported(file, 'model.vocab', `no ${byteToken(byte)}`);
    }
  }
  return vocabulary;
}

/** UTF-8 has no byte C0, C1 or F5…FF. */
function isNeededByte(byte: number): boolean {
  return byte < 0xc0 || byte > 0xc1 && byte < 0xf5;
}

/**
 * Id for one byte of a character that the vocabulary lacks. Gemma has "\t" in the place of `<0x09>`, which that
 * character never needs.
 */
export function byteId(vocabulary: ReadonlyMap<string, number>, byte: number): number | undefined {
  return vocabulary.get(byteToken(byte)) ?? (byte < 0x80 ? vocabulary.get(String.fromCharCode(byte)) : undefined);
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

function parseMerges(value: unknown, vocabulary: ReadonlyMap<string, number>, file: string): Merges {
  if (!Array.isArray(value)) throw invalid(file, l10n.t('It has no merges.'));
  // The reference reads the string form as lines of a merges.txt, where such a line is a comment.
  const entries = (value as unknown[]).filter(entry => !(typeof entry === 'string' && entry.startsWith('#version')));
  if (entries.length > MAX_TOKEN_ID) {
    throw invalid(file, l10n.t('It has {0} merges, which is too many.', entries.length));
  }
  const merges = {
    lefts: new Uint32Array(entries.length),
    rights: new Uint32Array(entries.length),
    results: new Uint32Array(entries.length),
  };
  for (const [rank, entry] of entries.entries()) {
    const parts: readonly unknown[] = typeof entry === 'string' ? entry.split(' ') : Array.isArray(entry) ? entry : [];
    const [left, right] = parts;
    if (parts.length !== 2 || typeof left !== 'string' || typeof right !== 'string') {
      throw invalid(file, l10n.t('It has a merge that is not a pair of tokens: {0}.', shown(entry)));
    }
    const ids = [vocabulary.get(left), vocabulary.get(right), vocabulary.get(left + right)] as const;
    if (ids[0] === undefined || ids[1] === undefined || ids[2] === undefined) {
      throw invalid(file, l10n.t('It has a merge of tokens that are not in its vocabulary: {0}.', shown(entry)));
    }
    [merges.lefts[rank], merges.rights[rank], merges.results[rank]] = ids;
  }
  return merges;
}

function parseAddedTokens(value: unknown, vocabulary: ReadonlyMap<string, number>, file: string): AddedToken[] {
  if (!Array.isArray(value)) throw invalid(file, l10n.t('Its added tokens are not a list.'));
  const textOfId = new Map([...vocabulary].map(([text, id]) => [id, text]));
  const contents = new Set<string>();
  const tokens: AddedToken[] = [];
  for (const entry of value as unknown[]) {
    const token = parseAddedToken(entry, file);
    if (token.content === '') continue; // As in the reference.
    if (contents.has(token.content)) throw invalid(file, l10n.t('It adds the token {0} twice.', shown(token.content)));
    contents.add(token.content);
    const known = textOfId.get(token.id);
    const isOther = known === undefined ? vocabulary.has(token.content) : known !== token.content;
    if (isOther) {
      throw invalid(
        file,
        l10n.t(
          'It gives the added token {0} an id that contradicts its vocabulary ({1}).',
          shown(token.content),
          token.id,
        ),
      );
    }
    textOfId.set(token.id, token.content);
    tokens.push(token);
  }
  return tokens;
}

function parseAddedToken(entry: unknown, file: string): AddedToken {
  if (!isRecord(entry) || typeof entry['content'] !== 'string') {
    throw invalid(file, l10n.t('It has an added token without content: {0}.', shown(entry)));
  }
  const { id, content, special: isSpecial, normalized: isNormalized } = entry;
  checkToken(content, id, file);
  if (typeof isSpecial !== 'boolean' || typeof isNormalized !== 'boolean') {
    throw invalid(
      file,
      l10n.t('It does not say whether the added token {0} is special and normalized.', shown(content)),
    );
  }
  for (const flag of ['single_word', 'lstrip', 'rstrip']) {
    if (entry[flag]) throw unsupported(file, `added_tokens: ${flag} of ${shown(content)}`, entry[flag]);
  }
  // Versions of the reference disagree on whether such a token is skipped in decoded text.
  if (isSpecial && isNormalized && content.includes(' ')) {
    throw unsupported(file, `added_tokens: a normalized special token with a space`, content);
  }
  return { id, content, isSpecial, isNormalized };
}

function checkToken(text: string, id: unknown, file: string): asserts id is number {
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > MAX_TOKEN_ID) {
    throw invalid(file, l10n.t('It gives the token {0} the id {1}.', shown(text), shown(id)));
  }
  // A lone surrogate has no UTF-8 form; no other reader takes such a file either.
  if (/[\uD800-\uDFFF]/u.test(text)) {
    throw invalid(file, l10n.t('It has a token that is not valid Unicode (id {0}).', id));
  }
}

/** Equal as JSON, whatever the order of keys. */
function isSame(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return Array.isArray(actual) && actual.length === expected.length
      && expected.every((item, index) => isSame(actual[index], item));
  }
  if (!isRecord(expected)) return actual === expected;
  return isRecord(actual) && Object.keys(actual).length === Object.keys(expected).length
    && Object.entries(expected).every(([key, item]) => isSame(actual[key], item));
}

/** @param what A sentence. */
function invalid(file: string, what: string, cause?: unknown): Failure {
  return new Failure('tokenizerInvalid', withCure(l10n.t('{0} cannot be used. {1}', file, what)), { cause });
}

function withCure(what: string): string {
  const cure = l10n.t('Download tokenizer.json of the original PaliGemma 2 model again and put it in its place.');
  return `${what} ${cure}`;
}

function unsupported(file: string, part: string, value: unknown): Failure {
  return new Failure(
    'tokenizerInvalid',
    l10n.t(
      '{0} asks for something that a Gemma tokenizer does not have and that is not supported ({1}: {2}). Use the tokenizer.json that came with the original PaliGemma 2 model.',
      file,
      part,
      shown(value),
    ),
  );
}
