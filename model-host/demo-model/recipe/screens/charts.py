"""Charts and diagrams as SVG in HTML: bars, lines, pies and flow charts, with the values that they show."""
import html
import math

from screens import texts

WIDTH, HEIGHT = 400, 300
"""Of the drawing, in its own units; the page stretches it."""
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 44, 40
COLORS = {
    'red': 'hsl(2 75% 50%)', 'orange': 'hsl(28 90% 52%)', 'yellow': 'hsl(50 92% 52%)', 'green': 'hsl(135 55% 42%)',
    'blue': 'hsl(217 80% 52%)', 'purple': 'hsl(285 55% 45%)', 'pink': 'hsl(335 80% 72%)', 'gray': 'hsl(0 0% 55%)',
}


def text(x, y, words, size, style, anchor='middle', weight=400):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{style.ink}">'
            f'{html.escape(words)}</text>')


def drawing(style, inside, title, size):
    """A whole chart; the words stand in the page's font."""
    return (f'<svg data-e="chart" width="100%" height="100%" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{style.ground}"></rect>{text(WIDTH / 2, 28, title, size + 4, style, weight=700)}{inside}</svg>')


def round_scale(highest):
    """(step, top) of an axis that has three to six marks."""
    step = 10 ** math.floor(math.log10(highest))
    step = next(step * factor for factor in (.2, .5, 1, 2) if highest / (step * factor) <= 6)
    return step, math.ceil(highest / step) * step


def names_of(rng, words, count):
    kind = rng.randrange(3)
    if kind == 0:
        start = rng.randrange(12)
        return [texts.MONTHS[(start + i) % 12] for i in range(count)]
    if kind == 1:
        return years(rng, count)
    return distinct(rng, words, count)


def years(rng, count):
    first = rng.randrange(1990, 2030)
    return [str(first + i) for i in range(count)]


def distinct(rng, words, count):
    """Words that are short enough for an axis."""
    found = []
    while len(found) < count:
        word = texts.plain_word(rng, words).capitalize()[:8]
        if word not in found:
            found.append(word)
    return found


def axis(style, step, top, size, is_ruled):
    """The marks of the vertical axis."""
    inside = ''
    for i in range(round(top / step) + 1):
        y = y_of(i * step, top)
        label = f'{i * step:g}'
        inside += text(LEFT - 6, y + size * .35, label, size, style, 'end')
        if is_ruled or i == 0:
            inside += f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{style.faint}" stroke-width="1"></path>'
    return inside


def y_of(value, top):
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def draw_values(rng, count):
    """Whole numbers, of one size, none too small to see."""
    scale = rng.choice([10, 20, 50, 100, 200, 500, 1000])
    return [max(1, round(rng.uniform(.08, 1) * scale)) for _ in range(count)]


def bar_chart(rng, style, words, layout):
    """facts: title, values {name: value}, colors {name: colour}."""
    count = rng.randint(2, 6)
    names, values, size = names_of(rng, words, count), draw_values(rng, count), rng.choice([11, 12, 13, 14])
    step, top = round_scale(max(values))
    colors = [rng.choice(list(COLORS))] * count if layout == 'single' else [rng.choice(list(COLORS)) for _ in range(count)]
    inside, slot = axis(style, step, top, size, rng.random() < .6), (WIDTH - LEFT - RIGHT) / count
    share = rng.uniform(.45, .85)
    for i, (name, value) in enumerate(zip(names, values)):
        x, y = LEFT + (i + .5) * slot, y_of(value, top)
        inside += (f'<rect data-e="bar" x="{x - share * slot / 2:.1f}" y="{y:.1f}" width="{share * slot:.1f}" '
                   f'height="{HEIGHT - BOTTOM - y:.1f}" fill="{COLORS[colors[i]]}"></rect>{text(x, HEIGHT - BOTTOM + size + 5, name, size, style)}')
        if layout == 'labelled':
            inside += text(x, y - 4, str(value), size, style)
    title = ' '.join(rng.choice(words.labels) for _ in range(rng.choice([1, 2])))
    return drawing(style, inside, title, size), dict(title=title, values=dict(zip(names, values)), colors=dict(zip(names, colors)))


def line_chart(rng, style, words, layout):
    """facts: title, values {name: value}, trend: rises, falls or neither."""
    count = rng.randint(4, 8)
    names, size = names_of(rng, words, count), rng.choice([11, 12, 13])
    slope = rng.choice([-1, 0, 1])
    scale = rng.choice([10, 50, 100, 500])
    shares = [min(1, max(.05, .5 + slope * .42 * (2 * i / (count - 1) - 1) + rng.uniform(-.08, .08) * (1 if slope else 3))) for i in range(count)]
    values = [max(1, round(share * scale)) for share in shares]
    step, top = round_scale(max(values))
    xs = [LEFT + (i + .5) * (WIDTH - LEFT - RIGHT) / count for i in range(count)]
    color = COLORS[rng.choice(list(COLORS))]
    points = ' '.join(f'{x:.1f},{y_of(value, top):.1f}' for x, value in zip(xs, values))
    inside = axis(style, step, top, size, rng.random() < .6)
    if layout == 'filled':
        inside += f'<polygon points="{xs[0]:.1f},{HEIGHT - BOTTOM} {points} {xs[-1]:.1f},{HEIGHT - BOTTOM}" fill="{color}" opacity=".25"></polygon>'
    inside += f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{rng.choice([2, 3])}"></polyline>'
    for x, name, value in zip(xs, names, values):
        inside += text(x, HEIGHT - BOTTOM + size + 5, name, size - 1, style)
        if layout == 'dotted':
            inside += f'<circle cx="{x:.1f}" cy="{y_of(value, top):.1f}" r="4" fill="{color}"></circle>'
    title = ' '.join(rng.choice(words.labels) for _ in range(rng.choice([1, 2])))
    return drawing(style, inside, title, size), dict(title=title, values=dict(zip(names, values)), trend={-1: 'falls', 0: 'neither', 1: 'rises'}[slope])


def pie_chart(rng, style, words, layout):
    """facts: title, values {name: per cent}, colors {name: colour}."""
    count = rng.randint(2, 5)
    names, size = distinct(rng, words, count), rng.choice([11, 12, 13, 14])
    weights = [rng.uniform(.5, 3) for _ in range(count)]
    values = [round(100 * weight / sum(weights)) for weight in weights]
    values[-1] = 100 - sum(values[:-1])
    colors = rng.sample(list(COLORS), count)
    x, y, radius, turn, inside = 135, 170, 105, -math.pi / 2, ''
    for i, (name, value, color) in enumerate(zip(names, values, colors)):
        end = turn + 2 * math.pi * value / 100
        corners = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in (turn, end)]
        inside += (f'<path data-e="slice" d="M{x} {y}L{corners[0][0]:.1f} {corners[0][1]:.1f}A{radius} {radius} 0 {int(value > 50)} 1 '
                   f'{corners[1][0]:.1f} {corners[1][1]:.1f}Z" fill="{COLORS[color]}" stroke="{style.ground}" stroke-width="1.5"></path>')
        top = 90 + i * (size + 14)
        inside += f'<rect x="265" y="{top - size}" width="{size}" height="{size}" fill="{COLORS[color]}"></rect>'
        inside += text(265 + size + 6, top, f'{name} {value}%', size, style, 'start')
        turn = end
    if layout == 'ring':
        inside += f'<circle cx="{x}" cy="{y}" r="{radius * .55:.0f}" fill="{style.ground}"></circle>'
    title = ' '.join(rng.choice(words.labels) for _ in range(rng.choice([1, 2])))
    return drawing(style, inside, title, size), dict(title=title, values=dict(zip(names, values)), colors=dict(zip(names, colors)))


def flow_chart(rng, style, words, layout):
    """facts: boxes, in the order of the arrows."""
    count = rng.randint(2, 4)
    names, size = distinct(rng, words, count), rng.choice([13, 14, 15])
    inside, color = '', rng.choice([style.panel, *COLORS.values()])
    ink = style.ink if color == style.panel else '#fff' if 'hsl(50' not in color else '#111'
    across = layout == 'across'
    span = (WIDTH if across else HEIGHT) / count
    for i, name in enumerate(names):
        wide, high = (span * .62, 62) if across else (120, span * .5)
        x, y = ((i + .5) * span, HEIGHT / 2) if across else (WIDTH / 2, (i + .5) * span)
        if layout == 'zigzag':
            x += 70 * (-1) ** i
        inside += f'<rect data-e="box" x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="{min(style.radius, 12)}" fill="{color}" stroke="{style.ink}"></rect>'
        inside += text(x, y + size * .35, name, min(size, wide / 5.2), style).replace(f'fill="{style.ink}"', f'fill="{ink}"')
        if i:
            inside += arrow(style, *before, *((x - wide / 2, y) if across else (x, y - high / 2)))
        before = (x + wide / 2, y) if across else (x, y + high / 2)
    markup = f'<svg data-e="chart" width="100%" height="100%" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{inside}</svg>'
    return markup, dict(boxes=names)


def arrow(style, x1, y1, x2, y2):
    turn = math.atan2(y2 - y1, x2 - x1)
    wings = ''.join(f'L{x2 - 9 * math.cos(turn + side):.1f} {y2 - 9 * math.sin(turn + side):.1f}M{x2:.1f} {y2:.1f}' for side in (-.45, .45))
    return f'<path data-e="arrow" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}{wings}" stroke="{style.ink}" stroke-width="1.6" fill="none"></path>'


CHARTS = {
    'bar chart': (bar_chart, ('single', 'coloured', 'labelled')), 'line chart': (line_chart, ('plain', 'dotted', 'filled')),
    'pie chart': (pie_chart, ('whole', 'ring')), 'flow chart': (flow_chart, ('across', 'down', 'zigzag')),
}
