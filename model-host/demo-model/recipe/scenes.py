"""Draws scenes: one to four coloured shapes and/or one or two printed lines on a plain or softly graded ground.

Boxes are (y1, x1, y2, x2) as fractions of the picture's sides. Shapes are listed from left to right.
"""
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from paths import FONTS
from vocabulary import COLORS, FONT_FILES, GROUNDS, SHAPES, TEXT_COLORS, draw_printed_word, luminance

SUPERSAMPLING = 3
TRIES_PER_SHAPE = 60


@dataclass
class Shape:
    shape: str
    color: str
    box: tuple
    mask: Image.Image
    """Grey picture of the box: above 127 inside the shape."""
    center_px: tuple
    radius_px: float

    @property
    def name(self):
        return f'{self.color} {self.shape}'

    @property
    def center(self):
        """(x, y), fractions of the sides."""
        return (self.box[1] + self.box[3]) / 2, (self.box[0] + self.box[2]) / 2

    @property
    def size(self):
        return math.sqrt((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


@dataclass
class Line:
    """One printed line; `cells` holds (left, right, character) of each character, fractions of the width."""
    text: str
    color: str
    box: tuple
    cells: list


@dataclass
class Scene:
    kind: str
    image: Image.Image
    ground: str
    shapes: list
    lines: list


@cache
def font(name, size):
    path = FONTS / name
    if not path.exists():
        raise FileNotFoundError(f'{path} is missing: install the fonts that the README names, or set DEMO_FONTS')
    return ImageFont.truetype(str(path), size)


def outline(shape, radius, angle):
    """Corner points of a shape around (0, 0), float32 [n, 2]."""
    def ring_of_points(count, radii, offset):
        points = []
        for i in range(count):
            r, turn = radii[i % len(radii)], angle + offset + 2 * math.pi * i / count
            points.append((r * math.cos(turn), r * math.sin(turn)))
        return points

    if shape in ('circle', 'ring'):
        points = ring_of_points(48, [radius], 0)
    elif shape == 'square':
        points = ring_of_points(4, [radius], math.pi / 4)
    elif shape == 'triangle':
        points = ring_of_points(3, [radius], -math.pi / 2)
    elif shape == 'star':
        points = ring_of_points(10, [radius, radius * .42], -math.pi / 2)
    else:
        turns = [2 * math.pi * i / 48 for i in range(48)]
        points = [(radius * 16 * math.sin(t) ** 3 / 17,
                   -radius * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17) for t in turns]
    return np.array(points, np.float32)


def jitter(rng, color, amount=8):
    return tuple(min(255, max(0, channel + rng.randint(-amount, amount))) for channel in COLORS[color])


def draw_scene(rng, kind, held_out=False, max_shapes=4, width=None, words=None):
    """One scene. kind: 'shape', 'text', 'both' or 'none'. words: what may be printed; None: words of the word list."""
    width = width or rng.randint(224, 400)
    height = round(width * rng.uniform(.78, 1.28))
    ground = rng.choice(GROUNDS)
    pixels = np.broadcast_to(np.array(jitter(rng, ground), np.float32), (height, width, 3)).copy()
    if rng.random() < .3:
        pixels += np.linspace(-14, 14, height)[:, None, None] * rng.choice([-1, 1])
    lines, taken = [], []
    if kind in ('text', 'both'):
        pixels, lines, taken = print_lines(rng, kind, pixels, ground, held_out, words)
    image = to_image(pixels)
    shapes = []
    if kind in ('shape', 'both'):
        weights = [33, 33, 22, 12] if kind == 'shape' else [50, 42, 8, 0]
        for _ in range(min(max_shapes, rng.choices([1, 2, 3, 4], weights)[0])):
            place = find_place(rng, kind, image.size, shapes, taken)
            if place is not None:
                shapes.append(draw_shape(rng, image, ground, *place))
    shapes.sort(key=lambda shape: shape.center[0])
    return Scene(kind, image, ground, shapes, lines)


def to_image(pixels):
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def print_lines(rng, kind, pixels, ground, held_out, words):
    """Prints one line, or now and then two where there are no shapes. Returns the pixels, the lines and their boxes in pixels."""
    height, width = pixels.shape[:2]
    count = 2 if kind == 'text' and rng.random() < .12 else 1
    name = rng.choice(FONT_FILES)
    color = rng.choice([c for c in TEXT_COLORS if abs(luminance(c) - luminance(ground)) > 75])
    texts = [rng.choice(words) if words else draw_printed_word(rng, held_out, kind == 'both') for _ in range(count)]
    size = rng.uniform(.2, .3) * height
    widest = max(font(name, 64).getlength(text) for text in texts) / 64
    size = int(min(size, .94 * width / widest))
    face = font(name, size)
    step = rng.uniform(1.1, 1.5) * size
    block = size + step * (count - 1)
    if kind == 'text':
        top = rng.uniform(2, height - block - 4)
    else:
        top = rng.choice([rng.uniform(2, .08 * height), rng.uniform(.9 * height - block, height - block - 4)])
    image = to_image(pixels)
    pen = ImageDraw.Draw(image)
    lines, boxes = [], []
    for i, text in enumerate(texts):
        x, y = rng.uniform(2, max(2.1, width - face.getlength(text) - 3)), top + i * step
        pen.text((x, y), text, font=face, fill=jitter(rng, color))
        left, upper, right, lower = box = pen.textbbox((x, y), text, font=face)
        edges = [(x + face.getlength(text[:j])) / width for j in range(len(text) + 1)]
        cells = list(zip(edges, edges[1:], text))
        lines.append(Line(text, color, (upper / height, left / width, lower / height, right / width), cells))
        boxes.append(box)
    return np.asarray(image, np.float32), lines, boxes


def find_place(rng, kind, size, shapes, taken):
    """(x, y, radius) in pixels of a free place, or None. Keeps away from other objects and from the borders of the place words."""
    width, height = size
    shorter = min(width, height)
    for _ in range(TRIES_PER_SHAPE):
        is_big = rng.random() < .5
        radius = (rng.uniform(.22, .3) if is_big else rng.uniform(.12, .165)) * shorter
        if kind == 'both':
            radius = min(radius, .22 * shorter)
        x, y = rng.uniform(radius + 2, width - radius - 2), rng.uniform(radius + 2, height - radius - 2)
        near_border = any(abs(v - border) < .025 for v in (x / width, y / height) for border in (.4, .6))
        near_shape = any(math.hypot(x - other.center_px[0], y - other.center_px[1]) < (radius + other.radius_px) * 1.03
                         or abs(x - other.center_px[0]) < .07 * width for other in shapes)
        near_text = any(x + radius > box[0] - 3 and x - radius < box[2] + 3 and y + radius > box[1] - 3 and y - radius < box[3] + 3
                        for box in taken)
        if not (near_border or near_shape or near_text):
            return x, y, radius
    return None


def draw_shape(rng, image, ground, x, y, radius):
    """Draws one shape onto `image`, with smooth edges."""
    width, height = image.size
    shape = rng.choice(SHAPES)
    color = rng.choice([c for c in COLORS if c != ground])
    angle = rng.uniform(-.3, .3) if shape in ('square', 'triangle', 'star', 'heart') else 0
    points = outline(shape, radius, angle)
    left, top, side = int(x - radius - 2), int(y - radius - 2), int(2 * radius + 5)
    cover = Image.new('L', (side * SUPERSAMPLING, side * SUPERSAMPLING))
    pen = ImageDraw.Draw(cover)
    offset = (x - left, y - top)
    pen.polygon([tuple(point) for point in (points + offset) * SUPERSAMPLING], fill=255)
    if shape == 'ring':
        pen.polygon([tuple(point) for point in (points * .55 + offset) * SUPERSAMPLING], fill=0)
    cover = cover.resize((side, side), Image.BOX)
    image.paste(jitter(rng, color), (left, top), cover)
    x1, y1, x2, y2 = cover.point(lambda v: 255 * (v > 127)).getbbox()
    box = ((top + y1) / height, (left + x1) / width, (top + y2) / height, (left + x2) / width)
    return Shape(shape, color, box, cover.crop((x1, y1, x2, y2)), (x, y), radius)
