"""Where the recipe reads and writes.

Everything that is made goes to the folder `out/` beside the scripts (or to the one in DEMO_OUT). DEMO_FONTS and DEMO_WORDS
name the folder of fonts and the list of words where they are not in Debian's places.
"""
import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = Path(os.environ.get('DEMO_OUT', HERE / 'out'))

MODEL = OUT / 'paligemma2-demo-224'
TOKENIZER = MODEL / 'tokenizer.json'
DATA = OUT / 'data'
CHECKPOINT = OUT / 'checkpoint.pt'
MASK_CODEC = OUT / 'mask-codec.safetensors'
MASK_DECODER = OUT / 'mask-decoder.safetensors'

FONTS = Path(os.environ.get('DEMO_FONTS', '/usr/share/fonts/truetype'))
WORDS = Path(os.environ.get('DEMO_WORDS', '/usr/share/dict/words'))
