"""Where this recipe reads and writes.

    SCREENS_OUT     everything that is made: data, state, curve, checkpoint (`out/screens` beside the recipe)
    SCREENS_FONTS   folders of fonts, divided by ":" (Debian's, and that of the packages of npm beside what is made)
    SCREENS_WORDS   the folder of word lists (/usr/share/dict)
"""
import os
from pathlib import Path

RECIPE = Path(__file__).resolve().parent.parent
OUT = Path(os.environ.get('SCREENS_OUT', RECIPE / 'out' / 'screens'))
FONT_FOLDERS = [Path(folder) for folder in os.environ.get('SCREENS_FONTS', f'/usr/share/fonts:{OUT / "fonts"}').split(':')]
WORD_LISTS = Path(os.environ.get('SCREENS_WORDS', '/usr/share/dict'))

FONT_CATALOG = OUT / 'fonts.json'
DATA = OUT / 'data'
STATE = OUT / 'state.pt'
CURVE = OUT / 'curve.jsonl'
MODEL = OUT / 'paligemma2-demo-224'
