"""How right an answer about a screen is: its kind, its boxes, the values of a chart, and whether nothing is said of what is not there.

Only Python's own library is used here.
"""
import collections
import re

from screens.alphabet import unmarked
from screens.prompts import WORDS

REGION = re.compile(r'<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})> ?([^;<]*)')
LEAST_OVERLAP = .5
VALUE_TOLERANCE = .05


def kind_of(caption):
    """The kind that an English caption names, the longest name first; None where it names none."""
    return next((kind for kind, words in sorted(WORDS.items(), key=lambda item: -len(item[1]['en'])) if words['en'] in caption), None)


def regions(text):
    """[(label, (top, left, bottom, right))] of an answer to `detect`; boxes in bins."""
    return [(label.strip(), tuple(map(int, sides))) for *sides, label in REGION.findall(text)]


def overlap(a, b):
    """Intersection over union of two boxes."""
    height, width = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    both = max(0, height) * max(0, width)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return both / (sum(areas) - both) if both else 0.0


def hits(given, expected):
    """How many of the expected boxes are found: label equal, overlap of at least a half, each given box used once."""
    left, count = list(given), 0
    for label, box in expected:
        best = max((region for region in left if region[0] == label), key=lambda region: overlap(region[1], box), default=None)
        if best is not None and overlap(best[1], box) >= LEAST_OVERLAP:
            left.remove(best)
            count += 1
    return count


def is_near(given, expected):
    """Whether a number is within 5 per cent of the true one; a sign of per cent is no difference."""
    try:
        return abs(float(given.rstrip('%')) - float(expected.rstrip('%'))) <= VALUE_TOLERANCE * abs(float(expected.rstrip('%')))
    except ValueError:
        return False


class Report:
    """Sums what answers score, by the question that was asked."""

    def __init__(self):
        self.right, self.asked = collections.Counter(), collections.Counter()
        self.boxes = collections.Counter()

    def add(self, kind, prompt, given, expected):
        """kind: of the screen. prompt and expected: as `prompts_of` gives them."""
        prompt, expected = unmarked(prompt), unmarked(expected)
        if prompt.startswith('detect'):
            truth, found = regions(expected), regions(given)
            if truth:
                self.boxes.update(hits=hits(found, truth), found=len(found), objects=len(truth))
            else:
                self.count('absent is empty', given == '')
            return
        if prompt == 'caption en':
            self.count('photograph is called one' if kind == 'photograph' else 'kind in the caption', kind_of(given) == kind)
        if 'the value of' in prompt:
            self.count('value within 5 %', is_near(given, expected))
        self.count(f'{prompt.split()[0]} exact', given == expected)

    def count(self, name, is_right):
        self.asked[name] += 1
        self.right[name] += is_right

    def figures(self):
        shares = {name: dict(share=round(self.right[name] / asked, 4), asked=asked) for name, asked in sorted(self.asked.items())}
        total = self.boxes['found'] + self.boxes['objects']
        return shares | {'detect f1': dict(share=round(2 * self.boxes['hits'] / max(1, total), 4), asked=self.boxes['objects'])}
