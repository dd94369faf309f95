"""Draws scenes ahead of training and stores them as arrays.

    python make_data.py NAME COUNT SEED WORKERS         to out/data/NAME

    img.npy    uint8 [n, 64, 3*28*28]   patches, in the layout of the patch convolution
    dense.npy  int8 [n, 6, 64]          per patch: class, colour, rank from the left, letter under its left and its right half,
                                        place of the letter; -1 is none
    box.npy    float16 [n, 4, 64]       per patch: distances to the top, left, bottom and right side of its object's box
    tok.npy    int16 [t]                ids of all prompts and answers, one after the other
    row.npy    int32 [r, 5]             per prompt: scene, task, start in tok.npy, ids of the prefix, ids of the suffix
"""
import random
import sys
from functools import cache
from multiprocessing import Process

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from mask_codec import fill, load_codec
from paths import DATA, TOKENIZER
from samples import sample
from vocabulary import COLORS, LETTERS, SHAPES

IMAGE_PX, PATCH_PX = 224, 28
SIDE = IMAGE_PX // PATCH_PX
PATCHES = SIDE * SIDE
PATCH_VALUES = 3 * PATCH_PX * PATCH_PX
TASKS = ['cap', 'caption', 'describe', 'ocr', 'answer', 'question', 'detect', 'segment']
OCR = TASKS.index('ocr')
COLOR_NAMES = list(COLORS)
CHARACTERS = '0123456789' + LETTERS
TEXT_CLASS = 1 + len(SHAPES)
BOS, EOS = 2, 1

ARRAYS = {'img': ((PATCHES, PATCH_VALUES), np.uint8), 'dense': ((6, PATCHES), np.int8), 'box': ((4, PATCHES), np.float16)}


@cache
def tokenizer():
    return Tokenizer.from_file(str(TOKENIZER))


def ids_of(text):
    return tokenizer().encode(text, add_special_tokens=False).ids


def patches_of(image):
    """Picture -> uint8 [64, 3*28*28], resized as the model's processor does."""
    pixels = np.asarray(image.convert('RGB').resize((IMAGE_PX, IMAGE_PX), Image.BICUBIC))
    return pixels.reshape(SIDE, PATCH_PX, SIDE, PATCH_PX, 3).transpose(0, 2, 4, 1, 3).reshape(PATCHES, -1)


def dense_targets(scene):
    """(dense, box) of one scene, as in the arrays above. A patch belongs to the object whose box holds its centre."""
    centers = (np.arange(SIDE) + .5) * PATCH_PX / IMAGE_PX
    y, x = [v.ravel() for v in np.meshgrid(centers, centers, indexing='ij')]
    dense, box = np.full((6, PATCHES), -1, np.int8), np.zeros((4, PATCHES), np.float16)
    dense[0] = 0
    for rank, shape in enumerate(scene.shapes):
        mark(dense, box, shape, x, y, 1 + SHAPES.index(shape.shape), rank)
    for rank, line in enumerate(scene.lines):
        mark(dense, box, line, x, y, TEXT_CLASS, rank)
        mark_letters(dense, line, x, y, rank)
    return dense, box


def mark(dense, box, thing, x, y, class_index, rank):
    y1, x1, y2, x2 = thing.box
    inside = (y > y1) & (y < y2) & (x > x1) & (x < x2)
    dense[0, inside] = class_index
    dense[1, inside] = COLOR_NAMES.index(thing.color)
    dense[2, inside] = rank
    box[:, inside] = np.stack([y - y1, x - x1, y2 - y, x2 - x])[:, inside]


def mark_letters(dense, line, x, y, rank):
    quarter = PATCH_PX / 4 / IMAGE_PX
    near = (y > line.box[0] - quarter) & (y < line.box[2] + quarter)
    for j, (left, right, character) in enumerate(line.cells):
        letter = CHARACTERS.index(character)
        for row, at, value in ((3, x - quarter, letter), (4, x + quarter, letter), (5, x, rank * 6 + j)):
            dense[row, near & (at > left) & (at < right)] = value


def work(folder, first, last, seed):
    """Fills scenes first…last-1; ids and rows go to files of this worker's own."""
    torch.set_num_threads(1)
    rng = random.Random(seed * 1000003 + first)
    codec = load_codec()
    arrays = {name: np.load(folder / f'{name}.npy', mmap_mode='r+') for name in ARRAYS}
    ids, rows = [], []
    for i in range(first, last):
        scene, answers = sample(rng)
        arrays['img'][i] = patches_of(scene.image)
        arrays['dense'][i], arrays['box'][i] = dense_targets(scene)
        for prompt, answer in answers.items():
            prefix, suffix = [BOS] + ids_of(prompt) + ids_of('\n'), ids_of(fill(answer, scene.shapes, codec)) + [EOS]
            rows.append((i, TASKS.index(prompt.split()[0]), len(ids), len(prefix), len(suffix)))
            ids += prefix + suffix
    np.save(folder / f'tok.{first}.npy', np.array(ids, np.int16))
    np.save(folder / f'row.{first}.npy', np.array(rows, np.int32))


def main(name, count, seed, workers):
    folder = DATA / name
    folder.mkdir(parents=True, exist_ok=True)
    for array, (shape, kind) in ARRAYS.items():
        np.lib.format.open_memmap(folder / f'{array}.npy', 'w+', kind, (count, *shape))
    cuts = [count * i // workers for i in range(workers + 1)]
    processes = [Process(target=work, args=(folder, first, last, seed)) for first, last in zip(cuts, cuts[1:])]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0, 'a worker failed; its message is above'
    ids, rows, offset = [], [], 0
    for first in cuts[:-1]:
        part, part_rows = np.load(folder / f'tok.{first}.npy'), np.load(folder / f'row.{first}.npy')
        part_rows[:, 2] += offset
        offset += len(part)
        ids.append(part)
        rows.append(part_rows)
        (folder / f'tok.{first}.npy').unlink()
        (folder / f'row.{first}.npy').unlink()
    np.save(folder / 'tok.npy', np.concatenate(ids))
    np.save(folder / 'row.npy', np.concatenate(rows))


if __name__ == '__main__':
    main(sys.argv[1], *map(int, sys.argv[2:5]))
