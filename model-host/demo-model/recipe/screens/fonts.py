"""The fonts that texts are printed in: found in folders, listed once with what they cover.

    python -m screens.fonts      writes fonts.json and prints how many families there are
"""
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from fontTools.ttLib import TTFont, TTLibError
from PIL import ImageFont

from screens.alphabet import ASCII, CHARACTERS, is_held_out
from screens.places import FONT_CATALOG, FONT_FOLDERS, OUT

SUFFIXES = ('.ttf', '.otf', '.woff2')
LEFT_OUT = re.compile(
    r'thin|hairline|extralight|ultralight|caps|chorus|symbol|math|stixsize|stixintegral|variants|nonunicode|dingbat|emoji|icons?\b|'
    r'unsl|dunh|sansquot|wasy|stmary|rsfs|msam|msbm|esint|cmex|cmmi|cmsy|eufm|z003|keyboard|qhvc|subset|100-|200-|300-|900-', re.IGNORECASE)
"""Files whose letters nobody would read on a screen, or that hold none."""
OTHER_SCRIPT = re.compile(r'Noto(Sans|Serif|Naskh|Nastaliq|Kufi|Looped|Rashi|Music|Traditional)(?!-|Mono|Display)\w+|KarlaTamil')
DESIGNS = {
    'Times': ('Tinos', 'Liberation Serif', 'Tymes', 'Nimbus Roman', 'TeX Gyre Termes', 'FreeSerif', 'STIX'),
    'Helvetica': ('Arimo', 'Liberation Sans', 'Aerial', 'Nimbus Sans', 'TeX Gyre Heros', 'FreeSans', 'sans'),
    'Courier': ('Nimbus Mono', 'TeX Gyre Cursor', 'FreeMono', 'Cousine', 'Liberation Mono', 'Courier Prime'),
    'Vera': ('DejaVu Sans', 'Bitstream Vera Sans', 'Veranda'), 'Vera Serif': ('DejaVu Serif', 'Bitstream Vera Serif'),
    'Computer Modern': ('CMU', 'cmr10', 'Latin Modern'), 'Palatino': ('P052', 'TeX Gyre Pagella'),
    'Schoolbook': ('C059', 'TeX Gyre Schola'), 'Bookman': ('URW Bookman', 'TeX Gyre Bonum'),
    'Avant Garde': ('URW Gothic', 'TeX Gyre Adventor'), 'Inconsolata': ('Inconsolata', 'Ricty'), 'Monoid': ('Monoi',),
}
"""Fonts that look alike have one name in the question what is kept out of training. Others: the first two words of the family."""
SMALLEST_SHARE = .28
"""Of the size: small letters lower than this make a font unreadable at the sizes that are printed."""


@dataclass(frozen=True)
class Face:
    family: str
    path: str
    is_mono: bool
    is_bold: bool
    is_italic: bool
    covered: frozenset
    """Characters of the alphabet that the font has."""

    @property
    def design(self):
        return next((name for name, starts in DESIGNS.items() if self.family.startswith(starts)), ' '.join(self.family.split()[:2]))

    def font(self, size):
        """size: pixels per em, fractions allowed."""
        return load(self.path, size)

    def covers(self, text):
        return self.covered.issuperset(text)


@lru_cache(maxsize=1000)
def load(path, size):
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def find_faces(folders):
    """Faces that have all of ASCII, sorted by path, a file name only once."""
    files = {path.name: path for folder in folders for path in sorted(folder.rglob('*')) if path.suffix in SUFFIXES}
    for name, path in sorted(files.items()):
        is_part = path.suffix == '.woff2' and not re.search(r'-latin-(400|700)-(normal|italic)\.', name)
        if is_part or LEFT_OUT.search(name) or OTHER_SCRIPT.search(name):
            continue
        face = describe(path)
        if face is not None:
            yield face


def describe(path):
    """The face of a file; None where it cannot print texts."""
    try:
        with TTFont(path, lazy=True, fontNumber=0) as file:
            covered = [character for character in CHARACTERS if ord(character) in file.getBestCmap()]
            family = file['name'].getBestFamilyName() or path.stem
            style = (file['name'].getBestSubFamilyName() or '') + path.stem
    except (TTLibError, OSError, KeyError, TypeError, AttributeError):
        return None
    if not set(ASCII).issubset(covered):
        return None
    font = ImageFont.truetype(str(path), 100)
    left, top, right, bottom = font.getbbox('x')
    if bottom - top < SMALLEST_SHARE * 100 or right - left < 15:
        return None
    return dict(family=family, path=str(path), is_mono=font.getlength('i') == font.getlength('W'),
                is_bold=bool(re.search('bold|black|heavy|700', style, re.IGNORECASE)),
                is_italic=bool(re.search('italic|oblique|slant', style, re.IGNORECASE)), covered=''.join(covered))


class Fonts:
    """Faces by family; a family is as likely as any other of its kind, however many faces it has."""

    def __init__(self, faces, held_out=False):
        """held_out: False gives families of training only, True those kept out of it only, None all."""
        self.families = {}
        for face in faces:
            if held_out is None or is_held_out(face.design) == held_out:
                self.families.setdefault(face.family, []).append(face)
        names = sorted(self.families)
        self.mono = [name for name in names if any(face.is_mono for face in self.families[name])]
        self.proportional = [name for name in names if any(not face.is_mono for face in self.families[name])]
        if not self.mono or not self.proportional:
            raise ValueError('there are too few fonts: install those that the README names, or set SCREENS_FONTS')

    def draw(self, rng, is_mono, is_bold=None):
        """A face. is_bold: None leaves it to chance, mostly regular."""
        family = self.families[rng.choice(self.mono if is_mono else self.proportional)]
        fitting = [face for face in family if face.is_mono == is_mono]
        wants_bold = rng.random() < .2 if is_bold is None else is_bold
        wants_italic = rng.random() < .1
        best = [face for face in fitting if face.is_bold == wants_bold and face.is_italic == wants_italic]
        return rng.choice(best or fitting)


def read_catalog():
    """All faces listed by this program."""
    if not FONT_CATALOG.exists():
        raise FileNotFoundError(f'{FONT_CATALOG} is missing: run "python -m screens.fonts" first')
    rows = json.loads(FONT_CATALOG.read_text(encoding='utf-8'))
    return [Face(**{**row, 'covered': frozenset(row['covered'])}) for row in rows]


def main():
    rows = list(find_faces(FONT_FOLDERS))
    OUT.mkdir(parents=True, exist_ok=True)
    FONT_CATALOG.write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding='utf-8')
    families = {face.family: face.design for face in read_catalog()}
    held_out = sorted(family for family, design in families.items() if is_held_out(design))
    print(f'{len(rows)} faces of {len(families)} families; kept out of training: {", ".join(held_out)}')


if __name__ == '__main__':
    main()
