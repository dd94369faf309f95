import tempfile
import unittest
from pathlib import Path

from screens.alphabet import CHARACTERS, INDEX
from screens.words import Words
from tests.test_texts import LISTS

try:
    import numpy as np
    from PIL import ImageFont

    from screens.fonts import Face, Fonts
    from screens.pages import Page, draw_page
    from screens.tiles import COLUMNS, PATCH_PX, PATCHES, ROWS, TILE_PX, UNKNOWN, cut, draw_tile, patches_of, spoil
    missing = None
except ImportError as error:
    missing = f'numpy, Pillow and fontTools are not all installed ({error})'


def page_with(*runs, size=448):
    """A page with [(text, left, top)]; characters 10 pixels wide, lines 12 high."""
    code, left, run = [], [], []
    for number, (text, x, _) in enumerate(runs):
        code += [INDEX[character] for character in text]
        left += [x + 10 * i for i in range(len(text))]
        run += [number] * len(text)
    tops = np.array([top for *_, top in runs], np.float32)
    left = np.array(left, np.float32)
    return Page(np.full((size, size, 3), 255, np.uint8), np.array(code, np.int16), left, left + 10, np.array(run, np.int32), tops, tops + 12)


@unittest.skipIf(missing, missing)
class Answers(unittest.TestCase):
    def read(self, *runs, left=0, top=0, side=224):
        return cut(page_with(*runs), left, top, side, side).answer

    def test_rows_are_read_from_top_to_bottom_and_from_left_to_right(self):
        self.assertEqual(self.read(('below', 10, 60), ('right', 100, 20), ('left', 10, 20)), 'left right\nbelow')

    def test_what_stands_a_little_higher_in_a_row_belongs_to_it(self):
        self.assertEqual(self.read(('a', 60, 22), ('b', 10, 20), ('c', 110, 16)), 'b a c')

    def test_a_letter_that_the_border_cuts_is_left_out(self):
        self.assertEqual(self.read(('abcdef', 0, 20), left=6), 'bcdef')
        self.assertEqual(self.read(('abcdef', 200, 20)), 'ab')

    def test_a_letter_of_which_hardly_anything_is_cut_is_read(self):
        self.assertEqual(self.read(('abc', 0, 20), left=1), 'abc')

    def test_a_line_that_the_border_cuts_is_left_out(self):
        self.assertEqual(self.read(('cut', 10, 0), ('whole', 10, 40), top=5), 'whole')

    def test_spaces_are_single_and_none_stands_at_an_end(self):
        self.assertEqual(self.read(('  a   b ', 0, 20)), 'a b')
        self.assertEqual(self.read(('ab cd', 0, 20), left=15), 'cd')

    def test_runs_that_touch_are_one_word(self):
        self.assertEqual(self.read(('call', 0, 20), ('(x)', 40, 20), ('end', 80, 20)), 'call(x) end')

    def test_a_tile_without_text_has_an_empty_answer(self):
        tile = cut(page_with(), 0, 0, 224, 224)
        self.assertEqual((tile.answer, tile.place.shape), ('', (0, 2)))

    def test_places_and_points_are_those_of_the_characters(self):
        tile = cut(page_with(('ab', 10, 20), ('c', 10, 60)), 0, 0, 112, 112)
        self.assertEqual(tile.pixels.shape, (TILE_PX, TILE_PX, 3))
        self.assertEqual(len(tile.place), len(tile.answer))
        np.testing.assert_allclose(tile.place, [[15 / 112, 26 / 112], [25 / 112, 26 / 112], [-1, -1], [15 / 112, 66 / 112]], atol=1e-6)
        for character, (x, y), row, place in zip('abc', tile.place[[0, 1, 3]], (0, 0, 1), (0, 1, 0)):
            self.assertEqual(list(tile.points[:, int(y * ROWS), int(x * COLUMNS)]), [INDEX[character], row, place])

    def test_letters_that_are_cut_are_unknown_at_their_points(self):
        tile = cut(page_with(('ab', 0, 20)), 6, 0, 224, 224)
        self.assertEqual(tile.points[0, int(26 / TILE_PX * ROWS), 0], UNKNOWN)

    def test_a_drawn_tile_keeps_its_limits(self):
        page = page_with(*(('abcdefghij' * 4, 0, 16 * i) for i in range(28)))
        rng = np.random.default_rng(0)
        tiles = [draw_tile(rng, page, 60) for _ in range(30)]
        lengths = [len(tile.answer) for tile in tiles if tile is not None]
        self.assertGreater(len(lengths), 20)
        self.assertTrue(all(0 < length <= 60 for length in lengths), lengths)


@unittest.skipIf(missing, missing)
class Patches(unittest.TestCase):
    def test_a_patch_holds_its_square_channel_by_channel(self):
        pixels = np.random.default_rng(0).integers(0, 256, (TILE_PX, TILE_PX, 3)).astype(np.uint8)
        patches = patches_of(pixels).reshape(PATCHES, 3, PATCH_PX, PATCH_PX)
        np.testing.assert_array_equal(patches[17], pixels[PATCH_PX:2 * PATCH_PX, PATCH_PX:2 * PATCH_PX].transpose(2, 0, 1))

    def test_spoilt_pictures_keep_size_and_kind_and_follow_from_the_seed(self):
        pixels = np.random.default_rng(0).integers(0, 256, (TILE_PX, TILE_PX, 3)).astype(np.uint8)
        for seed in range(40):
            spoilt = spoil(np.random.default_rng(seed), pixels)
            self.assertEqual((spoilt.shape, spoilt.dtype), (pixels.shape, np.uint8))
            np.testing.assert_array_equal(spoilt, spoil(np.random.default_rng(seed), pixels))


def built_in_fonts(folder):
    """The font that Pillow carries, as if it were two families."""
    path = Path(folder) / 'built-in.ttf'
    path.write_bytes(ImageFont.load_default(12).path.getvalue())
    covered = frozenset(CHARACTERS[:95])
    return Fonts([Face(family, str(path), is_mono, False, False, covered) for family, is_mono in (('one', True), ('two', False))], None)


@unittest.skipIf(missing, missing)
class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.fonts, self.words = built_in_fonts(folder.name), Words(LISTS)

    def test_the_same_seed_gives_the_same_page(self):
        first, second = (draw_page('7', self.fonts, self.words, 224) for _ in range(2))
        for name in ('image', 'code', 'left', 'right', 'run', 'run_top', 'run_bottom'):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))

    def test_ink_is_where_characters_are_and_nowhere_else(self):
        page = next(page for page in (draw_page(f'ink {i}', self.fonts, self.words, 224) for i in range(100))
                    if len(np.unique(page.image[:, -1].reshape(-1, 3), axis=0)) == 1 and len(page.code) > 20)
        ground = page.image[0, -1].astype(int)
        has_ink = (np.abs(page.image - ground).sum(2) > 60)
        covered = np.zeros(has_ink.shape, bool)
        for left, right, run in zip(page.left, page.right, page.run):
            top, bottom = page.run_top[run], page.run_bottom[run]
            covered[max(0, int(top) - 4):int(bottom) + 5, max(0, int(left) - 2):int(right) + 3] = True
        self.assertGreater(has_ink.sum(), 200)
        self.assertLess((has_ink & ~covered).sum(), .02 * has_ink.sum())


if __name__ == '__main__':
    unittest.main()
