"""Learns the longer pieces of the tokenizer from prompts and answers, without what is printed on pictures: merges.json.

    python -m screens.make_merges

Run once. Other merges are other ids of pieces, and a model in training has to learn them anew; the ids of characters and locations
stay.
"""
import json
import random
import re

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from prompts import prompts_of as prompts_of_shapes
from scenes import draw_scene
from screens.alphabet import CHARACTERS, PRINTED, PRINTED_END, SPACE
from screens.make_tokenizer import FIRST_CHARACTER, FIRST_LOCATION, FIRST_MERGES, FIRST_PIECES, LEARNT
from screens.places import WORD_LISTS
from screens.prompts import PHOTOGRAPH, Seen, prompts_of
from screens.templates import KINDS, draw_screen
from screens.words import read_words

SCREENS_OF_KIND, SCENES = 150, 900
ROOM = FIRST_LOCATION - FIRST_CHARACTER - len(CHARACTERS) - len(FIRST_PIECES) - 1


def lines():
    rng, words = random.Random(5), read_words(WORD_LISTS)
    for kind in KINDS:
        for i in range(SCREENS_OF_KIND):
            facts = draw_screen(f'merges {kind} {i}', words, ['a'], ['b'], kind=kind).facts
            facts['elements'] = []
            texts = {facts.get('title'), facts.get('text'), *map(str, facts.get('buttons') or []), *facts.get('values', {})}
            seen = Seen(facts, texts | {f'{name} {value}%' for name, value in facts.get('values', {}).items()})
            for prompt, answer in prompts_of(rng, seen).items():
                yield from (without_printed(prompt), without_printed(answer))
    for _ in range(SCENES):
        scene = draw_scene(rng, rng.choice(['shape', 'text', 'both']), max_shapes=4)
        for line in scene.lines:
            line.text = ''
        for prompt, answer in prompts_of_shapes(rng, scene).items():
            yield from (prompt, re.sub('<[^>]*>', '', answer))
    yield from [*PHOTOGRAPH.values()] * 50


def without_printed(text):
    return re.sub(f'{PRINTED}[^{PRINTED_END}]*{PRINTED_END}', '', re.sub('<loc[0-9]*>', '', text))


def main():
    trainee = Tokenizer(models.BPE())
    trainee.normalizer = normalizers.Replace(' ', '▁')
    # Only while training: no merge crosses a space, digits and stops stay single.
    trainee.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split('▁', 'merged_with_next'), pre_tokenizers.Split(Regex('[0-9.,;:?“”\n]'), 'isolated')])
    alphabet = list(CHARACTERS.replace(SPACE, '▁'))
    trainee.train_from_iterator(lines(), trainers.BpeTrainer(
        vocab_size=len(alphabet) + ROOM, min_frequency=4, initial_alphabet=alphabet, limit_alphabet=len(alphabet), show_progress=False))
    learnt = [merge for merge in json.loads(trainee.to_str())['model']['merges']
              if tuple(merge) not in FIRST_MERGES and ''.join(merge) not in FIRST_PIECES]
    LEARNT.write_text(json.dumps(learnt, ensure_ascii=False, separators=(',', ':')), encoding='utf-8')
    print(len(learnt), 'merges, room for', ROOM)


if __name__ == '__main__':
    main()
