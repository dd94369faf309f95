"""Lines of text as screens show them: code, prose, logs, numbers, labels, and characters without any sense.

Every function takes the generator of random numbers and the words, and nothing else decides what comes out: the same seed and
the same word lists give the same lines.
"""
from screens.alphabet import ASCII, CHARACTERS, EXTENDED, LATIN_1, SIGNS, SPACE, is_held_out
from screens.words import KEYWORDS

SPACES_OF_INDENT = (2, 4)
MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()
LEVELS = ('INFO', 'WARN', 'ERROR', 'DEBUG', 'TRACE', 'info', 'warning', 'error', 'debug', 'NOTICE', 'FATAL')
EXTENSIONS = 'ts js json md py txt yml toml html css png jpg svg rs go c h cpp java sh log csv xml lock'.split()
UNITS = 'px ms s kB MB GB KiB MiB GiB % km kg m cm mm Hz kHz MHz GHz V W °C em rem pt dpi fps'.split()
CURRENCIES = ('$', '€', '£', '¥')
OPERATORS = '+ - * / % == != <= >= < > && || & | ^ << >> = += -= *= /= => -> := ?? ..'.split()
PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'


def number(rng, words):
    """A number of one of the kinds that tables and logs hold; those of training are never those kept out of it."""
    while True:
        text = draw_number(rng)
        if words.held_out is None or is_held_out(text) == words.held_out:
            return text


def draw_number(rng):
    kind = rng.randrange(10)
    whole = rng.randrange(10 ** rng.randint(1, 6))
    if kind < 3:
        return str(whole)
    if kind == 3:
        return f'{whole:,}'
    if kind == 4:
        return f'{rng.uniform(0, 10 ** rng.randint(0, 4)):.{rng.randint(1, 3)}f}'
    if kind == 5:
        return f'{rng.uniform(0, 1000):.2f}'.replace('.', ',')
    if kind == 6:
        return '0x' + f'{rng.randrange(16 ** rng.randint(2, 8)):{rng.choice("xX")}}'
    if kind == 7:
        return rng.choice(CURRENCIES) + f'{rng.uniform(0, 5000):,.2f}'
    if kind == 8:
        return f'{rng.choice("-+±~")}{rng.uniform(0, 100):.1f}'
    return f'{whole}{rng.choice(["", " "])}{rng.choice(UNITS)}'


def moment(rng):
    """A date, a time of day, or both."""
    year, month, day = rng.randint(1990, 2039), rng.randint(1, 12), rng.randint(1, 28)
    hour, minute, second = rng.randrange(24), rng.randrange(60), rng.randrange(60)
    return rng.choice([
        f'{year}-{month:02}-{day:02}', f'{day:02}.{month:02}.{year}', f'{month}/{day}/{year}', f'{MONTHS[month - 1]} {day}, {year}',
        f'{day} {MONTHS[month - 1]} {year}', f'{hour:02}:{minute:02}', f'{hour:02}:{minute:02}:{second:02}',
        f'{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z', f'{hour % 12 + 1}:{minute:02} {rng.choice(["AM", "PM"])}',
        f'{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{rng.randrange(1000):03}',
    ])


def identifier(rng, words):
    count = rng.choices([1, 2, 3], [5, 4, 1])[0]
    parts = [rng.choice(words.names) if rng.random() < .8 else plain_word(rng, words) for _ in range(count)]
    style = rng.randrange(6)
    if style < 2:
        return parts[0] + ''.join(part.capitalize() for part in parts[1:])
    if style < 4:
        return '_'.join(parts)
    if style == 4:
        return ''.join(part.capitalize() for part in parts)
    return '_'.join(parts).upper()


def plain_word(rng, words):
    """A word of plain small letters."""
    for _ in range(20):
        word = words.draw(rng).lower()
        if word.isascii() and word.isalpha():
            return word
    return rng.choice(words.names)


def string(rng, words):
    quote = rng.choice('"\'`')
    inside = rng.choice([plain_word, identifier, path, label, sentence_start])(rng, words)
    return quote + inside.replace(quote, '') + quote


def sentence_start(rng, words):
    return ' '.join(words.draw(rng) for _ in range(rng.randint(1, 4)))


def value(rng, words):
    kind = rng.randrange(8)
    if kind < 2:
        return str(rng.randrange(10 ** rng.randint(1, 4)))
    if kind < 4:
        return string(rng, words)
    if kind == 4:
        return rng.choice(['true', 'false', 'null', 'None', 'True', 'nil', '[]', '{}', '0', '1', '-1', '""'])
    if kind == 5:
        return f'{identifier(rng, words)}.{identifier(rng, words)}'
    if kind == 6:
        return f'{identifier(rng, words)}({arguments(rng, words)})'
    return identifier(rng, words)


def arguments(rng, words):
    return ', '.join(rng.choice([identifier, value])(rng, words) if rng.random() < .6 else identifier(rng, words)
                     for _ in range(rng.choices([0, 1, 2, 3], [2, 4, 3, 1])[0]))


def code(rng, words):
    """A line of some programming or markup language."""
    a, b, c = (identifier(rng, words) for _ in range(3))
    v = value(rng, words)
    end = rng.choice(['', ';', ';'])
    operator = rng.choice(OPERATORS)
    return rng.choice([
        f'{rng.choice(["const", "let", "var", "auto", "final"])} {a} = {v}{end}',
        f'{a} = {v}{end}',
        f'{a}.{b}({arguments(rng, words)}){end}',
        f'if ({a} {operator} {v}) {{',
        f'if {a} {operator} {b}:',
        f'for ({rng.choice(["let", "int", "auto"])} i = 0; i < {a}.{b}; i++) {{',
        f'for {a} in {b}:',
        f'return {v}{end}',
        f'{rng.choice(["function", "def", "fn", "func", "async function"])} {a}({arguments(rng, words)}) {{',
        f'def {a}(self, {b}={v}):',
        f'import {{ {a}, {b} }} from {string(rng, words)}{end}',
        f'from {a} import {b}',
        f'#include <{a}/{b}.h>',
        f'// {sentence(rng, words)}',
        f'# {sentence(rng, words)}',
        f'/* {sentence_start(rng, words)} */',
        f'"{a}": {v},',
        f'{a}: {v}',
        f'<{a} {b}="{c}">{sentence_start(rng, words)}</{a}>',
        f'<div class="{a}-{b}">',
        f'.{a} {{ {b}: {rng.randrange(100)}px; }}',
        f'SELECT {a}, {b} FROM {c} WHERE {a} = {v};',
        rng.choice(['}', '});', '];', '} else {', 'end', ')', '},', '*/', 'try:', 'else:', 'break;', 'pass']),
        f'{rng.choice(KEYWORDS)} {a}<{b.capitalize()}> {{',
        f'{a}[{rng.randrange(10)}] {operator} {b}[{c}]{end}',
        f'const {a} = ({b}) => {v}{end}',
        f'{rng.choice(["public", "private", "static", "export"])} {rng.choice(["int", "void", "string", "bool"])} {a}({arguments(rng, words)})',
        f'- [{rng.choice(" x")}] {sentence_start(rng, words)}',
        f'{"#" * rng.randint(1, 3)} {sentence_start(rng, words).capitalize()}',
    ])


def path(rng, words):
    parts = [plain_word(rng, words) for _ in range(rng.randint(1, 3))]
    name = f'{identifier(rng, words)}.{rng.choice(EXTENSIONS)}'
    root = rng.choice(['/', './', '~/', '../', 'C:\\', '', 'src/', 'https://'])
    if root == 'C:\\':
        return root + '\\'.join(parts + [name])
    if root == 'https://':
        return f'https://{parts[0]}.{rng.choice(["com", "org", "io", "net", "de"])}/' + '/'.join(parts[1:])
    return root + '/'.join(parts + [name])


def log(rng, words):
    """A line of a terminal: a record, a command, or what a tool says."""
    a, b = identifier(rng, words), identifier(rng, words)
    says = sentence_start(rng, words)
    return rng.choice([
        f'{moment(rng)} {rng.choice(LEVELS)} {a}: {says}',
        f'[{moment(rng)}] [{rng.choice(LEVELS)}] {says} {number(rng, words)}',
        f'{rng.choice(LEVELS)}: {says} ({a}={number(rng, words)})',
        f'{rng.choice(["user", "root", "dev"])}@{plain_word(rng, words)}:~$ {command(rng, words)}',
        f'$ {command(rng, words)}',
        f'> {command(rng, words)}',
        f'  at {a}.{b} ({path(rng, words)}:{rng.randint(1, 999)}:{rng.randint(1, 99)})',
        f'{path(rng, words)}:{rng.randint(1, 999)}: {rng.choice(["error", "warning", "note"])}: {says}',
        f'-rw-r--r-- 1 {plain_word(rng, words)} {plain_word(rng, words)} {number(rng, words)} {rng.choice(MONTHS)} {rng.randint(1, 28)} {a}',
        f'{rng.choice("✓✗•-*")} {says} ({rng.randrange(5000)} ms)',
        f'{a} {number(rng, words)} {b} {number(rng, words)}',
        f'{rng.randint(1, 100)}% │{"█" * rng.randint(1, 8)}│ {rng.randrange(100)}/{rng.randrange(1000)}',
        f'Traceback: {a.capitalize()}Error: {says}',
    ])


def command(rng, words):
    a, b = plain_word(rng, words), identifier(rng, words)
    return rng.choice([
        f'git {rng.choice(["commit -m", "checkout", "push origin", "log --oneline", "diff", "rebase -i"])} {a}', f'npm {rng.choice(["install", "run", "test"])} {a}',
        f'cd {path(rng, words)}', f'ls -la {a}/', f'python {b}.py --{a}={rng.randrange(100)}', f'grep -rn "{a}" {b}/', f'docker run -it {a}:{b}',
        f'curl -s {path(rng, words)}', f'make {a} && ./{b}', f'sudo apt-get install {a}', f'cat {path(rng, words)} | head -n {rng.randint(1, 99)}',
        f'export {b.upper()}={number(rng, words)}', f'echo "${b.upper()}" > {a}.txt', f'ssh {a}@{b}.local',
    ])


def sentence(rng, words, longest=12):
    language = words.language(rng)
    parts = [words.draw(rng, language) for _ in range(rng.randint(3, longest))]
    for i in range(1, len(parts)):
        decoration = rng.random()
        if decoration < .06:
            parts[i - 1] += ','
        elif decoration < .075:
            parts[i] = f'({parts[i]})'
        elif decoration < .09:
            opening, closing = rng.choice(['""', '“”', '„“', '«»', "''", '‘’'])
            parts[i] = opening + parts[i] + closing
        elif decoration < .11:
            parts[i] = number(rng, words)
        elif decoration < .12:
            parts[i - 1] += rng.choice([' –', ' —', ':', ';', '…'])
    text = ' '.join(parts)
    return text[0].upper() + text[1:] + rng.choice(['.', '.', '.', '.', '!', '?', ':', ''])


def label(rng, words):
    """What stands on a button, beside a field or in a menu."""
    kind = rng.randrange(8)
    if kind < 3:
        return ' '.join(rng.choice(words.labels) for _ in range(rng.choices([1, 2], [3, 2])[0]))
    if kind < 5:
        return sentence_start(rng, words).capitalize()
    if kind == 5:
        return words.draw(rng, words.language(rng)).upper()
    if kind == 6:
        return f'{rng.choice(words.labels)}{rng.choice([":", "…", "...", " *", "?", ""])}'
    return f'{rng.choice(words.labels)} {rng.choice(["Ctrl+", "Alt+", "F", "Shift+", ""])}{rng.choice("ABCDEFGHKLNOPSTUVWXYZ123456789")}'


def person(rng, words):
    first, last = words.draw(rng, 'de').capitalize(), words.draw(rng, words.language(rng)).capitalize()
    return rng.choice([f'{first} {last}', f'{plain_word(rng, words)}@{plain_word(rng, words)}.com', f'{last}, {first[0]}.'])


def cell(rng, words):
    """What a table holds in one place."""
    return rng.choice([number, number, number, label, person, lambda r, w: moment(r), lambda r, w: w.draw(r, w.language(r))])(rng, words)


def senseless(rng, words):
    """Characters drawn one by one, so that none of them is rare, and none can be guessed."""
    pool = rng.choices([ASCII, PUNCTUATION, LATIN_1, EXTENDED, SIGNS, 'abcdefghijklmnopqrstuvwxyz', '0123456789', CHARACTERS[1:]],
                       [8, 3, 3, 3, 1, 3, 3, 2])[0]
    return SPACE.join(''.join(rng.choice(pool) for _ in range(rng.randint(1, 9))) for _ in range(rng.randint(1, 5)))


KINDS = dict(code=code, prose=sentence, log=log, label=label, cell=cell, senseless=senseless)
