import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Failure, type FailureReason } from '../../../paligemma/src/failures';
import { compileSource, compileTokenizer } from '../../../model-host/src/tokenizer/compile';
import { parseTokenizerJson } from '../../../model-host/src/tokenizer/tokenizerJson';
import { goldenModelFolder, goldenTokenizerJson, type TokenizerJson } from '../../support/tokenizers';

const failure = (reason: FailureReason, message: RegExp) => (error: unknown) =>
  error instanceof Failure && error.reason === reason && message.test(error.message);

async function folderWith(context: TestContext, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paligemma-tokenizer-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return folder;
}

test('a folder without tokenizer.json says which files a checkpoint needs', async context => {
  const folder = await folderWith(context, { 'config.json': '{}' });
  await assert.rejects(
    compileTokenizer(folder),
    failure('tokenizerMissing', /no tokenizer\.json.*config\.json, tokenizer\.json and its weights/),
  );
  await assert.rejects(
    compileTokenizer(path.join(folder, 'config.json')),
    failure('tokenizerMissing', /no tokenizer\.json/),
  );
});

test('a folder with only tokenizer.model says how to get tokenizer.json', async context => {
  const folder = await folderWith(context, { 'tokenizer.model': 'x' });
  await assert.rejects(
    compileTokenizer(folder),
    failure('tokenizerMissing', /tokenizer\.model but no tokenizer\.json.*save_pretrained/),
  );
});

test('files that are no tokenizer are refused with what is wrong', async context => {
  const cases: [content: string, message: RegExp][] = [
    ['', /not valid JSON/],
    ['{"model": {', /ended early/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 34600000\n', /git lfs pull/],
    ['[]', /not a tokenizer file/],
    ['null', /not a tokenizer file/],
    ['{"model": {"type": "BPE"}}', /normalizer/],
  ];
  for (const [content, message] of cases) {
    await assert.rejects(
      compileTokenizer(await folderWith(context, { 'tokenizer.json': content })),
      failure('tokenizerInvalid', message),
      content,
    );
  }
});

test('a folder in the place of the file is refused', async context => {
  const folder = await folderWith(context, {});
  await (await import('node:fs/promises')).mkdir(path.join(folder, 'tokenizer.json'));
  await assert.rejects(compileTokenizer(folder), failure('tokenizerInvalid', /is a folder/));
});

test('a cancelled compilation stops', async () => {
  await assert.rejects(compileTokenizer(goldenModelFolder('gqa-224'), AbortSignal.abort()), { name: 'AbortError' });
});

const replace = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' };
const unsupported: [name: string, change: (json: TokenizerJson) => void, message: RegExp][] = [
  ['no normalizer', json => {
    json.normalizer = null;
  }, /normalizer: null/],
  ['a normalizer that puts a mark first', json => {
    json.normalizer = { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '\u2581' }, replace] };
  }, /Prepend/],
  ['another mark', json => {
    json.normalizer = { ...replace, content: '_' };
  }, /normalizer/],
  ['a byte-level pre-tokenizer', json => {
    json.pre_tokenizer = { type: 'ByteLevel' };
  }, /pre_tokenizer.*ByteLevel/],
  ['a decoder that strips', json => {
    (json.decoder as { decoders: unknown[] }).decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 });
  }, /decoder.*Strip/],
  ['no decoder', json => {
    json.decoder = null;
  }, /decoder: null/],
  ['a Unigram model', json => {
    json.model['type'] = 'Unigram';
  }, /model\.type: "Unigram"/],
  ['no byte fallback', json => {
    json.model['byte_fallback'] = false;
  }, /model\.byte_fallback: false/],
  ['dropout', json => {
    json.model['dropout'] = 0.1;
  }, /model\.dropout: 0\.1/],
  ['ignored merges', json => {
    json.model['ignore_merges'] = true;
  }, /model\.ignore_merges/],
  ['subword marks', json => {
    json.model['continuing_subword_prefix'] = '##';
  }, /continuing_subword_prefix/],
  ['word ends', json => {
    json.model['end_of_word_suffix'] = '</w>';
  }, /end_of_word_suffix/],
  ['a missing byte token', json => {
    delete json.model.vocab['<0xE2>'];
  }, /no <0xE2>/],
  ['an added token that strips', json => {
    json.added_tokens[0]!.lstrip = true;
  }, /lstrip of "<pad>"/],
  ['an added token for whole words', json => {
    json.added_tokens[1]!.single_word = true;
  }, /single_word of "<eos>"/],
  ['a normalized special token with a space', json => {
    json.added_tokens.push({ ...json.added_tokens[0]!, id: 9999, content: 'a b', normalized: true });
  }, /with a space/],
];

for (const [name, change, message] of unsupported) {
  test(`not supported: ${name}`, () => {
    const json = goldenTokenizerJson();
    change(json);
    assert.throws(() => parseTokenizerJson(json, 'tokenizer.json'), failure('tokenizerInvalid', message));
    assert.throws(
      () => parseTokenizerJson(json, 'tokenizer.json'),
      failure('tokenizerInvalid', /came with the original PaliGemma 2 model/),
    );
  });
}

const broken: [name: string, change: (json: TokenizerJson) => void, message: RegExp][] = [
  ['no vocabulary', json => {
    (json.model as Record<string, unknown>)['vocab'] = [];
  }, /no vocabulary/],
  ['no merges', json => {
    (json.model as Record<string, unknown>)['merges'] = undefined;
  }, /no merges/],
  ['a fractional id', json => {
    json.model.vocab['x!'] = 1.5;
  }, /"x!" the id 1\.5/],
  ['a negative id', json => {
    json.model.vocab['x!'] = -1;
  }, /the id -1/],
  ['a huge id', json => {
    json.model.vocab['x!'] = 2 ** 30;
  }, /the id 1073741824/],
  ['an id that is no number', json => {
    (json.model.vocab as Record<string, unknown>)['x!'] = '7';
  }, /the id "7"/],
  ['one id for two tokens', json => {
    json.model.vocab['x!'] = 7;
  }, /the id 7 to two tokens/],
  ['a lone surrogate', json => {
    json.model.vocab['\ud800'] = 9999;
  }, /not valid Unicode/],
  ['a merge of three', json => {
    json.model.merges.push('a b c');
  }, /not a pair.*"a b c"/],
  ['a merge that is no text', json => {
    json.model.merges.push([1, 2] as unknown as [string, string]);
  }, /not a pair/],
  ['a merge to nothing', json => {
    json.model.merges.push(['cat', 'dog']);
  }, /not in its vocabulary/],
  ['an added token of another id', json => {
    json.added_tokens[2]!.id = 3;
  }, /"<bos>" an id that contradicts/],
  ['an added token on an id that is taken', json => {
    json.added_tokens.push({ ...json.added_tokens[9]!, content: '<new>', id: 5 });
  }, /"<new>" an id that contradicts/],
  ['an added token twice', json => {
    json.added_tokens.push({ ...json.added_tokens[2]! });
  }, /"<bos>" twice/],
  ['an added token without flags', json => {
    delete (json.added_tokens[2] as Partial<TokenizerJson['added_tokens'][number]>).special;
  }, /whether the added token "<bos>" is special/],
  ['an added token without content', json => {
    json.added_tokens.push({} as TokenizerJson['added_tokens'][number]);
  }, /without content/],
  ['added tokens that are no list', json => {
    (json as unknown as Record<string, unknown>)['added_tokens'] = {};
  }, /not a list/],
];

for (const [name, change, message] of broken) {
  test(`broken: ${name}`, () => {
    const json = goldenTokenizerJson();
    change(json);
    assert.throws(() => parseTokenizerJson(json, 'tokenizer.json'), failure('tokenizerInvalid', message));
  });
}

test('what does not change the ids is taken: no pre-tokenizer, any template, truncation, padding, empty added tokens', () => {
  const json = goldenTokenizerJson();
  const expected = compileSource(parseTokenizerJson(json, 'x'), 'x');
  json.pre_tokenizer = null;
  json.post_processor = { type: 'ByteLevel' };
  Object.assign(json, { truncation: { max_length: 3 }, padding: { length: 9 } });
  Object.assign(json.model, { dropout: 0, continuing_subword_prefix: '', fuse_unk: false });
  json.added_tokens.push({ ...json.added_tokens[0]!, content: '', id: 9999 });
  assert.deepEqual(compileSource(parseTokenizerJson(json, 'x'), 'x'), expected);
});

test('names that objects have by themselves are tokens like any other', () => {
  const json = JSON.parse(
    JSON.stringify(goldenTokenizerJson()).replace('"vocab":{', '"vocab":{"__proto__":9000,"constructor":9001,'),
  ) as unknown;
  const { vocabulary } = parseTokenizerJson(json, 'x');
  assert.deepEqual([vocabulary.get('__proto__'), vocabulary.get('constructor')], [9000, 9001]);
});

test('a tokenizer without <bos>, or with holes in its loc tokens, is not a PaliGemma tokenizer', () => {
  const refusal = (change: (json: TokenizerJson) => void) => {
    const json = goldenTokenizerJson();
    change(json);
    return () => compileSource(parseTokenizerJson(json, 'x'), 'the model');
  };
  const remove = (json: TokenizerJson, token: string) => {
    delete json.model.vocab[token];
    json.added_tokens = json.added_tokens.filter(({ content }) => content !== token);
  };
  assert.throws(
    refusal(json => {
      remove(json, '<bos>');
    }),
    failure('tokenizerInvalid', /tokenizer of the model is not a PaliGemma tokenizer\. It has no <bos> token\./),
  );
  assert.throws(
    refusal(json => {
      remove(json, '<eos>');
    }),
    failure('tokenizerInvalid', /no <eos>/),
  );
  assert.throws(
    refusal(json => {
      remove(json, '<loc0500>');
    }),
    failure('tokenizerInvalid', /<loc0000> to <loc1023>/),
  );
  assert.throws(
    refusal(json => {
      remove(json, '<seg000>');
    }),
    failure('tokenizerInvalid', /<seg000> to <seg127>/),
  );
});
