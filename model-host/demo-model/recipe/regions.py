"""Regions of an answer, and how they compare with the true ones. Boxes are (y1, x1, y2, x2), fractions of the sides."""
import re
from dataclasses import dataclass, field

from prompts import is_of_class

REGION = re.compile(r'((?:<loc\d{4}>){4})((?:<seg\d{3}>)*)([^;<>]*)')


@dataclass
class Region:
    box: tuple
    label: str
    codes: list = field(default_factory=list)
    shape: object = None
    """The drawn shape, for true regions of shapes."""


def parse_regions(text):
    return [Region(tuple(int(v) / 1023 for v in re.findall(r'<loc(\d{4})>', locations)), label.strip(),
                   [int(v) for v in re.findall(r'<seg(\d{3})>', codes)]) for locations, codes, label in REGION.findall(text)]


def classes_of(prompt):
    return prompt.split(' ', 1)[1].split(' ; ')


def true_regions(scene, prompt):
    classes = classes_of(prompt)
    regions = [Region(shape.box, wanted, shape=shape) for wanted in classes for shape in scene.shapes if is_of_class(shape, wanted)]
    return regions + ([Region(line.box, 'text') for line in scene.lines] if 'text' in classes else [])


def iou(a, b):
    y1, x1, y2, x2 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    shared = max(0, y2 - y1) * max(0, x2 - x1)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared + 1e-9)


def match(found, truth):
    """Pairs regions of equal label one to one, best first: for each true region (IoU, index in `found`), or (0, None)."""
    pairs = sorted(((iou(f.box, t.box), i, j) for i, f in enumerate(found) for j, t in enumerate(truth) if f.label == t.label), reverse=True)
    used, result = set(), [(0, None)] * len(truth)
    for overlap, i, j in pairs:
        if i not in used and result[j][1] is None and overlap > 0:
            used.add(i)
            result[j] = (overlap, i)
    return result
