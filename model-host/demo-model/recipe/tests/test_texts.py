import hashlib
import random
import unittest

from screens import texts
from screens.alphabet import CHARACTERS, INDEX, is_held_out
from screens.words import Words, decoded, read_words

LISTS = {
    'en': 'reader window copper lantern orchard basket Monday under yellow thunder river castle pebble mirror garden harbour'.split(),
    'de': 'Straße schön über Übung Fenster Löwe grün Bär Tür hören Käse'.split(), 'fr': 'déjà été où cœur naïf garçon élève'.split(),
}


def lines(words, seed, count=300):
    rng = random.Random(seed)
    return [kind(rng, words) for kind in texts.KINDS.values() for _ in range(count)]


class Alphabet(unittest.TestCase):
    def test_every_character_has_one_place(self):
        self.assertEqual(len(CHARACTERS), len(set(CHARACTERS)))

    def test_the_order_that_decides_the_ids_stays_as_it_is(self):
        self.assertEqual(hashlib.sha256(CHARACTERS.encode()).hexdigest()[:16], '6ff31dc1f9d865f4', 'append characters, never move them')

    def test_no_capital_or_small_letter_lacks_its_partner(self):
        single = {c for c in CHARACTERS if c.swapcase() != c and len(c.swapcase()) == 1 and c.swapcase() not in INDEX}
        # Greek letters of code, and capitals that texts do not print: micro, dotless i.
        self.assertEqual(single - set('λπµı'), set())


class Lines(unittest.TestCase):
    def setUp(self):
        self.words = Words(LISTS)

    def test_the_same_seed_gives_the_same_lines(self):
        self.assertEqual(lines(self.words, 5), lines(self.words, 5))
        self.assertNotEqual(lines(self.words, 5), lines(self.words, 6))

    def test_the_lines_of_a_seed_are_those_that_the_model_was_trained_on(self):
        digest = hashlib.sha256('\n'.join(lines(self.words, 1)).encode()).hexdigest()
        self.assertEqual(digest[:16], '31d1ac4b06c3df61', 'a change of the texts makes other data: train anew, then change this')

    def test_lines_hold_only_characters_that_the_model_knows(self):
        self.assertEqual(set(''.join(lines(self.words, 2, 1000))) - set(CHARACTERS), set())

    def test_every_character_is_printed_now_and_then(self):
        rng = random.Random(3)
        printed = set(''.join(texts.senseless(rng, self.words) for _ in range(5000)))
        self.assertEqual(set(CHARACTERS) - printed, set())


class HeldOut(unittest.TestCase):
    def test_training_and_evaluation_share_no_word(self):
        training, evaluation, all_words = Words(LISTS, False), Words(LISTS, True), Words(LISTS, None)
        for code in all_words.languages:
            parts = [set(words.by_language.get(code, [])) for words in (training, evaluation)]
            self.assertEqual(parts[0] & parts[1], set())
            self.assertEqual(parts[0] | parts[1], set(all_words.by_language[code]))

    def test_a_word_is_kept_out_in_every_spelling_of_its_capitals(self):
        for spelling in (str.lower, str.capitalize, str.upper):
            kept = {word.lower() for word in Words({'en': [spelling(word) for word in LISTS['en']]}, True).by_language['en']}
            self.assertEqual(kept, {word.lower() for word in LISTS['en'] if is_held_out(word.lower())})

    def test_numbers_of_training_are_never_those_kept_out(self):
        rng, training, evaluation = random.Random(4), Words(LISTS, False), Words(LISTS, True)
        self.assertFalse(any(is_held_out(texts.number(rng, training)) for _ in range(500)))
        self.assertTrue(all(is_held_out(texts.number(rng, evaluation)) for _ in range(100)))

    def test_about_a_tenth_is_kept_out(self):
        share = sum(is_held_out(str(number)) for number in range(20_000)) / 20_000
        self.assertAlmostEqual(share, .1, delta=.01)


class WordLists(unittest.TestCase):
    def test_lists_older_than_utf_8_are_read(self):
        self.assertEqual(decoded('smörgås'.encode('latin-1')), 'smörgås')
        self.assertEqual(decoded('smörgås'.encode()), 'smörgås')

    def test_a_folder_without_lists_is_told_with_its_cure(self):
        with self.assertRaisesRegex(ValueError, 'install the word lists'):
            read_words('/nowhere')


if __name__ == '__main__':
    unittest.main()
