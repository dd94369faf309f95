import random
import re
import unittest

from screens.alphabet import PRINTED, PRINTED_END, printed, unmarked
from screens.prompts import CAPTION_LANGUAGES, COUNTED, ELEMENTS, MOST_BOXES, Seen, caption, description, detections, prompts_of, questions_of
from screens.templates import KINDS, draw_screen
from screens.words import Words
from tests.test_texts import LISTS

LOCATIONS = re.compile(r'(<loc\d{4}>){4} ([a-z]+)')


def seen(kind, seed=0, is_readable=True, **more):
    facts = draw_screen(f'{kind} {seed}', Words(LISTS), ['sans'], ['mono'], kind=kind).facts
    facts['elements'] = [dict(name='button', box=[.1, .5, .2, .6]), dict(name='button', box=[.5, .5, .6, .6]), dict(name='title', box=[0, 0, 1, .1])]
    texts = {facts.get('title'), facts.get('text'), *facts.get('buttons', []), *facts.get('values', {})}
    texts |= {f'{name} {value}%' for name, value in facts.get('values', {}).items()}
    return Seen(facts | more, texts if is_readable else set())


class Captions(unittest.TestCase):
    def test_every_kind_has_a_caption_in_every_language(self):
        for kind in [*KINDS]:
            captions = {caption(seen(kind), language) for language in CAPTION_LANGUAGES}
            self.assertEqual(len(captions), len(CAPTION_LANGUAGES), captions)

    def test_a_title_that_cannot_be_read_is_in_no_answer(self):
        for seed in range(20):
            for answer in prompts_of(random.Random(seed), seen('form', seed, is_readable=False)).values():
                self.assertNotIn(PRINTED, answer)

    def test_a_screen_of_which_a_part_is_cut_off_is_not_counted(self):
        for kind in KINDS:
            whole, part = seen(kind), seen(kind, is_cut=True)
            self.assertFalse(any('how many' in question for question, _ in questions_of(part)), kind)
            self.assertTrue(COUNTED[kind])
            self.assertLess(len(caption(part, 'en')), len(caption(whole, 'en')))

    def test_a_photograph_is_called_one_and_nothing_is_said_of_it(self):
        photograph = Seen(dict(kind='photograph'), set())
        self.assertEqual(caption(photograph, 'en'), 'a photograph, which this model cannot describe')
        self.assertIn('cannot describe', description(photograph))
        answers = prompts_of(random.Random(1), photograph)
        self.assertTrue(all(answer == '' for prompt, answer in answers.items() if prompt.startswith('detect')))


class Boxes(unittest.TestCase):
    def test_boxes_are_written_top_left_bottom_right(self):
        self.assertEqual(detections(seen('form'), ['title']), '<loc0000><loc0000><loc0102><loc1023> title')

    def test_boxes_go_class_by_class_and_absent_ones_give_nothing(self):
        labels = [label for _, label in LOCATIONS.findall(detections(seen('form'), ['title', 'cat', 'button']))]
        self.assertEqual(labels, ['title', 'button', 'button'])
        self.assertEqual(detections(seen('form'), ['cat']), '')

    def test_prompts_ask_for_what_is_there_and_for_what_is_not(self):
        for seed in range(20):
            asked = {prompt: answer for prompt, answer in prompts_of(random.Random(seed), seen('form')).items() if prompt.startswith('detect')}
            self.assertIn('', asked.values())
            self.assertTrue(any(asked.values()))

    def test_no_answer_has_more_boxes_than_the_model_can_write(self):
        many = seen('table', elements=[dict(name='row', box=[0, i / 40, 1, (i + 1) / 40]) for i in range(MOST_BOXES + 1)])
        for seed in range(20):
            self.assertFalse(any('row' in answer for prompt, answer in prompts_of(random.Random(seed), many).items() if prompt.startswith('detect')))


class Questions(unittest.TestCase):
    def test_values_of_charts_are_those_that_were_drawn(self):
        chart = seen('bar chart')
        given = {unmarked(question): answer for question, answer in questions_of(chart)}
        for name, value in chart.facts['values'].items():
            self.assertEqual(given[f'what is the value of {name}?'], str(value))

    def test_what_is_there_is_told_of_all_elements(self):
        given = dict(questions_of(seen('form')))
        for name in ELEMENTS:
            article = 'an' if name[0] in 'aeiou' else 'a'
            self.assertEqual(given[f'is there {article} {name}?'], 'yes' if name in ('button', 'title') else 'no')

    def test_marks_come_in_pairs_and_leave_no_trace(self):
        for kind in KINDS:
            for prompt, answer in prompts_of(random.Random(2), seen(kind)).items():
                for text in (prompt, answer):
                    self.assertEqual(text.count(PRINTED), text.count(PRINTED_END))
                    self.assertFalse({PRINTED, PRINTED_END} & set(unmarked(text)))
        self.assertEqual(unmarked(f'a “{printed("title")}”'), 'a “title”')


if __name__ == '__main__':
    unittest.main()
