"""Asks a checkpoint about pictures that the generator cannot draw: other colours, sizes, letters, a long picture, an empty one.

    python check_limits.py [FOLDER]
"""
import sys

import torch
from PIL import Image, ImageDraw

from generate import answer, load_model
from paths import MODEL
from scenes import font

PROMPTS = ['caption en', 'ocr', 'detect circle ; square', 'answer en how many shapes are there?']
BOLD = 'dejavu/DejaVuSans-Bold.ttf'
SERIF = 'liberation/LiberationSerif-Bold.ttf'


def picture(width, height, shapes=(), text=None):
    """shapes: (kind, box, colour); text: (position, words, font, size)."""
    image = Image.new('RGB', (width, height), 'white')
    pen = ImageDraw.Draw(image)
    for kind, box, color in shapes:
        (pen.ellipse if kind == 'circle' else pen.rectangle)(box, fill=color)
    if text is not None:
        position, words, name, size = text
        pen.text(position, words, font=font(name, size), fill='black')
    return image


def pictures():
    yield 'pure colours, 800 x 600', picture(
        800, 600, [('circle', (80, 250, 300, 470), (255, 0, 0)), ('square', (480, 280, 700, 500), (0, 0, 255))], ((150, 40), 'HELLO', BOLD, 140))
    yield 'lower case', picture(400, 300, text=((60, 100), 'hello', BOLD, 80))
    yield 'serif', picture(400, 300, text=((60, 100), 'HELLO', SERIF, 80))
    yield 'small text', picture(400, 300, text=((60, 100), 'HELLO', BOLD, 32))
    yield 'wide, 2:1', picture(
        800, 400, [('circle', (100, 100, 300, 300), (34, 160, 74)), ('square', (500, 120, 660, 280), (249, 125, 22))])
    yield 'four shapes', picture(400, 400, [
        ('circle', (20, 20, 100, 100), (220, 38, 38)), ('circle', (120, 220, 200, 300), (37, 99, 235)),
        ('square', (230, 40, 300, 110), (34, 160, 74)), ('square', (310, 280, 390, 360), (17, 17, 17))])
    yield 'empty', picture(300, 300)


def main():
    torch.set_num_threads(1)
    model, processor = load_model(sys.argv[1] if len(sys.argv) > 1 else MODEL)
    jobs = [(name, image, prompt) for name, image in pictures() for prompt in PROMPTS]
    for (name, _, prompt), given in zip(jobs, answer(model, processor, [job[1:] for job in jobs])):
        print(name, '|', prompt, '|', repr(given))


if __name__ == '__main__':
    main()
