import unittest

from screens.alphabet import printed, unmarked

try:
    import numpy as np

    from screens.batches import LENGTHS, batches, text_arrays
    from screens.examples import Example, Limits
    from screens.make_tokenizer import EOS, FIRST_CHARACTER, FIRST_LOCATION, IMAGE, NEWLINE, ROWS, answer_ids, prompt_ids, tokenizer
    from screens.tiles import PATCHES, TILE_PX
    from screens.trainee import packed_mask
    missing = None
except ImportError as error:
    missing = f'the packages of requirements.txt are not all installed ({error})'


def example(**answers):
    return Example(np.zeros((TILE_PX, TILE_PX, 3), np.uint8), {prompt.replace('_', ' '): answer for prompt, answer in answers.items()})


@unittest.skipIf(missing, missing)
class Ids(unittest.TestCase):
    def test_ids_that_weights_depend_on_stay_as_they_are(self):
        self.assertEqual((NEWLINE, FIRST_CHARACTER, FIRST_LOCATION, IMAGE, ROWS), (260, 261, 1024, 2176, 2177))
        for piece, expected in (('\n', NEWLINE), ('▁', FIRST_CHARACTER), ('ocr', 558), ('<loc0000>', FIRST_LOCATION), ('<image>', IMAGE)):
            self.assertEqual(tokenizer().token_to_id(piece), expected, piece)

    def test_printed_text_goes_character_by_character_and_comes_back(self):
        plain, marked = answer_ids('a form titled “a form”'), answer_ids(f'a form titled “{printed("a form")}”')
        self.assertEqual(len(marked) - len(plain), len('a form') - len(answer_ids('a form')) + 1)
        self.assertEqual(tokenizer().decode(marked[:-1]), 'a form titled “a form”')

    def test_a_prompt_is_read_as_the_processor_reads_it(self):
        prompt = f'answer en what is the value of {printed("May")}?'
        self.assertEqual(prompt_ids(prompt)[1:-1], tokenizer().encode(unmarked(prompt), add_special_tokens=False).ids)


@unittest.skipIf(missing, missing)
class Packing(unittest.TestCase):
    def test_a_batch_holds_examples_of_one_length(self):
        stream = iter([example(ocr='a' * length) for length in (10, 100, 200, 20, 150, 90)])
        self.assertEqual(sorted((len(found), length) for found, length in batches(stream, 2)), [(2, 64), (2, 128), (2, 256)])

    def test_the_longest_tile_has_room(self):
        found, length = next(batches(iter([example(ocr='a' * Limits().characters)]), 1))
        ids, segment, _, _, targets, weights, _ = text_arrays(np.random.default_rng(0), found, length)
        self.assertEqual((length, int(weights.sum())), (LENGTHS[-1], Limits().characters + 1))
        self.assertEqual(int(targets[0, int((segment[0] == 1).sum()) - 1]), EOS)

    def test_targets_are_the_answers_and_only_they_weigh(self):
        answers = {'ocr': 'Two\nlines', 'caption en': 'a form with two fields', 'detect row': ''}
        picture = Example(np.zeros((TILE_PX, TILE_PX, 3), np.uint8), answers)
        ids, segment, is_prefix, positions, targets, weights, _ = text_arrays(np.random.default_rng(0), [picture], 128)
        found = {}
        for number in range(1, int(segment.max()) + 1):
            at = segment[0] == number
            prompt = tokenizer().decode(ids[0][at & is_prefix[0]].tolist()).strip()
            found[prompt] = tokenizer().decode(targets[0][at & (weights[0] > 0)].tolist())
            self.assertEqual(positions[0][at].tolist(), list(range(PATCHES + 1, PATCHES + 1 + int(at.sum()))))
        self.assertEqual(found, answers)

    def test_a_prompt_sees_the_picture_and_itself_but_no_later_part_of_its_answer(self):
        ids, segment, is_prefix, *_ = text_arrays(np.random.default_rng(0), [example(ocr='abc', cap_en='form')], 64)
        mask = packed_mask(segment, is_prefix)[0, 0]
        self.assertTrue(mask[:, :PATCHES].all())
        text = mask[PATCHES:, PATCHES:]
        for i in range(64):
            for j in range(64):
                is_own = segment[0, i] == segment[0, j]
                self.assertEqual(bool(text[i, j]), bool(is_own and (is_prefix[0, j] or i >= j)))


if __name__ == '__main__':
    unittest.main()
