/** tokenizer.json → one binary file that loads in milliseconds. */
import * as l10n from '@vscode/l10n';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { Failure } from '../../../paligemma/src/failures';
import { LOC_BINS, SEG_CODES } from '../../../paligemma/src/facts';
import { packUint24, tokenFlag, writeTables, type TokenizerSpecials, type TokenizerTables } from './tables';
import {
  byteId,
  readTokenizerJson,
  SPACE_MARK,
  type AddedToken,
  type Merges,
  type TokenizerSource,
} from './tokenizerJson';
import { buildTokenTrie } from './tokenTrie';

/**
 * Compiles `tokenizer.json` of a checkpoint folder; `Tokenizer.fromBytes` takes the result. Takes about two seconds and
 * a few hundred megabytes for the Gemma vocabulary; cancelled between its parts.
 * @throws Failure `tokenizerMissing`, `tokenizerInvalid`.
 */
export async function compileTokenizer(sourceFolder: string, signal?: AbortSignal): Promise<Uint8Array> {
  const source = await readTokenizerJson(sourceFolder);
  await yieldToEvents();
  signal?.throwIfAborted();
  return compileSource(source, sourceFolder);
}

/**
 * Compiles a checked source.
 * @param origin Named in messages.
 * @throws Failure `tokenizerInvalid` when it lacks a token that every prompt needs, or has only some of the loc or
 *   seg tokens.
 */
export function compileSource(source: TokenizerSource, origin: string): Uint8Array {
  const idOfText = new Map(source.vocabulary);
  for (const { content, id } of source.addedTokens) idOfText.set(content, id);
  const texts = tokenTables(idOfText, source.addedTokens);
  const tables: TokenizerTables = {
    specials: findSpecials(idOfText, source, origin),
    ...texts,
    ...characterTables(source.vocabulary),
    ...mergeTables(source.merges, texts.tokenFlags.length),
    rawTrie: trieOf(source.addedTokens.filter(token => !token.isNormalized).map(({ content, id }) => [content, id])),
    normalizedTrie: trieOf(
      source.addedTokens.filter(token => token.isNormalized).map((
        { content, id },
      ) => [content.replaceAll(' ', SPACE_MARK), id]),
    ),
  };
  return writeTables(tables);
}

function findSpecials(ids: ReadonlyMap<string, number>, source: TokenizerSource, origin: string): TokenizerSpecials {
  const need = (token: string) => {
    const id = ids.get(token);
    if (id === undefined) throw refuse(origin, l10n.t('It has no {0} token.', token));
    return id;
  };
  return {
    bos: need('<bos>'),
    eos: need('<eos>'),
    pad: ids.get('<pad>') ?? -1,
    unk: ids.get(source.unknownToken ?? '<unk>') ?? -1,
    newline: ids.get('\n') ?? byteId(source.vocabulary, 0x0a)!,
    image: ids.get('<image>') ?? -1,
    firstLoc: firstOfRange(ids, LOC_BINS, index => `<loc${String(index).padStart(4, '0')}>`, origin),
    firstSeg: firstOfRange(ids, SEG_CODES, index => `<seg${String(index).padStart(3, '0')}>`, origin),
  };
}

/** First id of a numbered range of tokens, or −1 if none of them is there. */
function firstOfRange(
  ids: ReadonlyMap<string, number>,
  count: number,
  name: (index: number) => string,
  origin: string,
): number {
  const found = Array.from({ length: count }, (_, index) => ids.get(name(index)));
  if (found.every(id => id === undefined)) return -1;
  const first = found[0];
  if (first === undefined || found.some((id, index) => id !== first + index)) {
    throw refuse(origin, l10n.t('It does not have the tokens {0} to {1} one after another.', name(0), name(count - 1)));
  }
  return first;
}

/** @param what A sentence. */
function refuse(origin: string, what: string): Failure {
  return new Failure(
    'tokenizerInvalid',
    l10n.t(
      'The tokenizer of {0} is not a PaliGemma tokenizer. {1} Use the tokenizer.json that came with the original PaliGemma 2 model.',
      origin,
      what,
    ),
  );
}

function tokenTables(idOfText: ReadonlyMap<string, number>, addedTokens: readonly AddedToken[]) {
  const entries = [...idOfText].sort(([, a], [, b]) => a - b);
  const size = entries.at(-1)![1] + 1;
  const tokenFlags = new Uint8Array(size);
  const tokenStarts = new Uint32Array(size + 1);
  const tokenBytes = Buffer.from(entries.map(([text]) => text).join(''));
  for (const [text, id] of entries) {
    tokenFlags[id] = tokenFlag.known | (isByteToken(text) ? tokenFlag.byte : 0);
    tokenStarts[id + 1] = Buffer.byteLength(text);
  }
  for (let id = 0; id < size; id++) tokenStarts[id + 1]! += tokenStarts[id]!;
  for (const { id, isSpecial, isNormalized } of addedTokens) {
    tokenFlags[id]! |= tokenFlag.added | (isSpecial ? tokenFlag.special : 0)
      | (isNormalized ? tokenFlag.normalized : 0);
  }
  return { tokenFlags, tokenStarts, tokenBytes };
}

/**
 * The decoder reads any token of this form as a byte, small letters and a sign included. Source: as for {@link
 * import('./tokenDecoder').TokenDecoder}.
 */
function isByteToken(text: string): boolean {
  return /^<0x(?:[0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/.test(text);
}

function characterTables(vocabulary: ReadonlyMap<string, number>) {
  const found: [character: number, id: number][] = [];
  for (const [text, id] of vocabulary) {
    const character = text.codePointAt(0);
    if (character !== undefined && text.length === String.fromCodePoint(character).length) found.push([character, id]);
  }
  found.sort(([a], [b]) => a - b);
  return {
    characters: Uint32Array.from(found, ([character]) => character),
    characterIds: Uint32Array.from(found, ([, id]) => id),
    byteIds: Uint32Array.from({ length: 256 }, (_, byte) => byteId(vocabulary, byte) ?? 0),
  };
}

function mergeTables({ lefts, rights, results }: Merges, size: number) {
  const order = lefts.map((_, rank) => rank).sort((a, b) => lefts[a]! - lefts[b]! || rights[a]! - rights[b]! || a - b)
    // Of a pair that is listed twice the later entry counts, as in the reference.
    .filter((rank, index, ranks) =>
      lefts[rank] !== lefts[ranks[index + 1]!] || rights[rank] !== rights[ranks[index + 1]!]
    );
  const mergeStarts = new Uint32Array(size + 1);
  for (const rank of order) mergeStarts[lefts[rank]! + 1]!++;
  for (let id = 0; id < size; id++) mergeStarts[id + 1]! += mergeStarts[id]!;
  return {
    mergeStarts,
    mergeRights: packUint24(order.map(rank => rights[rank]!)),
    mergeRanks: packUint24(order),
    mergeResults: packUint24(order.map(rank => results[rank]!)),
  };
}

function trieOf(tokens: readonly [text: string, id: number][]): Uint32Array {
  return buildTokenTrie(tokens.map(([text, id]) => [Buffer.from(text), id]));
}
