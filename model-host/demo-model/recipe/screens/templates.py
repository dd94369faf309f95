"""Screens as HTML: terminals, editors, forms, dialogs, tables, documents, settings, file lists and charts, with what is true of them.

A template is a kind, a layout and a skin. Elements that can be found carry `data-e` with their name; the browser tells where they are
(`render.mjs`). Only Python's own library is used here.
"""
import html
import random
import zlib
from dataclasses import dataclass, field

from screens import texts
from screens.charts import CHARTS

SKINS = ('plain', 'round', 'flat', 'outline', 'dense', 'airy', 'heavy', 'soft', 'sharp', 'tinted')
TALLEST = 1.5
"""Height of a window over its width, at most."""
GLYPH_ICONS = ('circle', 'square', 'cross', 'check', 'menu', 'plus')


@dataclass
class Screen:
    """markup is a body of HTML, for a window of `width` x `height` pixels, which may grow to `tallest`. facts: what is true of it;
    see each layout."""
    template: str
    markup: str
    width: int
    height: int
    tallest: int
    facts: dict = field(default_factory=dict)


@dataclass
class Style:
    skin: str
    is_dark: bool
    ground: str
    panel: str
    ink: str
    faint: str
    accent: str
    accent_ink: str
    radius: float
    border: str
    size: float
    space: float
    face: str
    mono_face: str


def draw_style(rng, skin, faces, mono_faces, size=None):
    """faces, mono_faces: names of the fonts that the page may use."""
    is_dark = rng.random() < .45
    hue, tint = rng.randrange(360), rng.choice([0, 0, 4, 10]) if skin != 'tinted' else rng.randint(15, 45)
    ground, panel, ink = (rng.randint(6, 20), rng.randint(16, 28), rng.randint(80, 96)) if is_dark else (
        rng.randint(88, 100), rng.randint(94, 100), rng.randint(5, 25))
    accent_hue, accent_light = rng.randrange(360), rng.randint(28, 62)
    return Style(
        skin, is_dark, f'hsl({hue} {tint}% {ground}%)', f'hsl({hue} {tint}% {panel}%)', f'hsl({hue} {tint // 2}% {ink}%)',
        f'hsl({hue} {tint}% {(ink * 2 + ground) // 3}%)', f'hsl({accent_hue} {rng.randint(35, 95)}% {accent_light}%)',
        '#fff' if accent_light < 52 else '#111',
        dict(round=12, soft=8, sharp=0, flat=3, dense=2).get(skin, rng.choice([0, 3, 6])),
        'none' if skin in ('flat', 'soft') else f'{2 if skin == "heavy" else 1}px solid hsl({hue} {tint}% {(ink + 2 * ground) // 3}%)',
        size or rng.choice([11, 12, 13, 13, 14, 14, 15, 16, 18]), dict(dense=.5, airy=1.7).get(skin, rng.uniform(.8, 1.3)),
        rng.choice(faces), rng.choice(mono_faces))


def e(name, text='', style='', tag='div', **attributes):
    """An element that can be found by `name`; text is escaped."""
    return element(tag, html.escape(text), style, **{'data-e': name, **attributes})


def element(tag, inside, style='', **attributes):
    written = ''.join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return f'<{tag}{written}' + (f' style="{style}"' if style else '') + f'>{inside}</{tag}>'


def plain(text, style='', tag='div'):
    return element(tag, html.escape(text), style)


def button(style, text, is_main=False):
    fill = f'background:{style.accent};color:{style.accent_ink};border:{style.border}' if is_main else f'background:{style.panel};border:{style.border}'
    return e('button', text, f'display:inline-block;padding:{.35 * style.space}em {.9 * style.space}em;border-radius:{style.radius}px;{fill}')


def field_box(style, text, width='100%'):
    return e('field', text, f'box-sizing:border-box;width:{width};height:{1.9 + .3 * style.space}em;line-height:{1.8 + .3 * style.space}em;'
             f'padding:0 .5em;overflow:hidden;white-space:nowrap;background:{style.panel};'
             f'border:1px solid {style.faint};border-radius:{style.radius}px')


def checkbox(style, is_checked):
    mark = f'<svg width="1em" height="1em" viewBox="0 0 16 16"><path d="M3 8l4 4 6-8" fill="none" stroke="currentColor" stroke-width="2.4"/></svg>'
    inside = mark if is_checked else ''
    fill = f'background:{style.accent};color:{style.accent_ink}' if is_checked else f'background:{style.panel}'
    return element('span', inside, f'display:inline-block;width:1.05em;height:1.05em;vertical-align:-.15em;border:1px solid {style.faint};'
                   f'border-radius:{min(style.radius, 4)}px;{fill}', **{'data-e': 'checkbox'})


def icon(style, rng, color=None):
    shapes = dict(
        circle='<circle cx="8" cy="8" r="6"/>', square='<rect x="3" y="3" width="10" height="10" rx="1"/>',
        cross='<path d="M3 3l10 10M13 3L3 13" stroke-width="2"/>', check='<path d="M2 9l4 4 8-10" stroke-width="2" fill="none"/>',
        menu='<path d="M2 4h12M2 8h12M2 12h12" stroke-width="2"/>', plus='<path d="M8 2v12M2 8h12" stroke-width="2"/>')
    shape = shapes[rng.choice(GLYPH_ICONS)]
    fill = 'currentColor' if rng.random() < .5 else 'none'
    return (f'<svg data-e="icon" width="1.3em" height="1.3em" viewBox="0 0 16 16" fill="{fill}" stroke="currentColor" '
            f'style="vertical-align:-.25em;color:{color or style.accent}">{shape}</svg>')


def window(style, title, inside, width='100%', height=None):
    """A window with a title bar."""
    bar = element('div', plain(title, 'overflow:hidden;white-space:nowrap') , f'padding:{.3 * style.space}em .8em;background:{style.panel};border-bottom:{style.border};'
                  'font-weight:600', **{'data-e': 'title'})
    size = f'width:{width};' + (f'height:{height};' if height else '')
    return element('div', bar + inside, f'box-sizing:border-box;{size}background:{style.ground};border:1px solid {style.faint};border-radius:{style.radius}px;'
                   'overflow:hidden', **{'data-e': 'window'})


def title_of(rng, words):
    return ' '.join(rng.choice(words.labels) for _ in range(rng.choice([1, 2])))


def lines_of_code(rng, style, words, count, kind):
    rows = []
    for _ in range(count):
        pieces = kind(rng, words).split(' ')
        colored = ' '.join(plain(piece, f'color:hsl({rng.randrange(360)} 60% {70 if style.is_dark else 35}%)' if rng.random() < .4 else '', 'span')
                           for piece in pieces)
        rows.append(element('div', '&nbsp;' * 2 * rng.randrange(4) * (kind is texts.code) + colored, 'white-space:pre;overflow:hidden', **{'data-e': 'line'}))
    return ''.join(rows)


def terminal(rng, style, words, layout):
    """facts: lines."""
    count = rng.randint(3, 16)
    inside = element('div', lines_of_code(rng, style, words, count, texts.log), f'padding:.4em .6em;font-family:{style.mono_face};line-height:{1.1 + .3 * style.space}')
    body = window(style, title_of(rng, words), inside) if layout == 'window' else inside
    return body, dict(lines=count)


def editor(rng, style, words, layout):
    """facts: lines, and with tabs their number."""
    count = rng.randint(4, 16)
    numbered = element('div', lines_of_code(rng, style, words, count, texts.code), f'flex:1;overflow:hidden;font-family:{style.mono_face};line-height:1.45;padding:.4em')
    facts = dict(lines=count)
    numbers = ''.join(plain(str(i)) for i in range(1, count + 1))
    gutter = element('div', numbers, f'padding:.4em .6em;text-align:right;color:{style.faint};font-family:{style.mono_face};line-height:1.45')
    code = element('div', gutter + numbered, 'display:flex')
    if layout == 'tabs':
        names = [texts.identifier(rng, words) + '.' + rng.choice(texts.EXTENSIONS) for _ in range(rng.randint(1, 3))]
        facts['tabs'] = len(names)
        tabs = ''.join(e('tab', name, f'padding:.4em .9em;background:{style.panel if i else style.ground};border-right:{style.border}') for i, name in enumerate(names))
        return element('div', tabs, f'display:flex;background:{style.panel}') + code, facts
    if layout == 'sidebar':
        files = ''.join(plain(f'{texts.plain_word(rng, words)}.{rng.choice(texts.EXTENSIONS)}', 'padding:.15em .6em') for _ in range(rng.randint(3, 9)))
        return element('div', element('div', files, f'background:{style.panel};border-right:{style.border};min-width:25%') + code, 'display:flex'), facts
    return code, facts


def form(rng, style, words, layout):
    """facts: title, fields, buttons, checkboxes."""
    title, count, boxes = title_of(rng, words), rng.randint(1, 5), rng.choice([0, 0, 1, 2])
    rows = []
    for _ in range(count):
        label = plain(texts.label(rng, words), f'margin-bottom:.2em;{"width:38%" if layout == "inline" else ""}')
        value = field_box(style, texts.cell(rng, words) if rng.random() < .6 else '')
        rows.append(element('div', label + value, f'margin-bottom:{.7 * style.space}em;' + ('display:flex;gap:.5em;align-items:center' if layout == 'inline' else '')))
    body = ''.join(rows)
    if layout == 'columns':
        body = element('div', body, 'display:grid;grid-template-columns:1fr 1fr;gap:0 1em')
    checked = [rng.random() < .5 for _ in range(boxes)]
    body += ''.join(element('div', checkbox(style, is_checked) + ' ' + plain(texts.label(rng, words), tag='span'), f'margin-bottom:{.6 * style.space}em') for is_checked in checked)
    names = rng.sample(['OK', 'Cancel', 'Save', 'Apply', 'Reset', 'Submit', 'Next', 'Back', 'Sign in', 'Send'], rng.choice([1, 2, 2, 3]))
    body += element('div', ' '.join(button(style, name, i == 0) for i, name in enumerate(names)), 'display:flex;gap:.6em;margin-top:.6em')
    heading = plain(title, f'font-size:{rng.choice([1.2, 1.4, 1.7])}em;font-weight:700;margin-bottom:.6em')
    facts = dict(title=title, fields=count, buttons=names, checkboxes=boxes, checked=sum(checked))
    return element('div', heading + body, f'padding:{style.space}em;background:{style.ground}'), facts


def dialog(rng, style, words, layout):
    """facts: title, text, buttons; layout error: the text is that of an error."""
    title = dict(error=rng.choice(['Error', 'Failed', 'Warning']), confirm=rng.choice(['Confirm', 'Are you sure?', 'Question']),
                 alert=title_of(rng, words))[layout]
    text = texts.sentence(rng, words, longest=8)
    names = rng.sample(['OK', 'Cancel', 'Yes', 'No', 'Retry', 'Close', 'Continue', 'Details'], rng.choice([1, 2, 2, 3]))
    color = dict(error='hsl(0 75% 50%)', confirm='hsl(215 75% 52%)', alert=style.accent)[layout]
    inside = element('div', element('div', icon(style, rng, color), 'font-size:1.8em') + plain(text), f'display:flex;gap:.8em;padding:{style.space}em;align-items:center')
    inside += element('div', ''.join(button(style, name, i == 0) for i, name in enumerate(names)),
                      f'display:flex;gap:.6em;justify-content:flex-end;padding:0 {style.space}em {style.space}em')
    outer = f'padding:{rng.randint(5, 18)}% {rng.randint(3, 14)}%;background:{style.faint if rng.random() < .5 else style.panel};height:100%;box-sizing:border-box'
    return element('div', window(style, title, inside), outer), dict(title=title, text=text, buttons=names)


def table(rng, style, words, layout):
    """facts: rows (without the head), columns, header."""
    columns, rows = rng.randint(2, 5), rng.randint(2, 10)
    header = [rng.choice(words.labels) for _ in range(columns)]
    align = [rng.choice(['left', 'left', 'right']) for _ in range(columns)]
    line = f'border-bottom:1px solid {style.faint};' if layout != 'striped' else ''
    head = element('tr', ''.join(plain(name, f'text-align:{align[i]};padding:.4em .6em;{line}background:{style.panel}', 'th') for i, name in enumerate(header)))
    body = ''
    for row in range(rows):
        cells = ''.join(plain(texts.cell(rng, words), f'text-align:{align[i]};padding:{.3 * style.space}em .6em;{line}', 'td') for i in range(columns))
        fill = f'background:{style.panel}' if layout == 'striped' and row % 2 else ''
        body += element('tr', cells, fill, **{'data-e': 'row'})
    inside = element('table', head + body, 'border-collapse:collapse;width:100%', **{'data-e': 'table'})
    facts = dict(rows=rows, columns=columns, header=header)
    if layout == 'toolbar':
        names = rng.sample(words.labels, min(len(words.labels), rng.choice([1, 2, 3])))
        inside = element('div', ''.join(button(style, name) for name in names), 'display:flex;gap:.5em;padding:.5em') + inside
        facts['buttons'] = names
    return element('div', inside, 'padding:.4em'), facts


def document(rng, style, words, layout):
    """facts: title, paragraphs."""
    title, count = texts.sentence_start(rng, words).capitalize(), rng.randint(1, 4)
    body = plain(title, f'font-size:{rng.choice([1.4, 1.7, 2.1])}em;font-weight:700;margin-bottom:.4em')
    for _ in range(count):
        body += element('p', html.escape(' '.join(texts.sentence(rng, words) for _ in range(rng.randint(1, 4)))), f'margin:0 0 {.8 * style.space}em;line-height:{1.2 + .25 * style.space}')
        if layout == 'readme' and rng.random() < .5:
            code = element('div', lines_of_code(rng, style, words, rng.randint(1, 3), texts.log), f'font-family:{style.mono_face}')
            body += element('div', code, f'background:{style.panel};border:1px solid {style.faint};border-radius:{style.radius}px;padding:.5em;margin-bottom:.7em;overflow:hidden')
        elif layout == 'list' and rng.random() < .7:
            body += element('ul', ''.join(plain('• ' + texts.sentence_start(rng, words), tag='li') for _ in range(rng.randint(2, 4))),
                            'margin:0 0 .6em;padding-left:.6em;list-style:none')
    return element('div', body, f'padding:{style.space}em {1.5 * style.space}em'), dict(title=title, paragraphs=count)


def settings(rng, style, words, layout):
    """facts: title, options, checked."""
    title, count = rng.choice(['Settings', 'Preferences', 'Options', 'Privacy', 'Display', 'Network']), rng.randint(3, 8)
    checked = [rng.random() < .5 for _ in range(count)]
    rows = ''
    for is_checked in checked:
        text = element('div', plain(texts.label(rng, words)) + (plain(texts.sentence_start(rng, words), f'color:{style.faint};font-size:.85em') if layout == 'explained' else ''))
        order = 'row-reverse' if layout == 'right' else 'row'
        rows += element('div', element('div', checkbox(style, is_checked)) + text,
                        f'display:flex;flex-direction:{order};gap:.6em;justify-content:{"space-between" if layout == "right" else "flex-start"};padding:{.35 * style.space}em 0;border-bottom:1px solid {style.faint}')
    return element('div', plain(title, 'font-size:1.5em;font-weight:600;margin-bottom:.5em') + rows, f'padding:{style.space}em'), dict(
        title=title, options=count, checked=sum(checked))


def files(rng, style, words, layout):
    """facts: files."""
    count = rng.randint(3, 9)
    names = [f'{texts.identifier(rng, words)}.{rng.choice(texts.EXTENSIONS)}' for _ in range(count)]
    if layout == 'grid':
        items = ''.join(element('div', element('div', icon(style, rng), 'font-size:2em') + plain(name, 'overflow:hidden'), 'text-align:center') for name in names)
        return element('div', items, 'display:grid;grid-template-columns:repeat(3,1fr);gap:1em;padding:1em'), dict(files=count)
    rows = ''
    for name in names:
        size = plain(texts.number(rng, words), f'margin-left:auto;color:{style.faint}') if layout == 'details' else ''
        rows += element('div', icon(style, rng) + plain(name) + size, f'display:flex;gap:.6em;padding:{.25 * style.space}em .8em', **{'data-e': 'row'})
    return rows, dict(files=count)


KINDS = {
    'terminal': (terminal, ('window', 'full')), 'editor': (editor, ('plain', 'tabs', 'sidebar')), 'form': (form, ('stacked', 'inline', 'columns')),
    'dialog': (dialog, ('error', 'confirm', 'alert')), 'table': (table, ('ruled', 'striped', 'toolbar')),
    'document': (document, ('article', 'readme', 'list')), 'settings': (settings, ('left', 'right', 'explained')),
    'files': (files, ('list', 'details', 'grid')), **CHARTS,
}
"""Kinds of screens: who draws them, and in which layouts."""


def template_names(held_out):
    """`kind/layout/skin` of all templates of training (False), of those kept out of it (True), or of both (None)."""
    return [f'{kind}/{layout}/{skin}' for kind, (_, layouts) in KINDS.items() for layout in layouts for skin in SKINS
            if held_out is None or (skin == held_out_skin(kind, layout)) == held_out]


def held_out_skin(kind, layout):
    """The one of ten in which training never shows this layout."""
    return SKINS[zlib.crc32(f'{kind}/{layout}'.encode()) % len(SKINS)]


def draw_screen(seed, words, faces, mono_faces, width=None, kind=None):
    """The screen of a seed. faces, mono_faces: names of fonts that the page may use. width: pixels, else 320 to 640; kind: else any."""
    rng = random.Random(seed)
    names = template_names(words.held_out)
    wanted = kind or rng.choice(sorted({name.split('/')[0] for name in names}))
    template = rng.choice([name for name in names if name.startswith(wanted + '/')])
    drawn, layout, skin = template.split('/')
    style = draw_style(rng, skin, faces, mono_faces)
    body, facts = KINDS[drawn][0](rng, style, words, layout)
    width = width or rng.randint(320, 640)
    height = round(width * rng.uniform(.6, 1.1))
    page = (f'<body style="margin:0;width:{width}px;height:{height}px;overflow:hidden;background:{style.ground};color:{style.ink};'
            f'font-family:{style.face};font-size:{style.size}px">{body}</body>')
    return Screen(template, page, width, height, round(width * TALLEST), dict(kind=drawn, template=template, is_dark=style.is_dark, **facts))
