"""Draws pages ahead of training and stores them in shards.

    python -m screens.make_pages NAME SHARDS SEED [--held-out] [--browser]      to data/NAME-SEED-0000.npz and so on, 256 pages each

A shard that is there already is kept, so a stopped run goes on where it was. `--held-out` prints with the words and the fonts
that training never shows. `--browser` renders screens from templates in Chromium instead of drawing text.
"""
import argparse
import json
import os
import zlib
from contextlib import nullcontext

import numpy as np

from screens.browser import Browser, draw_browser_page
from screens.fonts import Fonts, read_catalog
from screens.pages import Page, draw_page
from screens.places import DATA, WORD_LISTS
from screens.words import read_words

PAGES_PER_SHARD = 256
PARTS = ('code', 'left', 'right', 'run', 'run_top', 'run_bottom')


def write_shard(path, pages):
    """Whole or not at all."""
    images = [zlib.compress(page.image.tobytes(), 6) for page in pages]
    arrays = {f'{part}_start': np.cumsum([0] + [len(getattr(page, part)) for page in pages]) for part in ('code', 'run_top')}
    arrays |= {part: np.concatenate([getattr(page, part) for page in pages]) for part in PARTS}
    arrays['image'] = np.frombuffer(b''.join(images), np.uint8)
    arrays['image_start'] = np.cumsum([0] + [len(image) for image in images])
    arrays['shape'] = np.array([page.image.shape for page in pages])
    arrays['facts'] = np.array([json.dumps(page.facts, ensure_ascii=False) for page in pages])
    partial = path.with_suffix('.partial')
    with open(partial, 'wb') as file:
        np.savez(file, **arrays)
    os.replace(partial, path)


def read_shard(path):
    """The pages of a shard as functions that unpack one."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    return [lambda i=i: unpack(arrays, i) for i in range(len(arrays['shape']))]


def unpack(arrays, i):
    glyphs, runs, bytes_ = (slice(*arrays[f'{name}_start'][i:i + 2]) for name in ('code', 'run_top', 'image'))
    image = np.frombuffer(zlib.decompress(arrays['image'][bytes_].tobytes()), np.uint8).reshape(arrays['shape'][i])
    return Page(image, *(arrays[part][runs if part.startswith('run_') else glyphs] for part in PARTS),
                json.loads(str(arrays['facts'][i])) if 'facts' in arrays else {})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('name')
    arguments.add_argument('shards', type=int)
    arguments.add_argument('seed', type=int)
    arguments.add_argument('--held-out', action='store_true')
    arguments.add_argument('--browser', action='store_true')
    options = arguments.parse_args()
    fonts, words = Fonts(read_catalog(), options.held_out), read_words(WORD_LISTS, options.held_out)
    DATA.mkdir(parents=True, exist_ok=True)
    with Browser() if options.browser else nullcontext() as browser:
        for shard in range(options.shards):
            path = DATA / f'{options.name}-{options.seed}-{shard:04}.npz'
            if path.exists():
                continue
            seeds = [f'{options.seed}/{shard}/{i}' for i in range(PAGES_PER_SHARD)]
            write_shard(path, [draw_browser_page(browser, seed, fonts, words) if browser else draw_page(seed, fonts, words) for seed in seeds])
            print(path.name, path.stat().st_size >> 20, 'MiB', flush=True)


if __name__ == '__main__':
    main()
