"""Measures what a checkpoint says of screens whose templates, words and fonts training never used, and of photographs: eval-screens.json.

    python -m screens.evaluate_screens [FOLDER] [--screens N] [--photographs N]
"""
import argparse
import json
import time
from itertools import chain, islice

import numpy as np
import torch

from screens.alphabet import unmarked
from screens.answers import answer, load_model
from screens.examples import photographs, screens
from screens.places import MODEL, OUT
from screens.prompts import WORDS
from screens.scores import Report

SEED = 20261201
LONGEST = 160


def kind_of_example(example):
    """As the first question about it is truly answered."""
    words = example.answers['answer en what kind of screen is this?']
    return next(kind for kind, names in WORDS.items() if names['en'] == words)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('folder', nargs='?', default=MODEL)
    arguments.add_argument('--screens', type=int, default=100)
    arguments.add_argument('--photographs', type=int, default=20)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    examples = list(chain(islice(screens('screens-val', rng), options.screens), islice(photographs(rng), options.photographs)))
    jobs = [(example, prompt) for example in examples for prompt in example.answers if prompt != 'ocr']
    model, processor = load_model(options.folder)
    started = time.time()
    texts = answer(model, processor, [(example.pixels, unmarked(prompt)) for example, prompt in jobs], LONGEST)
    report = Report()
    for (example, prompt), given in zip(jobs, texts):
        report.add(kind_of_example(example), prompt, given, example.answers[prompt])
    figures = report.figures() | dict(prompts=len(jobs), seconds=round(time.time() - started))
    (OUT / 'eval-screens.json').write_text(json.dumps(figures, indent=1), encoding='utf-8')
    for name, value in figures.items():
        print(name, value)


if __name__ == '__main__':
    main()
