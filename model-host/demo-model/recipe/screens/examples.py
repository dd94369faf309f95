"""What the model learns from, one picture with its prompts at a time: tiles of text, whole screens, drawn shapes, photographs."""
import random
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from PIL import Image

from mask_codec import fill, load_codec
from samples import sample as sample_shapes
from screens.make_pages import read_shard
from screens.photographs import draw_photograph
from screens.places import DATA, RECIPE
from screens.prompts import Seen, prompts_of, seen_whole
from screens.tiles import COLUMNS, ROWS, TILE_PX, UNKNOWN, cut, draw_tile, spoil

MOST_CHARACTERS = 250
"""Of the text that one picture is asked to read."""
LEAST_EM = 9.0
TILES_PER_PAGE = 6
SHUFFLED = 96
SHARES = dict(tiles=.6, screens=.24, shapes=.1, photographs=.06)


@dataclass
class Limits:
    """What tiles are drawn: the longest answer, and the least size of most letters in pixels."""
    characters: int = MOST_CHARACTERS
    em: float = LEAST_EM

    @classmethod
    def at(cls, share):
        """Of the curriculum: few large letters first, everything from 1 on."""
        share = min(1.0, share)
        return cls(round(30 + share * (MOST_CHARACTERS - 30)), 22 - share * (22 - LEAST_EM))


@dataclass
class Example:
    """pixels uint8 [224, 224, 3]; answers {prompt: answer}; points as those of a `Tile`; place: of the characters of the answer to
    `ocr`, as in a `Tile`."""
    pixels: np.ndarray
    answers: dict
    points: np.ndarray = field(default_factory=lambda: np.full((3, ROWS, COLUMNS), UNKNOWN, np.int16))
    place: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.float32))


class Pages:
    """Pages of the shards `data/NAME-*.npz` without end; new shards are found as they appear."""

    def __init__(self, name, rng):
        self.name, self.rng = name, rng

    def __iter__(self):
        while True:
            paths = sorted(DATA.glob(f'{self.name}-*.npz'))
            if not paths:
                raise FileNotFoundError(f'there are no pages: run "python -m screens.make_pages {self.name} 40 1" first')
            shard = read_shard(paths[self.rng.integers(len(paths))])
            for i in self.rng.permutation(len(shard)):
                yield shard[i]()


def tiles(name, rng, limits, is_spoilt=True):
    """Tiles to read, some of each page. limits: a function that returns those of the next one."""
    for page in Pages(name, rng):
        for _ in range(TILES_PER_PAGE):
            current = limits()
            tile = draw_tile(rng, page, current.characters, current.em)
            if tile is not None:
                pixels = spoil(rng, tile.pixels) if is_spoilt else tile.pixels
                yield Example(pixels, {'ocr': tile.answer}, tile.points, tile.place)


def screens(name, rng):
    """Whole screens; read too where they hold little enough text."""
    for page in Pages(name, rng):
        if page.facts:
            yield screen_example(rng, page)


def screen_example(rng, page):
    height, width = page.image.shape[:2]
    tile = cut(page, 0, 0, width, height)
    answers = prompts_of(random.Random(int(rng.integers(2 ** 32))), seen_whole(page, TILE_PX))
    if len(tile.answer) <= MOST_CHARACTERS and tile.em >= LEAST_EM:
        return Example(tile.pixels, answers | {'ocr': tile.answer}, tile.points, tile.place)
    return Example(tile.pixels, answers, tile.points)


def shapes(rng, held_out=False):
    """Drawn shapes and printed capitals: what the first model of this project knew."""
    while True:
        scene, answers = sample_shapes(random.Random(int(rng.integers(2 ** 32))), held_out=held_out)
        codec = shape_codec()
        answers = {prompt: fill(answer, scene.shapes, codec) for prompt, answer in answers.items()}
        yield Example(np.asarray(scene.image.convert('RGB').resize((TILE_PX, TILE_PX), Image.BICUBIC)), answers)


@cache
def shape_codec():
    return load_codec(RECIPE / 'mask-codec.safetensors')


def mixture(rng, limits, has_all):
    """Examples of all kinds in random order; of tiles alone where `has_all()` is not true."""
    streams = dict(tiles=iter(tiles('train', rng, limits)), screens=iter(screens('train-screens', rng)), shapes=shapes(rng),
                   photographs=photographs(rng))
    names, weights = list(SHARES), np.array(list(SHARES.values()))
    pool = []
    while True:
        name = rng.choice(names, p=weights) if has_all() else 'tiles'
        pool.append(next(streams[name]))
        if len(pool) > SHUFFLED:
            yield pool.pop(rng.integers(len(pool)))


def photographs(rng):
    seen = Seen(dict(kind='photograph'), set())
    while True:
        answers = prompts_of(random.Random(int(rng.integers(2 ** 32))), seen) | {'ocr': ''}
        yield Example(draw_photograph(rng, TILE_PX), answers)
