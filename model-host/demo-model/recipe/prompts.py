"""Prompts and true answers of a scene: captions in four languages, description, OCR, questions, boxes and masks."""
from vocabulary import (
    ABSENT_NOUNS, FRENCH_COLORS, FRENCH_NOUNS, GERMAN_COLORS, GERMAN_ENDINGS, GERMAN_INVARIABLE, GERMAN_NOUNS, NUMBERS, SHAPES,
    SPANISH_COLORS, SPANISH_NOUNS,
)

SMALL_BELOW = .335
"""A shape whose box has a mean side below this fraction of the picture is called small."""
CAPTION_PROMPTS = ['cap en', 'caption en', 'caption de', 'caption fr', 'caption es']


def location_tokens(box):
    return ''.join('<loc%04d>' % min(1023, max(0, round(v * 1023))) for v in box)


def place_words(center):
    x, y = center
    vertical = 'top' if y < .4 else 'bottom' if y > .6 else ''
    horizontal = 'left' if x < .4 else 'right' if x > .6 else ''
    return f'{vertical} {horizontal}'.strip() or 'center'


def size_word(shape):
    return 'small' if shape.size < SMALL_BELOW else 'large'


def with_article(words):
    return ('an ' if words[0] in 'aeiou' else 'a ') + words


def enumerate_words(items, conjunction):
    return items[0] if len(items) == 1 else ', '.join(items[:-1]) + f' {conjunction} ' + items[-1]


def german(color, noun):
    gender, word = GERMAN_NOUNS[noun]
    ending = '' if color in GERMAN_INVARIABLE else GERMAN_ENDINGS[gender]
    return f"{'eine' if gender == 'f' else 'ein'} {GERMAN_COLORS[color]}{ending} {word}"


def romance(colors, nouns, color, noun):
    """French and Spanish: article, noun, then the colour in the noun's gender."""
    article, word = nouns[noun].split()
    return f"{article} {word} {colors[color][article in ('une', 'una')]}"


def questions_of(scene):
    """All (question, answer) pairs that hold for the scene."""
    by_shape, by_color = {}, {}
    for shape in scene.shapes:
        by_shape.setdefault(shape.shape, []).append(shape)
        by_color.setdefault(shape.color, []).append(shape)
    pairs = [('how many shapes are there?', str(len(scene.shapes))), ('what color is the background?', scene.ground)]
    for name in SHAPES:
        pairs.append((f'how many {name}s are there?', str(len(by_shape.get(name, [])))))
        pairs.append((f'is there {with_article(name)}?', 'yes' if name in by_shape else 'no'))
    for name, found in by_shape.items():
        if len(found) == 1:
            pairs.append((f'what color is the {name}?', found[0].color))
            pairs.append((f'where is the {name}?', place_words(found[0].center)))
    for color, found in by_color.items():
        if len(found) == 1:
            pairs.append((f'what shape is {color}?', found[0].shape))
            pairs.append((f'where is the {found[0].name}?', place_words(found[0].center)))
    pairs.append(('is there any text?', 'yes' if scene.lines else 'no'))
    if scene.lines:
        pairs.append(('what does the text say?', ' '.join(line.text for line in scene.lines)))
        pairs.append(('what color is the text?', scene.lines[0].color))
    return pairs


def is_of_class(shape, wanted):
    return wanted in ('shape', shape.shape, shape.name)


def detections(scene, classes, with_masks=False):
    """The suffix of `detect` or `segment`: class by class, each from left to right; empty where nothing matches."""
    found = []
    for wanted in classes:
        for i, shape in enumerate(scene.shapes):
            if is_of_class(shape, wanted):
                found.append(location_tokens(shape.box) + (f'<SEG{i}>' if with_masks else '') + ' ' + wanted)
        if wanted == 'text':
            found += [location_tokens(line.box) + ' text' for line in scene.lines]
    return ' ; '.join(found)


def prompts_of(rng, scene):
    """{prompt: answer}, about 25 of them, drawn from all that can be asked of the scene."""
    answers = absent_prompts(rng, scene)
    if not scene.shapes and not scene.lines:
        return answers | plain_ground_prompts(scene.ground)
    answers |= description_prompts(scene)
    pairs = questions_of(scene)
    positive = [pair for pair in pairs if pair[1] not in ('0', 'no')]
    negative = [pair for pair in pairs if pair[1] in ('0', 'no')]
    for question, answer in rng.sample(positive, min(5, len(positive))) + rng.sample(negative, min(2, len(negative))):
        answers['answer en ' + question] = answer
    canonical = canonical_questions(scene, pairs)
    for answer in rng.sample(sorted(canonical), min(3, len(canonical))):
        answers['question en ' + answer] = canonical[answer]
    return answers | region_prompts(rng, scene)


def absent_prompts(rng, scene):
    """Asked for and not there: an empty answer, or "no"."""
    lacking = lacking_shapes(scene)
    candidates = [rng.choice(ABSENT_NOUNS), rng.choice(ABSENT_NOUNS), rng.choice(lacking)]
    answers = {'detect ' + rng.choice(candidates): ''}
    answers['segment ' + rng.choice(candidates)] = ''
    if not scene.lines and rng.random() < .3:
        answers['detect text'] = ''
    answers[f'answer en is there {with_article(rng.choice(ABSENT_NOUNS))}?'] = 'no'
    return answers


def lacking_shapes(scene):
    return [name for name in SHAPES if all(shape.shape != name for shape in scene.shapes)]


def plain_ground_prompts(ground):
    return {
        'cap en': f'{ground} background', 'caption en': f'a plain {ground} background',
        'describe en': f'In this image we can see a plain {ground} background.', 'ocr': '',
        'answer en what color is the background?': ground, 'answer en how many shapes are there?': '0',
        'answer en is there any text?': 'no', 'detect shape': '',
    }


def description_prompts(scene):
    """Captions, `describe en` and `ocr`."""
    shapes, lines, ground = scene.shapes, scene.lines, scene.ground
    text_color = lines[0].color if lines else ''
    items = [(shape.color, shape.shape) for shape in shapes] + ([(text_color, 'text')] if lines else [])
    named = [with_article(shape.name) for shape in shapes] + ([f'{text_color} text'] if lines else [])
    what = f'{NUMBERS[len(shapes)]} shape{"s" * (len(shapes) > 1)}' if shapes else f'{text_color} text'
    description = f'In this image we can see {what} on a {ground} background.'
    for shape in shapes:
        description += f' There is {with_article(size_word(shape) + " " + shape.name)} at the {place_words(shape.center)}.'
    if lines:
        description += ' The text reads ' + ' '.join(line.text for line in lines) + '.'
    return {
        'cap en': ', '.join(f'{color} {noun}' for color, noun in items),
        'caption en': enumerate_words(named, 'and') + f' on a {ground} background',
        'caption de': enumerate_words([german(*item) for item in items], 'und'),
        'caption fr': enumerate_words([romance(FRENCH_COLORS, FRENCH_NOUNS, *item) for item in items], 'et'),
        'caption es': enumerate_words([romance(SPANISH_COLORS, SPANISH_NOUNS, *item) for item in items], 'y'),
        'describe en': description,
        'ocr': '\n'.join(line.text for line in lines),
    }


def canonical_questions(scene, pairs):
    """{answer: the one question that `question en {answer}` expects}: only answers that point to one thing in the scene."""
    ground, text_color = scene.ground, scene.lines[0].color if scene.lines else ''
    has_shape_of_text_color = any(shape.color == text_color for shape in scene.shapes)
    canonical = {}
    for question, answer in pairs:
        asks_ground = answer == ground and 'background' in question
        asks_text_color = (answer == text_color and question.startswith('what color is the text')
                           and answer != ground and not has_shape_of_text_color)
        asks_count = question == 'how many shapes are there?' and answer != '0'
        if asks_ground or asks_text_color or question == 'what does the text say?' or asks_count:
            canonical[answer] = question
    for shape in scene.shapes:
        has_own_color = sum(other.color == shape.color for other in scene.shapes) == 1
        has_own_form = sum(other.shape == shape.shape for other in scene.shapes) == 1
        if has_own_color and has_own_form:
            if shape.color not in (ground, text_color):
                canonical[shape.color] = f'what color is the {shape.shape}?'
            canonical[shape.shape] = f'what shape is {shape.color}?'
    return canonical


def region_prompts(rng, scene):
    """`detect` and `segment` of what is there, alone, in pairs, and beside something that is not there."""
    present = sorted({shape.shape for shape in scene.shapes} | {shape.name for shape in scene.shapes})
    answers = {}

    def pick(count):
        return rng.sample(present, min(count, len(present)))

    def detect(classes):
        answers['detect ' + ' ; '.join(classes)] = detections(scene, classes)

    def segment(classes):
        answers['segment ' + ' ; '.join(classes)] = detections(scene, classes, with_masks=True)

    if scene.lines:
        detect(['text'])
    if present:
        for count in (1, 1, 2):
            detect(pick(count))
        mixed = pick(2) + rng.sample(lacking_shapes(scene), 1)
        rng.shuffle(mixed)
        detect(mixed[:2])
        if rng.random() < .5:
            detect(['shape'])
        for _ in range(2):
            segment(pick(1))
        if rng.random() < .3:
            segment(pick(2))
    return answers
