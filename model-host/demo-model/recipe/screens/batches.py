"""Batches from the shards of `make_pages.py`: tiles cut at random, their dense targets, and their prompt with its answer."""
from dataclasses import dataclass

import numpy as np
import torch

from screens.make_pages import read_shard
from screens.make_tokenizer import printed_ids, prompt_ids
from screens.places import DATA
from screens.tiles import NOTHING, PATCHES, POINTS, SIDE, UNKNOWN, draw_tile, patches_of, spoil
from screens.trainee import MOST_PLACES, MOST_ROWS

TILES_PER_PAGE = 6
SHUFFLED_TILES = 96
LENGTHS = (64, 128, 256)
"""Places behind the image tokens. A batch has tiles of one of these lengths, so that little of it is empty."""
PROMPT = prompt_ids('ocr')
MOST_CHARACTERS = LENGTHS[-1] - len(PROMPT) - 1
PATCHES_ASKED = 96
"""Of the 256 patches of a tile, how many the dense loss asks: those with text above others."""
EMPTY_PATCH_WEIGHT = .15


@dataclass
class Limits:
    """What tiles are drawn: the longest answer, and the least size of most letters in pixels."""
    characters: int = MOST_CHARACTERS
    em: float = 9.0

    @classmethod
    def at(cls, share):
        """Of the curriculum: few large letters first, everything from 1 on."""
        share = min(1.0, share)
        return cls(round(30 + share * (MOST_CHARACTERS - 30)), 22 - share * 13)


class TileStream:
    """Tiles without end, in random order, from the shards `data/NAME-*.npz`; new ones are found as they appear. `limits` may be
    replaced at any time; tiles in the pool are from before."""

    def __init__(self, name, rng, limits, is_spoilt=True):
        self.name, self.rng, self.limits, self.is_spoilt = name, rng, limits, is_spoilt
        self.pool = []

    def __iter__(self):
        while True:
            paths = sorted(DATA.glob(f'{self.name}-*.npz'))
            if not paths:
                raise FileNotFoundError(f'there are no pages: run "python -m screens.make_pages {self.name} 40 1" first')
            shard = read_shard(paths[self.rng.integers(len(paths))])
            for i in self.rng.permutation(len(shard)):
                page = shard[i]()
                for _ in range(TILES_PER_PAGE):
                    tile = draw_tile(self.rng, page, self.limits.characters, self.limits.em)
                    if tile is None:
                        continue
                    if self.is_spoilt:
                        tile.pixels = spoil(self.rng, tile.pixels)
                    self.pool.append(tile)
                    if len(self.pool) > SHUFFLED_TILES:
                        yield self.pool.pop(self.rng.integers(len(self.pool)))


def batches(stream, size):
    """Lists of `size` tiles whose answers fit the same length, with that length."""
    waiting = {length: [] for length in LENGTHS}
    for tile in stream:
        needed = len(PROMPT) + len(tile.answer)
        length = next(length for length in LENGTHS if needed <= length)
        waiting[length].append(tile)
        if len(waiting[length]) == size:
            yield waiting[length], length
            waiting[length] = []


def vision_arrays(rng, tiles):
    """pixels uint8 [B, 256, 588], patch int64 [B, K], character [B, K, 8], order [B, K, 2, 2]."""
    pixels = np.stack([patches_of(tile.pixels) for tile in tiles])
    columns = [asked(rng, tile) for tile in tiles]
    return [torch.from_numpy(array) for array in (pixels, *(np.stack(column) for column in zip(*columns)))]


def asked(rng, tile):
    """(patch, character, order) of one tile; see `Trainee.dense_loss`."""
    by_patch = tile.points.reshape(3, SIDE, POINTS[1], SIDE, POINTS[0]).transpose(1, 3, 2, 4, 0).reshape(PATCHES, POINTS[1], POINTS[0], 3)
    character = by_patch[..., 0]
    weight = np.where((character > NOTHING).any((1, 2)), 1, EMPTY_PATCH_WEIGHT)
    patch = rng.choice(PATCHES, PATCHES_ASKED, replace=False, p=weight / weight.sum())
    order = by_patch[patch, :, 1, 1:].astype(np.int64)
    order[order >= np.array([MOST_ROWS, MOST_PLACES])] = UNKNOWN
    return patch, character[patch].reshape(PATCHES_ASKED, -1).astype(np.int64), order


def text_arrays(tiles, length):
    """ids, segment, is_prefix, positions, targets, weights and place, each [B, length]; place [B, length, 2].

    segment: number of the prompt, from 1; -1 is unused. place: of the character that is the target, -1 where it has none.
    """
    count = len(tiles)
    ids, targets = np.zeros((count, length), np.int64), np.zeros((count, length), np.int64)
    segment, is_prefix = np.full((count, length), -1), np.zeros((count, length), bool)
    positions, weights = np.zeros((count, length), np.int64), np.zeros((count, length), np.float32)
    place = np.full((count, length, 2), -1, np.float32)
    for i, tile in enumerate(tiles):
        answer = printed_ids(tile.answer)
        whole = PROMPT + answer
        used, start = len(whole) - 1, len(PROMPT) - 1
        ids[i, :used], targets[i, :used] = whole[:-1], whole[1:]
        segment[i, :used] = 1
        is_prefix[i, :len(PROMPT)] = True
        positions[i, :used] = PATCHES + 1 + np.arange(used)
        weights[i, start:used] = 1
        place[i, start:start + len(tile.place)] = tile.place
    return [torch.from_numpy(array) for array in (ids, segment, is_prefix, positions, targets, weights, place)]
