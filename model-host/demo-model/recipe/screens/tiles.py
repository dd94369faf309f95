"""Cuts what the model sees out of a page, with the true answer of `ocr` and the place of every character of it.

The answer has the rows of the picture from top to bottom, each from left to right with single spaces. A letter that the border
cuts is left out, and so is a line of which the border takes more than a little.
"""
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from screens.alphabet import CHARACTERS, SPACE

TILE_PX = 224
PATCH_PX = 14
SIDE = TILE_PX // PATCH_PX
PATCHES = SIDE * SIDE
POINTS = (4, 2)
"""Points across and down each patch at which the dense loss asks for the character."""
COLUMNS, ROWS = SIDE * POINTS[0], SIDE * POINTS[1]
NOTHING, UNKNOWN = 0, -1

WHOLE_LETTER, WHOLE_LINE = .8, .85
"""Share of a letter's width and of a line's height that must be inside."""
GAP_OF_RUNS = .15
"""Of a line's height: what divides two runs in a row as a space does. Nearer ones are parts of one word in two colours."""
EM_OF_RUN = 1.08
"""Size of the letters over the height from capitals to descenders."""
EMPTY_TILES = .1
"""How many of the squares without text are taken."""
SIDES_PX = (80, 330)
"""Of the part that is cut: between 2.8 times larger and a third smaller than drawn."""
STRETCH = .22
"""Logarithm of the most by which a part is wider or narrower than high."""


@dataclass
class Tile:
    """pixels uint8 [224, 224, 3]; answer; place float32 [len(answer), 2]: x and y of each of its characters, fractions, -1 where
    it has none; points int16 [3, 32, 64]: character, row, and place in the row at each point, -1 where that is not known; em: pixels of
    most of its letters."""
    pixels: np.ndarray
    answer: str
    place: np.ndarray
    points: np.ndarray
    em: float


def cut(page, left, top, width, height):
    """The part at (left, top) of so many pixels, brought to the square of the model whatever its shape, as the processor does."""
    pixels = page.image[top:top + height, left:left + width]
    if (width, height) != (TILE_PX, TILE_PX):
        pixels = np.asarray(Image.fromarray(pixels).resize((TILE_PX, TILE_PX), Image.BICUBIC))
    run_top, run_bottom = ((edge - top) * np.float32(TILE_PX / height) for edge in (page.run_top, page.run_bottom))
    glyph_left, glyph_right = ((edge - left) * np.float32(TILE_PX / width) for edge in (page.left, page.right))
    is_inside = (glyph_right > 0) & (glyph_left < TILE_PX) & (run_bottom[page.run] > 0) & (run_top[page.run] < TILE_PX)
    points = np.zeros((3, ROWS, COLUMNS), np.int16)
    points[1:] = UNKNOWN
    answer, places = [], []
    chosen = np.flatnonzero(is_inside)
    for row, runs in enumerate(rows_of(np.unique(page.run[chosen]), run_top, run_bottom, glyph_left, page.run, chosen)):
        line, end = [], -np.inf
        for run in runs:
            is_whole_line = share(run_top[run], run_bottom[run]) >= WHOLE_LINE
            glyphs = chosen[page.run[chosen] == run]
            gap = glyph_left[glyphs[0]] - end
            if line and line[-1][0] != SPACE and gap > GAP_OF_RUNS * (run_bottom[run] - run_top[run]):
                line.append((SPACE, None))
            end = glyph_right[glyphs[-1]]
            for glyph in glyphs:
                box = glyph_left[glyph], run_top[run], glyph_right[glyph], run_bottom[run]
                character = CHARACTERS[page.code[glyph]]
                if not is_whole_line or share(box[0], box[2]) < WHOLE_LETTER:
                    mark(points, box, UNKNOWN, UNKNOWN, UNKNOWN)
                elif character != SPACE:
                    mark(points, box, page.code[glyph], row, len(line))
                    line.append((character, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)))
                elif line and line[-1][0] != SPACE:
                    line.append((SPACE, None))
        while line and line[-1][0] == SPACE:
            line.pop()
        if line:
            answer.append(''.join(character for character, _ in line))
            places += [(-1, -1) if place is None else (place[0] / TILE_PX, place[1] / TILE_PX) for _, place in line] + [(-1, -1)]
    heights = (run_bottom - run_top)[page.run[chosen]]
    em = float(np.median(heights)) * EM_OF_RUN if len(chosen) else 0.0
    return Tile(pixels, '\n'.join(answer), np.array(places[:-1], np.float32).reshape(-1, 2), points, em)


def rows_of(runs, top, bottom, left, run_of, chosen):
    """Groups of runs that stand beside each other, from top to bottom, each from left to right.

    A run belongs to the row of the one above it where its middle lies between that one's top and bottom.
    """
    starts = {run: left[chosen[run_of[chosen] == run]].min() for run in runs}
    rows = []
    for run in sorted(runs, key=lambda run: (top[run] + bottom[run], starts[run])):
        middle = (top[run] + bottom[run]) / 2
        if rows and top[rows[-1][0]] <= middle <= bottom[rows[-1][0]]:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [sorted(row, key=starts.get) for row in rows]


def share(start, end):
    """Of an extent, how much lies inside the tile."""
    return (min(end, TILE_PX) - max(start, 0)) / (end - start)


def mark(points, box, code, row, place):
    """Writes to all points inside a box; (left, top, right, bottom) in pixels of the tile."""
    across, down = TILE_PX / COLUMNS, TILE_PX / ROWS
    x1, x2 = (max(0, int(np.ceil(v / across - .5))) for v in (box[0], box[2]))
    y1, y2 = (max(0, int(np.ceil(v / down - .5))) for v in (box[1], box[3]))
    points[:, y1:y2, x1:x2] = np.array([code, row, place], np.int16)[:, None, None]


def draw_tile(rng, page, most_characters, least_em=9.0, tries=6):
    """A random tile with at most `most_characters` in its answer and mostly letters of at least `least_em` pixels; None where none is
    found. rng: numpy's."""
    em = float(np.median(page.run_bottom - page.run_top)) * EM_OF_RUN if len(page.run_top) else TILE_PX
    height, width = page.image.shape[:2]
    side = TILE_PX if rng.random() < .35 else int(np.exp(rng.uniform(np.log(SIDES_PX[0]), np.log(SIDES_PX[1]))))
    side = min(side, TILE_PX * em / least_em)
    stretch = 1.0 if rng.random() < .7 else float(np.exp(rng.uniform(-STRETCH, STRETCH)))
    for _ in range(tries):
        side = max(side, SIDES_PX[0])
        across, down = int(min(side * stretch, width)), int(min(side, height))
        left, top = int(rng.integers(width - across + 1)), int(rng.integers(height - down + 1))
        count = characters_in(page, left, top, across, down)
        if count > most_characters:
            side *= max(.6, .95 * (most_characters / count) ** .5)
        elif count or rng.random() < EMPTY_TILES:
            tile = cut(page, left, top, across, down)
            if len(tile.answer) <= most_characters:
                return tile
    return None


def characters_in(page, left, top, width, height):
    """How many characters lie inside a part of a page, about as many as its answer has."""
    is_line = (page.run_top >= top) & (page.run_bottom <= top + height)
    return int((is_line[page.run] & (page.left >= left) & (page.right <= left + width)).sum())


def spoil(rng, pixels):
    """What happens to pictures on their way, none of which changes what they say: inverted, faded, tinted, noisy, blurred, damaged."""
    if rng.random() < .25:
        pixels = 255 - pixels
    if rng.random() < .3:
        pixels = pixels[..., rng.permutation(3)]
    if rng.random() < .3:
        low, high = rng.uniform(0, 40), rng.uniform(190, 255)
        pixels = (low + pixels * np.float32((high - low) / 255)).astype(np.uint8)
    if rng.random() < .1:
        pixels = np.clip(pixels + rng.normal(0, rng.uniform(2, 12), pixels.shape), 0, 255).astype(np.uint8)
    if rng.random() < .05:
        small = int(TILE_PX * rng.uniform(.75, .95))
        pixels = np.asarray(Image.fromarray(pixels).resize((small, small), Image.BICUBIC).resize((TILE_PX, TILE_PX), Image.BICUBIC))
    if rng.random() < .15:
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, 'JPEG', quality=int(rng.integers(35, 95)))
        pixels = np.asarray(Image.open(file))
    return pixels


def patches_of(pixels):
    """uint8 [224, 224, 3] -> uint8 [256, 3*14*14], in the layout of the patch convolution."""
    return pixels.reshape(SIDE, PATCH_PX, SIDE, PATCH_PX, 3).transpose(0, 2, 4, 1, 3).reshape(PATCHES, -1)
