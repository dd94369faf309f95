import dataclasses
import unittest
from typing import Any

from paligemma_prefix_mask import ranges, support

IMAGE = 9


def placeholder_class():
    @dataclasses.dataclass
    class PlaceholderRange:
        offset: int
        length: int
        is_embed: Any = None

        def extract_embeds_range(self):
            return ["vLLM's own"]

    return PlaceholderRange


class PromptSpan(unittest.TestCase):
    def test_covers_the_prompt_and_marks_the_image(self):
        self.assertEqual(ranges.prompt_span([IMAGE, IMAGE, 2, 5, 108], IMAGE), (5, [True, True, False, False, False]))

    def test_is_known_by_its_shape(self):
        _, is_image = ranges.prompt_span([IMAGE, 2, 108], IMAGE)
        self.assertTrue(ranges.is_prompt_span(0, is_image))
        for offset, is_embed in [(1, is_image), (0, None), (0, []), (0, [False, True])]:
            with self.subTest(offset=offset, is_embed=is_embed):
                self.assertFalse(ranges.is_prompt_span(offset, is_embed))


class Install(unittest.TestCase):
    def test_a_prompt_span_is_one_range_and_others_stay_as_they_were(self):
        placeholder = placeholder_class()
        ranges.install(placeholder)
        self.assertEqual(placeholder(0, 4, [True, True, False, False]).extract_embeds_range(), [(0, 3)])
        self.assertEqual(placeholder(0, 2).extract_embeds_range(), ["vLLM's own"])
        self.assertEqual(placeholder(3, 2, [True, False]).extract_embeds_range(), ["vLLM's own"])

    def test_a_second_call_changes_nothing(self):
        placeholder = placeholder_class()
        ranges.install(placeholder)
        once = placeholder.extract_embeds_range
        ranges.install(placeholder)
        self.assertIs(placeholder.extract_embeds_range, once)

    def test_refuses_another_class(self):
        class Empty:
            pass

        with self.assertRaises(support.UnsupportedVllm):
            ranges.install(Empty)
        placeholder = placeholder_class()
        placeholder.extract_embeds_range = lambda self_, start: []
        with self.assertRaisesRegex(support.UnsupportedVllm, "extract_embeds_range takes"):
            ranges.install(placeholder)
