import re
import unittest
from html.parser import HTMLParser

from screens.templates import KINDS, SKINS, draw_screen, template_names
from screens.words import Words
from tests.test_texts import LISTS

VOID = {'circle', 'path', 'rect'}


class Elements(HTMLParser):
    """Counts elements by name, and holds that every tag that is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.names = [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.names += [value for name, value in attributes if name == 'data-e']

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID, f'<{tag}/> closes nothing in HTML'

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f'</{tag}> closes another element'


def screens(kind, count=40):
    words = Words(LISTS)
    return [draw_screen(f'{kind}{i}', words, ['sans'], ['mono'], kind=kind) for i in range(count)]


class Templates(unittest.TestCase):
    def test_training_and_evaluation_share_no_template_and_leave_none_out(self):
        training, evaluation = template_names(False), template_names(True)
        self.assertEqual(sorted(training + evaluation), sorted(template_names(None)))
        self.assertEqual(len(evaluation) * len(SKINS), len(template_names(None)))

    def test_every_layout_of_every_kind_is_evaluated(self):
        layouts = {tuple(name.split('/')[:2]) for name in template_names(True)}
        self.assertEqual(layouts, {(kind, layout) for kind, (_, names) in KINDS.items() for layout in names})

    def test_the_same_seed_gives_the_same_screen(self):
        for kind in KINDS:
            self.assertEqual(screens(kind), screens(kind))

    def test_markup_is_whole(self):
        for kind in KINDS:
            for screen in screens(kind):
                parser = Elements()
                parser.feed(screen.markup)
                self.assertEqual(parser.open, [], screen.template)

    def test_facts_count_what_the_markup_holds(self):
        counted = dict(terminal=('line', 'lines'), editor=('line', 'lines'), form=('field', 'fields'), dialog=('button', 'buttons'),
                       table=('row', 'rows'), settings=('checkbox', 'options'), document=(None, None), files=(None, None),
                       **{'bar chart': ('bar', 'values'), 'pie chart': ('slice', 'values'), 'flow chart': ('box', 'boxes'), 'line chart': (None, None)})
        self.assertEqual(set(counted), set(KINDS))
        for kind, (element, fact) in counted.items():
            for screen in screens(kind) if element else ():
                expected = screen.facts[fact] if isinstance(screen.facts[fact], int) else len(screen.facts[fact])
                self.assertEqual(len(re.findall(f'data-e="{element}"', screen.markup)), expected, screen.template)


if __name__ == '__main__':
    unittest.main()
