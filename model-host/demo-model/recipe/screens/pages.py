"""Draws pages of text as editors, terminals, documents, tables and dialogs show it, with the place of every character.

A page is larger than what the model sees at once: `tiles.py` cuts it. Three kinds of letters are drawn: hinted ones in greys,
unhinted ones at any fraction of a pixel, in greys or with the coloured edges of a flat screen, and ones without any grey.
"""
import random
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from screens import texts
from screens.alphabet import INDEX, SPACE

PAGE_PX = 448
SMOOTH_SCALE = 3
"""Unhinted letters are drawn this many times larger and brought down."""
EDGE_FILTER = np.array([1, 2, 3, 2, 1], np.float32) / 9
"""Over thirds of a pixel, as FreeType does against coloured fringes."""
RENDERINGS = {'hinted': 4, 'smooth': 4, 'fringed': 3, 'hard': 1}
SIZES_PX = (9, 40)


@dataclass
class Page:
    """A picture with its printed characters.

    image      uint8 [height, width, 3]
    code       int16 [n], places in the alphabet
    left, right  float32 [n], pixels: where the character begins and ends
    run        int32 [n]: which run of text it belongs to
    run_top, run_bottom  float32 [runs], pixels: from the top of capitals to the foot of descenders
    facts      what else is true of it: see `templates.py`; elements with their boxes as fractions (left, top, right, bottom)
    """
    image: np.ndarray
    code: np.ndarray
    left: np.ndarray
    right: np.ndarray
    run: np.ndarray
    run_top: np.ndarray
    run_bottom: np.ndarray
    facts: dict = field(default_factory=dict)


@dataclass
class Theme:
    is_dark: bool
    ground: tuple
    ink: tuple
    accents: list
    rendering: str


@dataclass
class Printer:
    """Collects letters on one plane of cover and one of ink, which are laid over the ground in the end."""
    theme: Theme
    width: int
    height: int
    scale: int = field(init=False)
    glyphs: list = field(default_factory=list)
    runs: list = field(default_factory=list)

    def __post_init__(self):
        self.scale = SMOOTH_SCALE if self.theme.rendering in ('smooth', 'fringed') else 1
        self.cover = Image.new('L', (self.width * self.scale, self.height * self.scale))
        self.cover_pen = ImageDraw.Draw(self.cover)
        self.cover_pen.fontmode = '1' if self.theme.rendering == 'hard' else 'L'
        self.ink = Image.new('RGB', (self.width, self.height), self.theme.ink)
        self.ink_pen = ImageDraw.Draw(self.ink)
        self.ground = Image.new('RGB', (self.width, self.height), self.theme.ground)
        self.pen = ImageDraw.Draw(self.ground)

    def print(self, x, baseline, pieces, face, size):
        """Prints [(text, colour)] one after the other; characters that the font lacks are left out. Returns where it ends."""
        capital, descent = heights(face, size)
        if baseline - capital >= self.height or baseline + descent <= 0:
            return x
        run, count = len(self.runs), len(self.glyphs)
        font = face.font(size * self.scale)
        for text, color in pieces:
            text = ''.join(character for character in text if character in face.covered or character == SPACE)
            start = x
            for character in text:
                width = advance(face, size * self.scale, character) / self.scale
                self.glyphs.append((INDEX[character], x, x + width, run))
                x += width
            if text.strip() and start < self.width:
                self.cover_pen.text((start * self.scale, baseline * self.scale), text, font=font, fill=255, anchor='ls')
                self.ink_pen.rectangle((start, baseline - capital - size / 3, x + size / 6, baseline + descent + 2), fill=color)
        if len(self.glyphs) > count:
            self.runs.append((baseline - capital, baseline + descent))
        return x

    def width_of(self, text, face, size):
        return sum(advance(face, size * self.scale, character) for character in text) / self.scale

    def page(self):
        cover = np.asarray(self.cover, np.float32) / 255
        if self.scale > 1:
            rows = cover.reshape(self.height, self.scale, -1).mean(1)
            if self.theme.rendering == 'fringed':
                padded = np.pad(rows, ((0, 0), (2, 2)))
                rows = sum(weight * padded[:, i:i + rows.shape[1]] for i, weight in enumerate(EDGE_FILTER))
                cover = rows.reshape(self.height, self.width, self.scale)
            else:
                cover = rows.reshape(self.height, self.width, self.scale).mean(2)[..., None]
        else:
            cover = cover[..., None]
        ground, ink = np.asarray(self.ground, np.float32), np.asarray(self.ink, np.float32)
        image = np.clip(ground + (ink - ground) * cover + .5, 0, 255).astype(np.uint8)
        code, left, right, run = zip(*self.glyphs) if self.glyphs else ((), (), (), ())
        tops, bottoms = zip(*self.runs) if self.runs else ((), ())
        return Page(image, np.array(code, np.int16), np.array(left, np.float32), np.array(right, np.float32), np.array(run, np.int32),
                    np.array(tops, np.float32), np.array(bottoms, np.float32))


@cache
def advance(face, size, character):
    return face.font(size).getlength(character)


@cache
def heights(face, size):
    """(height of capitals, depth of descenders) in pixels."""
    _, top, _, _ = face.font(size).getbbox('Hd', anchor='ls')
    _, _, _, bottom = face.font(size).getbbox('gp', anchor='ls')
    return -top, bottom


def draw_theme(rng):
    is_dark = rng.random() < .45
    rendering = rng.choices(list(RENDERINGS), list(RENDERINGS.values()))[0]
    tint = [rng.randint(-10, 10) for _ in range(3)]
    dark, light = rng.randint(8, 60), rng.randint(195, 255)
    ground = tuple(max(0, min(255, (dark if is_dark else light) + t)) for t in tint)
    if rng.random() < .1:
        ground = tuple(rng.randint(0, 255) for _ in range(3))
        is_dark = luminance(ground) < 128
    ink = rng.choice([235, 215, 190, 255]) if is_dark else rng.choice([0, 20, 40, 70])
    return Theme(is_dark, ground, (ink,) * 3, [draw_ink(rng, ground) for _ in range(6)], rendering)


def luminance(color):
    return .3 * color[0] + .59 * color[1] + .11 * color[2]


def draw_ink(rng, ground, contrast=75):
    """A colour that can be read on `ground`."""
    for _ in range(50):
        color = tuple(rng.choice([rng.randint(0, 255), rng.choice([0, 60, 200, 255])]) for _ in range(3))
        if abs(luminance(color) - luminance(ground)) > contrast:
            return color
    return (0, 0, 0) if luminance(ground) > 128 else (255, 255, 255)


def colored(rng, line, theme):
    """The words of a line in colours, as editors show code."""
    if rng.random() < .3:
        return [(line, theme.ink)]
    pieces, words = [], line.split(SPACE)
    for i, word in enumerate(words):
        color = rng.choice(theme.accents) if rng.random() < .5 else theme.ink
        pieces.append((word + (SPACE if i < len(words) - 1 else ''), color))
    return pieces


def draw_size(rng):
    """Pixels per em: mostly as on screens."""
    kind = rng.random()
    if kind < .55:
        return round(rng.uniform(11, 18) * 2) / 2
    if kind < .8:
        return round(rng.uniform(SIZES_PX[0], 24) * 2) / 2
    return float(rng.randint(18, SIZES_PX[1]))


def editor(rng, printer, fonts, words):
    """Lines of code, with or without their numbers."""
    theme, face, size = printer.theme, fonts.draw(rng, True), draw_size(rng)
    step = size * rng.uniform(1.2, 1.7)
    margin = rng.uniform(2, 30)
    has_numbers, first = rng.random() < .4, rng.randint(1, 400)
    faint = tuple((a + b) // 2 for a, b in zip(theme.ground, theme.ink))
    indent, unit = 0, rng.choice(texts.SPACES_OF_INDENT)
    kind = rng.choice([texts.code, texts.code, texts.code, texts.senseless])
    baseline = rng.uniform(.5, 1.5) * step
    while baseline < printer.height + step:
        if rng.random() < .05:
            printer.pen.rectangle((0, baseline - size, printer.width, baseline + size / 3), fill=shade(theme.ground, theme.is_dark))
        x = margin
        if has_numbers:
            text = str(first)
            x = printer.print(x + printer.width_of('0' * (3 - len(text)), face, size), baseline, [(text, faint)], face, size)
            x += 2 * size * .6
            first += 1
        if rng.random() < .85:
            line = kind(rng, words)
            printer.print(x + printer.width_of(SPACE * indent, face, size), baseline, colored(rng, line, theme), face, size)
            indent = max(0, indent + unit * (rng.choice([0, 1]) if line.endswith(('{', ':', '(')) else rng.choice([0, 0, 0, -1])))
            indent = min(indent, 5 * unit)
        baseline += step


def terminal(rng, printer, fonts, words):
    theme, face, size = printer.theme, fonts.draw(rng, True), draw_size(rng)
    step, margin = size * rng.uniform(1.1, 1.5), rng.uniform(1, 12)
    baseline = rng.uniform(.5, 1.2) * step
    while baseline < printer.height + step:
        line = (texts.log if rng.random() < .85 else texts.code)(rng, words)
        printer.print(margin, baseline, colored(rng, line, theme), face, size)
        baseline += step


def document(rng, printer, fonts, words):
    """Paragraphs and headings, filled lines."""
    theme, is_mono = printer.theme, rng.random() < .15
    face, size = fonts.draw(rng, is_mono, False), draw_size(rng)
    heading = fonts.draw(rng, False, True)
    step, margin = size * rng.uniform(1.15, 1.8), rng.uniform(2, 40)
    right = printer.width - rng.uniform(-60, 40)
    baseline = rng.uniform(.8, 2) * step
    while baseline < printer.height + step:
        if rng.random() < .15:
            large = min(SIZES_PX[1], size * rng.uniform(1.2, 2))
            baseline += large * .5
            printer.print(margin, baseline, [(texts.label(rng, words), rng.choice([theme.ink, theme.accents[0]]))], heading, large)
            baseline += large * .4 + step
        for line in filled(printer, ' '.join(texts.sentence(rng, words) for _ in range(rng.randint(1, 4))), face, size, right - margin):
            pieces = [(line, theme.ink)] if rng.random() < .85 else colored(rng, line, theme)
            printer.print(margin, baseline, pieces, face, size)
            baseline += step
        baseline += rng.uniform(0, .8) * step


def filled(printer, text, face, size, width):
    """Lines no wider than `width` pixels, as far as single words allow."""
    line = ''
    for word in text.split(SPACE):
        longer = f'{line} {word}' if line else word
        if line and printer.width_of(longer, face, size) > width:
            yield line
            longer = word
        line = longer
    yield line


def table(rng, printer, fonts, words):
    theme, size = printer.theme, draw_size(rng)
    face, head = fonts.draw(rng, rng.random() < .3), fonts.draw(rng, False, True)
    step = size * rng.uniform(1.4, 2.4)
    has_rules, is_striped = rng.random() < .5, rng.random() < .3
    columns = [rng.uniform(-10, 10)]
    while columns[-1] < printer.width:
        columns.append(columns[-1] + size * rng.uniform(4, 10))
    row, baseline = 0, rng.uniform(.7, 1.5) * step
    line_color = shade(theme.ground, theme.is_dark, 45)
    while baseline < printer.height + step:
        top = baseline - (step + size * .7) / 2
        if is_striped and row % 2:
            printer.pen.rectangle((0, top, printer.width, top + step), fill=shade(theme.ground, theme.is_dark, 12))
        if has_rules:
            printer.pen.line((0, top, printer.width, top), fill=line_color)
        for left, right in zip(columns, columns[1:]):
            chosen = head if row == 0 else face
            text = fitting(printer, (texts.label if row == 0 else texts.cell)(rng, words), chosen, size, right - left - size)
            printer.print(left + size / 2, baseline, [(text, theme.ink if rng.random() < .9 else rng.choice(theme.accents))], chosen, size)
            if has_rules:
                printer.pen.line((left, top, left, top + step), fill=line_color)
        row, baseline = row + 1, baseline + step


def fitting(printer, text, face, size, width):
    """As many words of a text as fit; of the first at least its beginning."""
    while SPACE in text and printer.width_of(text, face, size) > width:
        text = text.rsplit(SPACE, 1)[0]
    while len(text) > 1 and printer.width_of(text, face, size) > width:
        text = text[:-1]
    return text


def shade(color, is_dark, amount=18):
    return tuple(max(0, min(255, channel + (amount if is_dark else -amount))) for channel in color)


def controls(rng, printer, fonts, words):
    """Rows of labels, fields and buttons."""
    theme, size = printer.theme, draw_size(rng)
    face = fonts.draw(rng, False)
    top = rng.uniform(0, size)
    while top < printer.height:
        height = size * rng.uniform(1.6, 2.6)
        baseline = top + height / 2 + size * .35
        x = rng.uniform(2, 3 * size)
        while x < printer.width:
            kind, text = rng.random(), texts.label(rng, words)
            width = printer.width_of(text, face, size)
            if kind < .35:
                fill = rng.choice([shade(theme.ground, theme.is_dark, 25), rng.choice(theme.accents)])
                printer.pen.rounded_rectangle((x, top, x + width + size * 1.4, top + height), rng.choice([0, 3, 6, height / 2]), fill=fill,
                                              outline=shade(theme.ground, theme.is_dark, 70) if rng.random() < .5 else None)
                printer.print(x + size * .7, baseline, [(text, draw_ink(rng, fill, 90))], face, size)
                x += size * 1.4
            elif kind < .5:
                wide = width + size * rng.uniform(1, 8)
                fill = shade(theme.ground, not theme.is_dark, 20)
                printer.pen.rectangle((x, top, x + wide, top + height), fill=fill, outline=shade(theme.ground, theme.is_dark, 80))
                printer.print(x + size * .4, baseline, [(texts.cell(rng, words), draw_ink(rng, fill, 90))], face, size)
                x += wide - width
            elif kind < .6:
                printer.pen.rectangle((x, baseline - size * .8, x + size * .8, baseline), outline=theme.ink)
                printer.print(x + size * 1.2, baseline, [(text, theme.ink)], face, size)
                x += size * 1.2
            else:
                printer.print(x, baseline, [(text, rng.choice([theme.ink, theme.ink, rng.choice(theme.accents)]))], face, size)
            x += width + size * rng.uniform(1.2, 4)
        top += height + size * rng.uniform(.3, 1.5)


def scattered(rng, printer, fonts, words):
    """Rows of every font, size and kind of text, one below the other."""
    top = rng.uniform(0, 10)
    while top < printer.height:
        size = draw_size(rng)
        x = rng.uniform(0, 60)
        for _ in range(rng.choice([1, 1, 2])):
            face = fonts.draw(rng, rng.random() < .4)
            text = rng.choice(list(texts.KINDS.values()))(rng, words)[:rng.randint(3, 30)].strip()
            x = printer.print(x, top + size * 1.1, [(text, rng.choice([printer.theme.ink, rng.choice(printer.theme.accents)]))], face, size)
            x += size * rng.uniform(1, 4)
        top += size * rng.uniform(1.35, 2)


LAYOUTS = {editor: 6, terminal: 4, document: 5, table: 3, controls: 4, scattered: 6}


def draw_page(seed, fonts, words, size_px=PAGE_PX):
    """The page of a seed: the same for the same fonts and words."""
    rng = random.Random(seed)
    printer = Printer(draw_theme(rng), size_px, size_px)
    soil(rng, printer)
    rng.choices(list(LAYOUTS), list(LAYOUTS.values()))[0](rng, printer, fonts, words)
    return printer.page()


def soil(rng, printer):
    """Now and then the ground is no plain colour: a slope, or a patch of another colour."""
    kind = rng.random()
    if kind < .08:
        slope = np.linspace(-rng.uniform(5, 25), rng.uniform(5, 25), printer.height)[:, None, None]
        pixels = np.asarray(printer.ground, np.float32) + slope
        printer.ground = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        printer.pen = ImageDraw.Draw(printer.ground)
    elif kind < .16:
        edge = rng.uniform(.2, .8) * printer.width
        printer.pen.rectangle((0, 0, edge, printer.height), fill=shade(printer.theme.ground, printer.theme.is_dark))
