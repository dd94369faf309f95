"""Builds the tokenizer, of Gemma's kind, and the processor's files beside it.

    python -m screens.make_tokenizer

Ids: 4 specials, 256 bytes, the newline, the characters of `alphabet.py` one by one, pieces of prompts and captions, `<mask>`, then
1024 location tokens, 128 segmentation tokens, and `<image>` last. Printed text is always answered character by character, so
that words never seen are no harder than others; only prompts and captions use the longer pieces. All ids but those of the
longer pieces stay as they are when prompts change.
"""
import json
from functools import cache
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from screens.alphabet import CHARACTERS, INDEX, PRINTED, PRINTED_END, SPACE, unmarked
from screens.places import MODEL
from screens.tiles import PATCHES, TILE_PX

PAD, EOS, BOS = 0, 1, 2
SPECIALS = ['<pad>', '<eos>', '<bos>', '<unk>']
BYTES = [f'<0x{i:02X}>' for i in range(256)]
LOCATIONS = [f'<loc{i:04d}>' for i in range(1024)]
SEGMENTS = [f'<seg{i:03d}>' for i in range(128)]
NEWLINE = len(SPECIALS) + len(BYTES)
FIRST_CHARACTER = NEWLINE + 1
FIRST_LOCATION = 1024
"""Rows before it that no piece needs are unused."""
IMAGE = FIRST_LOCATION + len(LOCATIONS) + len(SEGMENTS)
ROWS = IMAGE + 1

FIRST_MERGES = [('o', 'c'), ('oc', 'r'), ('c', 'a'), ('ca', 'p'), ('e', 'n'), ('d', 'e'), ('f', 'r'), ('e', 's'), ('▁', 'en'),
                ('▁', 'de'), ('▁', 'fr'), ('▁', 'es')]
FIRST_PIECES = ['oc', 'ocr', 'ca', 'cap', 'de', 'en', 'fr', 'es', '▁en', '▁de', '▁fr', '▁es']
"""Their ids come first and stay."""
LEARNT = Path(__file__).with_name('merges.json')
"""Of `make_merges.py`."""


def assemble():
    learnt = [tuple(merge) for merge in json.loads(LEARNT.read_text(encoding='utf-8'))] if LEARNT.exists() else []
    pieces = SPECIALS + BYTES + ['\n'] + list(CHARACTERS.replace(SPACE, '▁')) + FIRST_PIECES
    pieces += [piece for piece in dict.fromkeys(''.join(merge) for merge in learnt) if piece not in pieces] + ['<mask>']
    pieces += [f'<unused{i}>' for i in range(FIRST_LOCATION - len(pieces))] + LOCATIONS + SEGMENTS + ['<image>']
    tokenizer = Tokenizer(models.BPE(vocab={piece: i for i, piece in enumerate(pieces)}, merges=FIRST_MERGES + learnt, byte_fallback=True,
                                     unk_token='<unk>', fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(' ', '▁')
    tokenizer.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')  # as in Gemma's file; it has no effect
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    # Only `<mask>` has no use: transformers adds it to a GemmaTokenizer that lacks it.
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIALS + ['<mask>', '<image>']])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in LOCATIONS + SEGMENTS])
    return tokenizer


@cache
def tokenizer():
    return assemble()


def ids_of(text):
    return tokenizer().encode(text, add_special_tokens=False).ids


def prompt_ids(prompt):
    """What stands before the answer: `<bos>`, the prompt and a newline. It is read as the processor reads it: marks play no part."""
    return [BOS] + ids_of(unmarked(prompt)) + [NEWLINE]


def answer_ids(answer):
    """Ids of an answer with `<eos>`; what is marked as printed goes character by character."""
    ids = []
    for i, part in enumerate(answer.replace(PRINTED_END, PRINTED).split(PRINTED)):
        ids += printed_ids(part)[:-1] if i % 2 else ids_of(part)
    return ids + [EOS]


def printed_ids(text):
    """Ids of printed text, one a character, with `<eos>`."""
    return [NEWLINE if character == '\n' else FIRST_CHARACTER + INDEX[character] for character in text] + [EOS]


def write_files(folder):
    folder.mkdir(parents=True, exist_ok=True)
    assemble().save(str(folder / 'tokenizer.json'))
    names = dict(bos_token='<bos>', eos_token='<eos>', pad_token='<pad>', unk_token='<unk>', mask_token='<mask>')
    write_json(folder / 'tokenizer_config.json', dict(
        tokenizer_class='GemmaTokenizerFast', model_max_length=1024, add_bos_token=False, add_eos_token=False,
        clean_up_tokenization_spaces=False, extra_special_tokens={'image_token': '<image>'}, processor_class='PaliGemmaProcessor',
        padding_side='right', **names))
    write_json(folder / 'special_tokens_map.json', dict(names, image_token='<image>', additional_special_tokens=['<image>']))
    write_json(folder / 'preprocessor_config.json', dict(
        image_processor_type='SiglipImageProcessor', processor_class='PaliGemmaProcessor', do_convert_rgb=True, do_resize=True,
        size=dict(height=TILE_PX, width=TILE_PX), resample=3, do_rescale=True, rescale_factor=1 / 255, do_normalize=True,
        image_mean=[.5] * 3, image_std=[.5] * 3, image_seq_length=PATCHES))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1), encoding='utf-8')


def main():
    write_files(MODEL)
    print('rows', tokenizer().get_vocab_size(), 'first location token', tokenizer().token_to_id('<loc0000>'))
    for text in ('ocr', 'caption en', 'Ünï (x) = "y";\nWORLD 42', 'detect a ; b', '<loc0010><seg001> button ; ', '日本'):
        encoded = tokenizer().encode(text, add_special_tokens=False)
        assert tokenizer().decode(encoded.ids, skip_special_tokens=False) == text, f'{text!r} does not come back from its ids'
        print(len(encoded.ids), encoded.tokens)


if __name__ == '__main__':
    main()
