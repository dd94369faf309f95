"""Prompts and true answers of a screen: kind, captions in four languages, description, questions, and boxes of what is on it.

A title or a name is only part of an answer where its letters can be read in the square that the model sees. Numbers above nine
are "many", since nobody needs to know of 13 lines that they are 13. What is printed on the screen is marked in prompts and answers.
"""
from dataclasses import dataclass

from screens.alphabet import CHARACTERS, SPACE, printed

READABLE_EM = 8.5
"""Pixels in the model's square."""
CAPITALS_PER_EM = .92
ELEMENTS = ('button', 'field', 'checkbox', 'icon', 'window', 'chart', 'bar', 'line', 'table', 'row', 'slice', 'box', 'arrow', 'tab', 'title')
ABSENT = ('cat', 'dog', 'person', 'car', 'tree', 'house', 'face', 'bird', 'bicycle', 'cup', 'bottle', 'chair', 'flower', 'horse', 'boat')
MOST_BOXES = 10
CAPTION_LANGUAGES = ('en', 'de', 'fr', 'es')
NUMBERS = {
    'en': 'no one two three four five six seven eight nine many'.split(),
    'de': 'null eine zwei drei vier fünf sechs sieben acht neun vielen'.split(),
    'fr': 'zéro une deux trois quatre cinq six sept huit neuf plusieurs'.split(),
    'es': 'cero una dos tres cuatro cinco seis siete ocho nueve muchas'.split(),
}
WORDS = {
    'terminal': dict(en='terminal', de='Terminal', fr='terminal', es='terminal'),
    'editor': dict(en='code editor', de='Code-Editor', fr='éditeur de code', es='editor de código'),
    'form': dict(en='form', de='Formular', fr='formulaire', es='formulario'),
    'dialog': dict(en='dialog', de='Dialog', fr='dialogue', es='diálogo'),
    'table': dict(en='table', de='Tabelle', fr='tableau', es='tabla'),
    'document': dict(en='document', de='Dokument', fr='document', es='documento'),
    'settings': dict(en='settings page', de='Einstellungsseite', fr='page de réglages', es='página de ajustes'),
    'files': dict(en='list of files', de='Dateiliste', fr='liste de fichiers', es='lista de archivos'),
    'bar chart': dict(en='bar chart', de='Balkendiagramm', fr='diagramme en barres', es='gráfico de barras'),
    'line chart': dict(en='line chart', de='Liniendiagramm', fr='graphique en courbe', es='gráfico de líneas'),
    'pie chart': dict(en='pie chart', de='Kreisdiagramm', fr='diagramme circulaire', es='gráfico circular'),
    'flow chart': dict(en='flow chart', de='Flussdiagramm', fr='organigramme', es='diagrama de flujo'),
    'photograph': dict(en='photograph', de='Fotografie', fr='photographie', es='fotografía'),
}
"""Names of the kinds: also the answers to what kind of screen it is, in English."""
FEMININE = dict(de=('table', 'settings', 'files', 'photograph'), fr=('settings', 'files', 'photograph'), es=('terminal', 'table', 'settings', 'files', 'photograph'))
NEUTER = ('terminal', 'form', 'document', 'bar chart', 'line chart', 'pie chart', 'flow chart')
"""In German."""
PARTS = {
    'lines': dict(en='line', de='Zeile', fr='ligne', es='línea'), 'fields': dict(en='field', de='Feld', fr='champ', es='campo'),
    'buttons': dict(en='button', de='Schaltfläche', fr='bouton', es='botón'), 'rows': dict(en='row', de='Zeile', fr='ligne', es='fila'),
    'columns': dict(en='column', de='Spalte', fr='colonne', es='columna'), 'options': dict(en='option', de='Option', fr='option', es='opción'),
    'files': dict(en='file', de='Datei', fr='fichier', es='archivo'), 'paragraphs': dict(en='paragraph', de='Absatz', fr='paragraphe', es='párrafo'),
    'bars': dict(en='bar', de='Balken', fr='barre', es='barra'), 'points': dict(en='point', de='Punkt', fr='point', es='punto'),
    'slices': dict(en='slice', de='Stück', fr='part', es='sector'), 'boxes': dict(en='box', de='Kasten', fr='case', es='caja'),
}
PLURALS = dict(
    de=dict(Zeile='Zeilen', Feld='Feldern', Schaltfläche='Schaltflächen', Spalte='Spalten', Option='Optionen', Datei='Dateien',
            Absatz='Absätzen', Balken='Balken', Punkt='Punkten', Stück='Stücken', Kasten='Kästen'),
    es=dict(botón='botones', opción='opciones', sector='sectores'), en=dict(box='boxes'), fr={})
ONE = dict(de=dict(Feld='einem', Absatz='einem', Balken='einem', Punkt='einem', Stück='einem', Kasten='einem'),
           fr=dict(champ='un', bouton='un', fichier='un', paragraphe='un', point='un'),
           es=dict(campo='un', botón='un', archivo='un', párrafo='un', punto='un', sector='un'), en={})
MASCULINE_FEW = dict(es=('campo', 'botón', 'archivo', 'párrafo', 'punto', 'sector'))
COUNTED = {
    'terminal': ('lines',), 'editor': ('lines',), 'form': ('fields', 'buttons'), 'dialog': ('buttons',), 'table': ('rows', 'columns'),
    'document': ('paragraphs',), 'settings': ('options',), 'files': ('files',), 'bar chart': ('bars',), 'line chart': ('points',),
    'pie chart': ('slices',), 'flow chart': ('boxes',), 'photograph': (),
}
JOINED = dict(en=(' with ', ' and ', ' titled '), de=(' mit ', ' und ', ' mit dem Titel '), fr=(' avec ', ' et ', ' intitulé '),
              es=(' con ', ' y ', ' titulado '))
DARK = dict(en=('dark',), de=('dunkler', 'dunkle', 'dunkles'), fr=('sombre', 'sombre'), es=('oscuro', 'oscura'))
PHOTOGRAPH = dict(en='a photograph, which this model cannot describe', de='eine Fotografie, die dieses Modell nicht beschreiben kann',
                  fr='une photographie, que ce modèle ne sait pas décrire', es='una fotografía, que este modelo no sabe describir')


@dataclass
class Seen:
    """A screen in the model's square: its facts, and which texts can be read there."""
    facts: dict
    readable: set

    @property
    def kind(self):
        return self.facts['kind']

    @property
    def title(self):
        title = self.facts.get('title')
        return title if title in self.readable else None

    @property
    def parts(self):
        """What can be counted: nothing where part of the content is not to be seen."""
        return () if self.facts.get('is_cut') else COUNTED[self.kind]

    def count(self, part):
        """How many of something there are."""
        name = {'bars': 'values', 'points': 'values', 'slices': 'values'}.get(part, part)
        value = self.facts.get(name, 0)
        return value if isinstance(value, int) else len(value)


def seen_whole(page, square_px):
    """The whole page, brought to a square of `square_px`."""
    height = page.image.shape[0]
    texts = [''] * len(page.run_top)
    for code, run in zip(page.code, page.run):
        texts[run] += CHARACTERS[code]
    ems = (page.run_bottom - page.run_top) * square_px / height / CAPITALS_PER_EM
    return Seen(page.facts, {text.strip() for text, em in zip(texts, ems) if em >= READABLE_EM})


def counted(seen, part, language):
    number, word = seen.count(part), PARTS[part][language]
    if number == 1:
        return f'{ONE[language].get(word, NUMBERS[language][1] if language != "de" else "einer")} {word}'
    amount = NUMBERS[language][min(number, 10)]
    if amount == 'muchas' and word in MASCULINE_FEW['es']:
        amount = 'muchos'
    return f'{amount} {PLURALS[language].get(word, word + "s" if language != "de" else word)}'


def named(kind, language, is_dark=False):
    """The kind with its article, and whether it is dark."""
    word = WORDS[kind][language]
    is_feminine = kind in FEMININE.get(language, ())
    if language == 'en':
        words = f'dark {word}' if is_dark else word
        return f'a {words}'
    if language == 'de':
        gender = 1 if is_feminine else 2 if kind in NEUTER else 0
        return f'{"eine" if is_feminine else "ein"} {DARK["de"][gender] + " " if is_dark else ""}{word}'
    article = dict(fr=('un', 'une'), es=('un', 'una'))[language][is_feminine]
    return f'{article} {word}{" " + DARK[language][is_feminine] if is_dark else ""}'


def caption(seen, language):
    if seen.kind == 'photograph':
        return PHOTOGRAPH[language]
    with_, and_, titled = JOINED[language]
    text = named(seen.kind, language, seen.facts['is_dark'])
    if seen.title:
        text += f'{agreed(titled, seen.kind, language)}“{printed(seen.title)}”'
    parts = [counted(seen, part, language) for part in seen.parts if seen.count(part)]
    return text + with_ + and_.join(parts) if parts else text


def agreed(titled, kind, language):
    """French and Spanish: the participle in the gender of the kind."""
    if kind not in FEMININE.get(language, ()):
        return titled
    return dict(fr=' intitulée ', es=' titulada ').get(language, titled)


def description(seen):
    """A few sentences: what it is, its title, what is on it, and what a chart shows."""
    if seen.kind == 'photograph':
        return 'This is a photograph. This model knows screens, charts and drawn shapes, and cannot describe it.'
    sentences = [f'This is {named(seen.kind, "en", seen.facts["is_dark"])}.']
    if seen.title:
        sentences.append(f'Its title is “{printed(seen.title)}”.')
    sentences += [f'It has {counted(seen, part, "en")}.' for part in seen.parts if seen.count(part)]
    names = readable_buttons(seen)
    if names:
        sentences.append(f'The buttons read {enumerated([printed(name) for name in names])}.')
    if seen.facts.get('trend') in ('rises', 'falls'):
        sentences.append(f'The line {seen.facts["trend"]}.')
    values = readable_values(seen)
    if seen.kind in ('bar chart', 'pie chart') and len(values) > 1:
        highest = max(values, key=values.get)
        sentences.append(f'The largest is {printed(highest)}.')
    if seen.kind == 'dialog' and seen.facts['text'] in seen.readable:
        sentences.append(f'It says: {printed(seen.facts["text"])}')
    return SPACE.join(sentences)


def readable_buttons(seen):
    names = seen.facts.get('buttons', [])
    return names if names and set(names) <= seen.readable else []


def readable_values(seen):
    """Values of a chart of which all names can be read."""
    values = seen.facts.get('values', {})
    suffix = (lambda name: f'{name} {values[name]}%') if seen.kind == 'pie chart' else str
    return values if values and all(suffix(name) in seen.readable for name in values) else {}


def enumerated(items):
    return items[0] if len(items) == 1 else ', '.join(items[:-1]) + ' and ' + items[-1]


def questions_of(seen):
    """All (question, answer) pairs that hold."""
    facts = seen.facts
    pairs = [('what kind of screen is this?', WORDS[seen.kind]['en']), ('is this a photograph?', 'yes' if seen.kind == 'photograph' else 'no')]
    if seen.kind == 'photograph':
        return pairs
    pairs.append(('is it dark?', 'yes' if facts['is_dark'] else 'no'))
    pairs += [(f'how many {part} are there?', str(seen.count(part))) for part in seen.parts if seen.count(part) <= 9]
    present = {element['name'] for element in facts['elements']}
    pairs += [(f'is there {"an" if name[0] in "aeiou" else "a"} {name}?', 'yes' if name in present else 'no') for name in ELEMENTS]
    if seen.title:
        pairs.append(('what is the title?', printed(seen.title)))
    for i, name in enumerate(readable_buttons(seen)):
        pairs.append((f'what does the {("first", "second", "third")[i]} button say?', printed(name)))
    if seen.kind == 'dialog':
        is_error = '/error/' in facts['template']
        pairs.append(('is this an error?', 'yes' if is_error else 'no'))
        if facts['text'] in seen.readable:
            pairs.append((f'what does the {"error" if is_error else "dialog"} say?', printed(facts['text'])))
    if 'checked' in facts and not facts.get('is_cut') and facts['checked'] <= 9:
        pairs.append(('how many are checked?', str(facts['checked'])))
    if 'trend' in facts:
        pairs.append(('does the line rise or fall?', facts['trend']))
    values = readable_values(seen)
    for name, value in values.items():
        pairs.append((f'what is the value of {printed(name)}?', f'{value}%' if seen.kind == 'pie chart' else str(value)))
        if 'colors' in facts:
            pairs.append((f'what color is {printed(name)}?', facts['colors'][name]))
    if values and seen.kind != 'line chart' and list(values.values()).count(max(values.values())) == 1:
        pairs.append(('which is the largest?', printed(max(values, key=values.get))))
    return pairs


def location_tokens(box):
    """box: (left, top, right, bottom), fractions -> top, left, bottom, right."""
    return ''.join(f'<loc{min(1023, max(0, round(side * 1023))):04d}>' for side in (box[1], box[0], box[3], box[2]))


def detections(seen, classes):
    """The suffix of `detect`: class by class, each in rows from top to bottom; empty where nothing matches."""
    found = []
    for wanted in classes:
        boxes = [element['box'] for element in seen.facts.get('elements', []) if element['name'] == wanted]
        found += [f'{location_tokens(box)} {wanted}' for box in sorted(boxes, key=lambda box: (round(box[1], 2), box[0]))]
    return ' ; '.join(found)


def prompts_of(rng, seen):
    """{prompt: answer}, some fifteen of them, drawn from all that can be asked. rng: Python's."""
    answers = {'cap en': WORDS[seen.kind]['en'], 'describe en': description(seen)}
    answers |= {f'caption {language}': caption(seen, language) for language in CAPTION_LANGUAGES}
    pairs = questions_of(seen)
    for question, answer in [pairs[0], *rng.sample(pairs[1:], min(7, len(pairs) - 1))]:
        answers[f'answer en {question}'] = answer
    names = [element['name'] for element in seen.facts.get('elements', [])]
    present = sorted({name for name in names if names.count(name) <= MOST_BOXES and name in ELEMENTS})
    lacking = [name for name in ELEMENTS if name not in names]
    wanted = [[name] for name in rng.sample(present, min(2, len(present)))] + [[rng.choice(lacking)], [rng.choice(ABSENT)]]
    if present:
        wanted.append(rng.sample(present, min(2, len(present))))
        wanted.append([rng.choice(present), rng.choice(lacking)])
    for classes in wanted:
        answers['detect ' + ' ; '.join(classes)] = detections(seen, classes)
    return answers
