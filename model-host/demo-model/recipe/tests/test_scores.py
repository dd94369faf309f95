import unittest

from screens.alphabet import printed
from screens.prompts import WORDS, caption, Seen
from screens.scores import Report, hits, is_near, kind_of, overlap, regions


class Scores(unittest.TestCase):
    def test_every_kind_is_told_by_its_own_caption(self):
        for kind in WORDS:
            self.assertEqual(kind_of(caption(Seen(dict(kind=kind, is_dark=True, is_cut=True), set()), 'en')), kind)
        self.assertIsNone(kind_of('a red circle'))

    def test_boxes_are_read_from_an_answer_and_what_is_broken_is_left_out(self):
        self.assertEqual(regions('<loc0001><loc0002><loc0003><loc0004> button ; <loc0005><loc0006> row'), [('button', (1, 2, 3, 4))])

    def test_the_overlap_of_boxes_is_intersection_over_union(self):
        self.assertEqual(overlap((0, 0, 10, 10), (0, 0, 10, 10)), 1)
        self.assertAlmostEqual(overlap((0, 0, 10, 10), (0, 5, 10, 15)), 1 / 3)
        self.assertEqual(overlap((0, 0, 10, 10), (20, 20, 30, 30)), 0)

    def test_a_box_is_found_once_and_under_its_own_label(self):
        box = (0, 0, 10, 10)
        self.assertEqual(hits([('row', box)], [('row', box), ('row', box)]), 1)
        self.assertEqual(hits([('button', box)], [('row', box)]), 0)

    def test_values_may_differ_by_a_twentieth(self):
        self.assertTrue(is_near('104', '100'))
        self.assertTrue(is_near('41%', '40%'))
        self.assertFalse(is_near('106', '100'))
        self.assertFalse(is_near('many', '100'))

    def test_a_report_counts_what_the_goals_name(self):
        report = Report()
        report.add('form', 'caption en', 'a form with two fields', f'a form titled “{printed("Name")}”')
        report.add('photograph', 'caption en', 'a dark terminal', 'a photograph, which this model cannot describe')
        report.add('form', 'detect cat', '', '')
        report.add('form', 'detect row', '<loc0000><loc0000><loc0010><loc0010> row', '<loc0000><loc0000><loc0010><loc0010> row')
        report.add('bar chart', f'answer en what is the value of {printed("May")}?', '98', '100')
        self.assertEqual({name: figure['share'] for name, figure in report.figures().items()}, {
            'kind in the caption': 1, 'caption exact': 0, 'photograph is called one': 0, 'absent is empty': 1, 'value within 5 %': 1,
            'answer exact': 0, 'detect f1': 1})


if __name__ == '__main__':
    unittest.main()
