"""The closed world of the demo model: colours, shapes, printed words, and how four languages name them."""
import zlib

import numpy as np

from paths import WORDS

COLORS = {
    'red': (220, 38, 38), 'green': (34, 160, 74), 'blue': (37, 99, 235), 'yellow': (250, 214, 21), 'orange': (249, 125, 22),
    'purple': (140, 45, 185), 'pink': (246, 140, 190), 'black': (17, 17, 17), 'white': (250, 250, 250), 'gray': (128, 128, 128),
}
"""Colour names and their RGB values; a scene varies each channel by up to 8."""
GROUNDS = ['white', 'white', 'white', 'black', 'gray', 'yellow', 'blue', 'green', 'pink']
TEXT_COLORS = ('black', 'white', 'red', 'blue', 'yellow', 'purple', 'green')
SHAPES = ['circle', 'square', 'triangle', 'star', 'heart', 'ring']
FONT_FILES = ['dejavu/DejaVuSans-Bold.ttf', 'dejavu/DejaVuSans.ttf', 'liberation/LiberationSans-Bold.ttf']
NUMBERS = ['no', 'one', 'two', 'three', 'four']
LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

ABSENT_NOUNS = [
    'cat', 'dog', 'person', 'car', 'tree', 'house', 'face', 'bird', 'bicycle', 'cup', 'bottle', 'chair', 'flower', 'man', 'woman',
    'window', 'table', 'book', 'phone', 'horse', 'boat', 'bus', 'apple', 'hand', 'sign',
]
"""Asked for in training and never in a scene: the model learns to answer with nothing, or "no"."""

GERMAN_COLORS = dict(red='rot', green='grün', blue='blau', yellow='gelb', orange='orange', purple='lila', pink='rosa',
                     black='schwarz', white='weiß', gray='grau')
GERMAN_INVARIABLE = ('orange', 'purple', 'pink')
GERMAN_NOUNS = dict(circle=('m', 'Kreis'), square=('n', 'Quadrat'), triangle=('n', 'Dreieck'), star=('m', 'Stern'),
                    heart=('n', 'Herz'), ring=('m', 'Ring'), text=('m', 'Text'))
GERMAN_ENDINGS = dict(m='er', n='es', f='e')

# Masculine, then feminine.
FRENCH_COLORS = dict(red=('rouge', 'rouge'), green=('vert', 'verte'), blue=('bleu', 'bleue'), yellow=('jaune', 'jaune'),
                     orange=('orange', 'orange'), purple=('violet', 'violette'), pink=('rose', 'rose'), black=('noir', 'noire'),
                     white=('blanc', 'blanche'), gray=('gris', 'grise'))
FRENCH_NOUNS = dict(circle='un cercle', square='un carré', triangle='un triangle', star='une étoile', heart='un cœur',
                    ring='un anneau', text='un texte')
SPANISH_COLORS = dict(red=('rojo', 'roja'), green=('verde', 'verde'), blue=('azul', 'azul'), yellow=('amarillo', 'amarilla'),
                      orange=('naranja', 'naranja'), purple=('morado', 'morada'), pink=('rosa', 'rosa'), black=('negro', 'negra'),
                      white=('blanco', 'blanca'), gray=('gris', 'gris'))
SPANISH_NOUNS = dict(circle='un círculo', square='un cuadrado', triangle='un triángulo', star='una estrella', heart='un corazón',
                     ring='un anillo', text='un texto')


def read_words(path=WORDS):
    """The words of 2 to 6 plain letters in a word list, in upper case, sorted; ten words where there is no list."""
    if not path.exists():
        return ['HELLO', 'WORLD', 'OPEN', 'CODE', 'TEST', 'CAT', 'DOG', 'STOP', 'GO', 'YES']
    words = (line.strip() for line in path.read_text(encoding='utf-8').splitlines())
    return sorted({word.upper() for word in words if word.isascii() and word.isalpha() and 2 <= len(word) <= 6})


PRINTED_WORDS = read_words()


def is_held_out(word):
    """Whether a printed word or number is one of the tenth that no training scene shows."""
    return zlib.crc32(word.encode()) % 10 == 0


def luminance(color):
    return np.dot(COLORS[color], (.3, .59, .11))


def draw_printed_word(rng, held_out, is_short):
    """A word (65 %), a number (15 %) or random letters (20 %) of up to 5 or 6 characters."""
    longest = 5 if is_short else 6
    while True:
        kind = rng.random()
        if kind < .65:
            word = rng.choice(PRINTED_WORDS)
        elif kind < .8:
            word = str(rng.randint(10, 10 ** rng.randint(2, 5) - 1))
        else:
            word = ''.join(rng.choice(LETTERS) for _ in range(rng.randint(2, longest)))
        if len(word) <= longest and is_held_out(word) == held_out:
            return word
