"""A scene with its prompts and answers: what training, validation and evaluation draw from.

Run as a program it prints three scenes and writes a contact sheet to out/scenes.png.
"""
import random

from PIL import Image

from paths import OUT
from prompts import prompts_of
from scenes import draw_scene


def sample(rng, kind=None, held_out=False, max_shapes=4, width=None, words=None):
    """(Scene, {prompt: answer}). `<SEG0>` in an answer stands for the 16 mask codes of shape 0; `mask_codec.fill` puts them in."""
    kind = kind or rng.choices(['shape', 'text', 'both', 'none'], [48, 26, 24, 2])[0]
    while True:
        scene = draw_scene(rng, kind, held_out, max_shapes, width, words)
        if kind in ('text', 'none') or scene.shapes:
            return scene, prompts_of(rng, scene)


def write_contact_sheet(path, columns=5, rows=3):
    rng = random.Random(1)
    sheet = Image.new('RGB', (columns * 232, rows * 232), (90, 90, 90))
    for i in range(columns * rows):
        scene, answers = sample(rng, ['shape', 'text', 'both'][i % 3])
        sheet.paste(scene.image.resize((224, 224), Image.BICUBIC), (i % columns * 232 + 4, i // columns * 232 + 4))
        if i < 3:
            print(i, *answers.items(), sep='\n  ')
    sheet.save(path)


if __name__ == '__main__':
    OUT.mkdir(parents=True, exist_ok=True)
    write_contact_sheet(OUT / 'scenes.png')
    print('wrote', OUT / 'scenes.png')
