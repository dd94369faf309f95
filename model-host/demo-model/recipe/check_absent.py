"""How often a checkpoint answers with nothing when what is asked for is not in the picture.

    python check_absent.py FOLDER...
"""
import collections
import random
import sys

import torch

from generate import answer, load_model
from prompts import lacking_shapes
from samples import sample
from vocabulary import ABSENT_NOUNS

KINDS = ['shape', 'both', 'text', 'shape', 'none', 'shape']
PICTURES = 120


def jobs():
    """[(picture, prompt, kind, expected)]."""
    rng = random.Random(424242)
    for i in range(PICTURES):
        scene, answers = sample(rng, KINDS[i % len(KINDS)], held_out=True)
        image, lacking = scene.image, lacking_shapes(scene)
        yield image, 'detect ' + rng.choice(ABSENT_NOUNS), 'detect a noun', ''
        yield image, 'segment ' + rng.choice(ABSENT_NOUNS), 'segment a noun', ''
        yield image, 'detect ' + rng.choice(lacking), 'detect a shape', ''
        yield image, 'detect zebra', 'detect a noun never seen', ''
        plain = ' on a plain ground' if scene.kind == 'none' else ''
        yield image, 'caption en', f'caption {len(scene.shapes)} shapes{plain}', answers['caption en']
        if scene.lines:
            yield image, 'ocr', 'ocr', answers['ocr']


def main():
    torch.set_num_threads(1)
    for folder in sys.argv[1:]:
        chosen = list(jobs())
        results = collections.defaultdict(list)
        for (_, _, kind, expected), given in zip(chosen, answer(*load_model(folder), [job[:2] for job in chosen])):
            results[kind].append(given == expected)
        print(folder)
        for kind, right in sorted(results.items()):
            print(f'   {kind}: {sum(right) / len(right):.3f} of {len(right)}')


if __name__ == '__main__':
    main()
