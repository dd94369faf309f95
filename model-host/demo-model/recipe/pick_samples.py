"""Picks 12 pictures on which every answer is right: out/samples with samples.json, answers as the model gave them.

    python pick_samples.py [FOLDER]
"""
import json
import random
import sys

import torch

from generate import answer, load_model
from mask_codec import CODES_PER_MASK
from paths import MODEL, OUT
from regions import match, parse_regions, true_regions
from samples import sample

CANDIDATES = 90
KINDS = ['both', 'shape', 'text', 'shape', 'both', 'both']
WANTED = {'both': 5, 'shape': 5, 'text': 2}
WIDTHS = [480, 560, 640]
WORDS = ['HELLO', 'OPEN', 'CODE', 'STOP', 'STAR', 'HEART', 'RED', 'BLUE', 'MOON', 'SUN', 'CAT', 'DOG', 'BOX', 'GO', 'EXIT', 'SALE',
         'BIRD', 'TREE', '42', '2026', '365', '100']
LOWEST_IOU = .7


def is_right(scene, prompt, given, expected):
    task = prompt.split()[0]
    if task not in ('detect', 'segment'):
        return given == expected
    found, truth = parse_regions(given), true_regions(scene, prompt)
    codes = CODES_PER_MASK if task == 'segment' else 0
    return ([region.label for region in found] == [region.label for region in truth]
            and all(overlap > LOWEST_IOU for overlap, _ in match(found, truth)) and all(len(region.codes) == codes for region in found))


def looks_like(scene):
    return scene.ground, tuple(shape.name for shape in scene.shapes), tuple(line.text for line in scene.lines)


def main():
    torch.set_num_threads(1)
    model, processor = load_model(sys.argv[1] if len(sys.argv) > 1 else MODEL)
    rng = random.Random(12)
    samples = [sample(rng, KINDS[i % len(KINDS)], width=rng.choice(WIDTHS), words=WORDS) for i in range(CANDIDATES)]
    jobs = [(i, prompt) for i, (_, answers) in enumerate(samples) for prompt in answers]
    given = [{} for _ in samples]
    for (i, prompt), text in zip(jobs, answer(model, processor, [(samples[i][0].image, prompt) for i, prompt in jobs])):
        given[i][prompt] = text
    flawless = [i for i, (scene, answers) in enumerate(samples)
                if all(is_right(scene, prompt, text, answers[prompt]) for prompt, text in given[i].items())]
    print('every answer right:', len(flawless), 'of', CANDIDATES)
    missing, picked, seen = dict(WANTED), [], set()
    for i in sorted(flawless, key=lambda i: -len(samples[i][0].shapes)):
        scene = samples[i][0]
        if missing[scene.kind] and looks_like(scene) not in seen:
            missing[scene.kind] -= 1
            seen.add(looks_like(scene))
            picked.append(i)
    folder = OUT / 'samples'
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob('*.png'):
        old.unlink()
    records = []
    for number, i in enumerate(picked, 1):
        samples[i][0].image.save(folder / f'{number:02d}.png')
        records.append(dict(image=f'{number:02d}.png', answers=given[i]))
    (folder / 'samples.json').write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding='utf-8')
    print('picked', len(picked), 'missing', missing)


if __name__ == '__main__':
    main()
