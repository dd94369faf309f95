"""Screens of `templates.py` as pages, rendered by headless Chromium.

Node.js with playwright-core (a package of this project) and Chromium are needed. The same seed gives the same markup; pixels
and places follow from the version of Chromium.
"""
import base64
import io
import json
import random
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

from screens.alphabet import INDEX
from screens.pages import Page
from screens.templates import draw_screen

SCALES = (1, 1, 1, 1, 1.25, 1.5, 2)
FACES_OF_PAGE = 3


class Browser:
    def __enter__(self):
        script = Path(__file__).with_name('render.mjs')
        self.process = subprocess.Popen(['node', str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def render(self, screen, scale):
        """What `render.mjs` answers."""
        request = dict(markup=screen.markup, width=screen.width, height=screen.height, tallest=screen.tallest, scale=scale)
        self.process.stdin.write(json.dumps(request) + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('the browser is gone: run "node screens/render.mjs" to see why')
        return json.loads(line)


def draw_browser_page(browser, seed, fonts, words, **wanted):
    """The page of a seed, with the facts and the elements of its screen. wanted: as `draw_screen` takes it."""
    rng = random.Random(f'fonts of {seed}')
    faces, mono_faces = ([fonts.draw(rng, is_mono) for _ in range(FACES_OF_PAGE)] for is_mono in (False, True))
    names = {face: f'face{i}' for i, face in enumerate(faces + mono_faces)}
    screen = draw_screen(seed, words, [names[face] for face in faces], [names[face] for face in mono_faces], **wanted)
    styles = ''.join(font_rule(names[face], face) for face in names if names[face] in screen.markup)
    screen.markup = f'<!doctype html><meta charset="utf-8"><style>{styles}</style>{screen.markup}'
    return page_of(browser.render(screen, rng.choice(SCALES)), screen)


def font_rule(name, face):
    """The font travels in the page: a page that comes from no file may read none."""
    content = base64.b64encode(Path(face.path).read_bytes()).decode()
    return f'@font-face{{font-family:{name};src:url(data:font/{Path(face.path).suffix[1:]};base64,{content})}}'


def page_of(rendered, screen):
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(rendered['png']))).convert('RGB'))
    height, width = image.shape[:2]
    code, left, right, run, tops, bottoms = [], [], [], [], [], []
    for part in rendered['runs']:
        for character, start, end in zip(part['text'], part['left'], part['left'][1:]):
            if character in INDEX:
                code.append(INDEX[character])
                left.append(start)
                right.append(end)
                run.append(len(tops))
        if run and run[-1] == len(tops):
            tops.append(part['top'])
            bottoms.append(part['bottom'])
    facts = dict(screen.facts, is_cut=rendered['isCut'], elements=[
        dict(name=element['name'], box=[round(side / size, 4) for side, size in zip(element['box'], (width, height) * 2)])
        for element in rendered['elements']])
    return Page(image, np.array(code, np.int16), np.array(left, np.float32), np.array(right, np.float32), np.array(run, np.int32),
                np.array(tops, np.float32), np.array(bottoms, np.float32), facts)
