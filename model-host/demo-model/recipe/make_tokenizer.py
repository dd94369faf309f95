"""Builds a tokenizer of Gemma's kind from the prompts and answers of scenes, with the processor's files beside it.

    python make_tokenizer.py            trains new pieces
    python make_tokenizer.py FOLDER     takes pieces and merges from FOLDER/tokenizer.json, so that all ids stay as they are

Ids: 4 specials, 256 bytes, the trained pieces, `<mask>`, padding to a multiple of 64, then 1024 location tokens, 128
segmentation tokens, and `<image>` last.
"""
import json
import random
import re
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from paths import MODEL
from prompts import prompts_of, questions_of
from scenes import draw_scene

SPECIALS = ['<pad>', '<eos>', '<bos>', '<unk>']
BYTES = [f'<0x{i:02X}>' for i in range(256)]
LOCATIONS = [f'<loc{i:04d}>' for i in range(1024)]
SEGMENTS = [f'<seg{i:03d}>' for i in range(128)]
ACCENTED = 'äöüÄÖÜßàâæçèéêëîïôœùûÿÀÂÆÇÈÉÊËÎÏÔŒÙÛŸáíóúñ¿¡ÁÍÓÚÑãõåø'
TASK_WORDS = ('cap de cap fr cap es describe de describe fr describe es ocr segment text detect text question answer what which who '
              'how many is are the picture image')
ROW_MULTIPLE = 64


def training_lines(scene_count=1500):
    rng = random.Random(5)
    lines = []
    for _ in range(scene_count):
        scene = draw_scene(rng, rng.choice(['shape', 'text', 'both']), max_shapes=3)
        for line in scene.lines:
            line.text = ''  # printed words stay single letters
        for prompt, answer in list(prompts_of(rng, scene).items()) + questions_of(scene):
            plain = re.sub(r'<[^>]*>', '', answer)
            lines += [prompt, plain, plain.strip()]
    return lines + [TASK_WORDS] * 9


def train_pieces():
    """(pieces in order of their ids, merges), without specials."""
    trainee = Tokenizer(models.BPE(byte_fallback=True, unk_token='<unk>', fuse_unk=True))
    trainee.normalizer = normalizers.Replace(' ', '▁')
    # Only while training: no merge crosses a space, digits and stops stay single.
    trainee.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split('▁', 'merged_with_next'), pre_tokenizers.Split(Regex('[0-9.,;?\n]'), 'isolated')])
    alphabet = [chr(i) for i in range(33, 127)] + ['\n', '▁'] + list(ACCENTED)
    trainee.train_from_iterator(training_lines(), trainers.BpeTrainer(
        vocab_size=1024, min_frequency=4, special_tokens=SPECIALS, initial_alphabet=alphabet, show_progress=False))
    model = json.loads(trainee.to_str())['model']
    return sorted(model['vocab'], key=model['vocab'].get)[len(SPECIALS):], model['merges']


def pieces_of(folder):
    """(pieces, merges) of an existing tokenizer of this kind."""
    model = json.loads((Path(folder) / 'tokenizer.json').read_text(encoding='utf-8'))['model']
    ordered = sorted(model['vocab'], key=model['vocab'].get)
    return ordered[len(SPECIALS) + len(BYTES):ordered.index('<mask>')], model['merges']


def assemble(pieces, merges):
    """The tokenizer as it is saved. Only `<mask>` has no use: transformers adds it to a GemmaTokenizer that lacks it."""
    base = SPECIALS + BYTES + pieces + ['<mask>']
    base += [f'<unused{i}>' for i in range(-len(base) % ROW_MULTIPLE)]
    vocabulary = {piece: i for i, piece in enumerate(base + LOCATIONS + SEGMENTS + ['<image>'])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[tuple(merge) for merge in merges], byte_fallback=True,
                                     unk_token='<unk>', fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(' ', '▁')
    tokenizer.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')  # as in Gemma's file; it has no effect
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIALS + ['<mask>', '<image>']])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in LOCATIONS + SEGMENTS])
    return tokenizer


def write_processor_files(folder):
    names = dict(bos_token='<bos>', eos_token='<eos>', pad_token='<pad>', unk_token='<unk>', mask_token='<mask>')
    write_json(folder / 'tokenizer_config.json', dict(
        tokenizer_class='GemmaTokenizerFast', model_max_length=512, add_bos_token=False, add_eos_token=False,
        clean_up_tokenization_spaces=False, extra_special_tokens={'image_token': '<image>'}, processor_class='PaliGemmaProcessor',
        padding_side='right', **names))
    write_json(folder / 'special_tokens_map.json', dict(names, image_token='<image>', additional_special_tokens=['<image>']))
    write_json(folder / 'preprocessor_config.json', dict(
        image_processor_type='SiglipImageProcessor', processor_class='PaliGemmaProcessor', do_convert_rgb=True, do_resize=True,
        size=dict(height=224, width=224), resample=3, do_rescale=True, rescale_factor=1 / 255, do_normalize=True,
        image_mean=[.5] * 3, image_std=[.5] * 3, image_seq_length=64))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1), encoding='utf-8')


def main():
    pieces, merges = pieces_of(sys.argv[1]) if len(sys.argv) > 1 else train_pieces()
    tokenizer = assemble(pieces, merges)
    MODEL.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(MODEL / 'tokenizer.json'))
    write_processor_files(MODEL)
    print('pieces', len(pieces), 'first location token', tokenizer.token_to_id('<loc0000>'), 'rows', tokenizer.get_vocab_size())
    for text in ('caption en', 'HELLO\nWORLD 42', 'detect red circle ; star', '<loc0010><seg001> red circle ; ', 'ein grüner Kreis, 日本 é'):
        encoded = tokenizer.encode(text, add_special_tokens=False)
        assert tokenizer.decode(encoded.ids, skip_special_tokens=False) == text, f'{text!r} does not come back from its ids'
        print(len(encoded.ids), encoded.tokens)


if __name__ == '__main__':
    main()
