"""Measures a checkpoint on scenes and words that training never used: out/eval.json.

    python evaluate.py [FOLDER] [--scenes N] [--write]      --write also writes the first 60 pictures to out/heldout
"""
import argparse
import collections
import json
import random
import re
import time

import numpy as np
import torch

from generate import answer, load_model
from mask_codec import CODES_PER_MASK, fill, load_codec, paste, to_codec_input
from paths import MODEL, OUT
from prompts import CAPTION_PROMPTS, questions_of
from regions import classes_of, match, parse_regions, true_regions
from samples import sample

SEED = 20261123
KINDS = ['shape', 'both', 'text', 'shape', 'both', 'text', 'shape', 'both']
PROMPTS_PER_TASK = collections.defaultdict(lambda: 210, answer=330, detect=300)
WRITTEN_PICTURES = 60
COUNTED = ('objects', 'found', 'hits', 'edits', 'characters')
"""Lists that are summed, not averaged."""


def held_out_scenes(count):
    rng = random.Random(SEED)
    return [sample(rng, KINDS[i % len(KINDS)], held_out=True) for i in range(count)]


def kind_of(prompt):
    """Captions are counted one by one, other prompts by their first word."""
    return prompt if prompt in CAPTION_PROMPTS else prompt.split()[0]


def choose_jobs(samples):
    """[(index of the scene, task, prompt)]: one prompt of a kind from each scene, two for `answer`."""
    rng = random.Random(1)
    jobs, counts = [], collections.Counter()
    for i, (scene, answers) in enumerate(samples):
        by_kind = collections.defaultdict(list)
        for prompt in answers:
            by_kind[kind_of(prompt)].append(prompt)
        for kind, prompts in by_kind.items():
            task = 'ocr-none' if kind == 'ocr' and not scene.lines else kind
            for prompt in rng.sample(prompts, min(len(prompts), 2 if kind == 'answer' else 1)):
                counts[task] += 1
                if counts[task] <= PROMPTS_PER_TASK[task]:
                    jobs.append((i, task, prompt))
    return jobs


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def question_kind(prompt):
    for words, kind in (('say', 'text'), ('color', 'color'), ('how many', 'count'), ('is there', 'yes/no'), ('where', 'where')):
        if words in prompt:
            return kind
    return 'shape'


def score_text(figures, task, scene, prompt, given, expected):
    is_right = given == expected
    if task == 'question':
        true_answers = dict(questions_of(scene))
        figures['known_question'].append(bool(re.fullmatch(r'(what|where|how many|is there) [a-z ]+\?', given)))
        figures['true_for_the_picture'].append(true_answers.get(given) == prompt.removeprefix('question en '))
    if task == 'ocr':
        figures['edits'].append(edit_distance(given, expected))
        figures['characters'].append(len(expected))
        figures['words_exact'] += [x == y for x, y in zip((given.split('\n') + ['', ''])[:2], expected.split('\n'))]
    if task == 'answer':
        figures['exact: ' + question_kind(prompt)].append(is_right)
    figures['exact'].append(is_right)


def score_regions(figures, task, scene, prompt, given, codec):
    truth, found = true_regions(scene, prompt), parse_regions(given)
    pairs = match(found, truth)
    overlaps = [overlap for overlap, _ in pairs]
    figures['objects'].append(len(truth))
    figures['found'].append(len(found))
    figures['hits'].append(sum(overlap >= .5 for overlap in overlaps))
    figures['iou'] += overlaps
    figures['labels_exact'].append([region.label for region in found] == [region.label for region in truth])
    if task == 'detect':
        figures['iou_text' if 'text' in classes_of(prompt) else 'iou_shapes'] += overlaps
    else:
        for (_, j), region in zip(pairs, truth):
            of_model, of_codec = mask_ious(scene, region, found[j] if j is not None else None, codec)
            figures['mask_iou'].append(of_model)
            figures['codec_ceiling'].append(of_codec)


@torch.no_grad()
def mask_ious(scene, region, found, codec):
    """(IoU of the model's mask, IoU of the codec alone with the true box), on the whole picture."""
    width, height = scene.image.size
    truth = np.zeros((height, width), bool)
    y, x = round(region.box[0] * height), round(region.box[1] * width)
    inside = np.asarray(region.shape.mask) > 127
    truth[y:y + inside.shape[0], x:x + inside.shape[1]] = inside

    def pasted(codes, box):
        in_pixels = (box[0] * height, box[1] * width, box[2] * height, box[3] * width)
        return paste(codec.decode(codes)[0, 0].numpy(), in_pixels, width, height)

    given = np.zeros((height, width), bool)
    if found is not None and len(found.codes) == CODES_PER_MASK:
        given = pasted(torch.tensor([found.codes]), found.box)
    ceiling = pasted(codec.encode(to_codec_input(region.shape.mask)[None]), region.box)
    return (given & truth).sum() / max(1, (given | truth).sum()), (ceiling & truth).sum() / (ceiling | truth).sum()


def summarise(figures):
    summary = {name: round(float(np.mean(values)), 4) for name, values in figures.items() if name not in COUNTED}
    summary['n'] = len(figures['exact'] if 'exact' in figures else figures['labels_exact'])
    if 'hits' in figures:
        hits, found, objects = (sum(figures[name]) for name in ('hits', 'found', 'objects'))
        summary.update(objects=objects, precision50=round(hits / max(1, found), 4), recall50=round(hits / max(1, objects), 4),
                       f1_50=round(2 * hits / max(1, found + objects), 4))
    if 'edits' in figures:
        summary['cer'] = round(sum(figures['edits']) / sum(figures['characters']), 4)
    return summary


def write_held_out(samples, codec):
    """Pictures, and one prompt of each kind with its true answer."""
    folder = OUT / 'heldout'
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / 'heldout.jsonl', 'w', encoding='utf-8') as file:
        for i, (scene, answers) in enumerate(samples[:WRITTEN_PICTURES]):
            name, seen = f'{i:02d}.png', set()
            scene.image.save(folder / name)
            for prompt, expected in answers.items():
                if kind_of(prompt) not in seen:
                    seen.add(kind_of(prompt))
                    line = dict(image=name, prefix=prompt, suffix=fill(expected, scene.shapes, codec))
                    file.write(json.dumps(line, ensure_ascii=False) + '\n')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('folder', nargs='?', default=MODEL)
    arguments.add_argument('--scenes', type=int, default=330)
    arguments.add_argument('--write', action='store_true')
    options = arguments.parse_args()
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    model, processor = load_model(options.folder)
    codec = load_codec()
    samples = held_out_scenes(options.scenes)
    jobs = choose_jobs(samples)
    started = time.time()
    texts = answer(model, processor, [(samples[i][0].image, prompt) for i, _, prompt in jobs])
    figures = collections.defaultdict(lambda: collections.defaultdict(list))
    wrong = collections.defaultdict(list)
    for (i, task, prompt), given in zip(jobs, texts):
        scene, answers = samples[i]
        if task in ('detect', 'segment'):
            score_regions(figures[task], task, scene, prompt, given, codec)
        else:
            score_text(figures[task], task, scene, prompt, given, answers[prompt])
        if given != answers[prompt]:
            wrong[task].append([i, prompt, answers[prompt], given])
    report = {task: summarise(values) for task, values in figures.items()}
    report.update(seconds=round(time.time() - started), prompts=len(jobs))
    (OUT / 'eval.json').write_text(json.dumps(report, indent=1), encoding='utf-8')
    for name, value in report.items():
        print(name, value)
    for task, lines in wrong.items():
        if task not in ('detect', 'segment'):
            print(task, *lines[:3], sep='\n   ')
    if options.write:
        write_held_out(samples, codec)


if __name__ == '__main__':
    main()
