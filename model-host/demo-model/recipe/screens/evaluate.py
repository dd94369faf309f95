"""Measures how well a checkpoint reads tiles of words and fonts that training never used: eval.json.

    python -m screens.evaluate [FOLDER] [--tiles N]

Characters right are 1 - edits / characters, edits being the fewest insertions, deletions and replacements that make the true answer
of what was given. They are told for all tiles and by the size of the letters.
"""
import argparse
import collections
import json
import time
from itertools import islice

import numpy as np
import torch

from screens.answers import answer, load_model
from screens.examples import TILES_PER_PAGE, Limits, Pages
from screens.places import MODEL, OUT
from screens.tiles import draw_tile

SEED = 20261130
SIZES = ((9, 12), (12, 16), (16, 24), (24, 99))
"""Pixels per em in the tile, from and below."""


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


class Tally:
    def __init__(self):
        self.tiles = self.edits = self.characters = self.rows = self.right_rows = self.exact = 0

    def add(self, given, expected):
        self.tiles += 1
        self.edits += edit_distance(given, expected)
        self.characters += len(expected)
        rows = expected.split('\n')
        left = collections.Counter(given.split('\n'))
        for row in rows:
            self.rows += 1
            if left[row] > 0:
                left[row] -= 1
                self.right_rows += 1
        self.exact += given == expected

    def figures(self):
        return dict(tiles=self.tiles, characters=self.characters, characters_right=round(1 - self.edits / max(1, self.characters), 4),
                    rows_right=round(self.right_rows / max(1, self.rows), 4), exact=round(self.exact / max(1, self.tiles), 4))


def held_out_tiles():
    rng, limits = np.random.default_rng(SEED), Limits()
    for page in Pages('val', rng):
        drawn = (draw_tile(rng, page, limits.characters, limits.em) for _ in range(TILES_PER_PAGE))
        yield from (tile for tile in drawn if tile is not None)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('folder', nargs='?', default=MODEL)
    arguments.add_argument('--tiles', type=int, default=256)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    tiles = sorted(islice(held_out_tiles(), options.tiles), key=lambda tile: len(tile.answer))
    model, processor = load_model(options.folder)
    started = time.time()
    texts = answer(model, processor, [(tile.pixels, 'ocr') for tile in tiles])
    tallies = collections.defaultdict(Tally)
    for tile, given in zip(tiles, texts):
        size = next((f'{low}-{high} px' for low, high in SIZES if low <= tile.em < high), 'smaller')
        for name in ('all', size) if tile.answer else ('empty',):
            tallies[name].add(given, tile.answer)
    report = {name: tally.figures() for name, tally in sorted(tallies.items())} | dict(seconds=round(time.time() - started))
    (OUT / 'eval.json').write_text(json.dumps(report, indent=1), encoding='utf-8')
    for name, value in report.items():
        print(name, value)
    for tile, given in list(zip(tiles, texts))[::max(1, len(tiles) // 6)]:
        print(f'--- expected\n{tile.answer}\n--- given\n{given}')


if __name__ == '__main__':
    main()
