"""Batches from the arrays of `make_data.py`: pictures, dense targets, and several prompts packed behind each picture."""
import numpy as np
import torch

from make_data import OCR, PATCHES, TASKS
from trainee import PACKED_TOKENS

TASK_WEIGHTS = dict(cap=.5, caption=.7, describe=.9, ocr=2.5, answer=.5, question=.3, detect=1., segment=.8)
"""How likely a prompt of the task is packed. `ocr` of a picture without text counts a tenth."""
EMPTY_OCR_FACTOR = .1
QUESTION_TASKS = (TASKS.index('answer'), TASKS.index('question'))
QUESTION_LOSS_WEIGHT = .7


class Batches:
    def __init__(self, folders):
        self.parts = [load_part(folder) for folder in folders]
        self.sizes = np.array([len(part['img']) for part in self.parts])
        self.weights = np.array([TASK_WEIGHTS[task] for task in TASKS])

    def draw(self, rng, count, with_text=True):
        """(tensors, tasks). Tensors: pixels, dense, box and, with text, ids, segment, is_prefix, positions, targets, weights.

        segment: number of the prompt, from 1; -1 is unused. tasks: task of each target, -1 elsewhere.
        """
        pictures = []
        text = dict(
            ids=np.zeros((count, PACKED_TOKENS), np.int64), segment=np.full((count, PACKED_TOKENS), -1),
            is_prefix=np.zeros((count, PACKED_TOKENS), bool), positions=np.zeros((count, PACKED_TOKENS), np.int64),
            targets=np.zeros((count, PACKED_TOKENS), np.int64), weights=np.zeros((count, PACKED_TOKENS), np.float32))
        tasks = np.full((count, PACKED_TOKENS), -1)
        for i in range(count):
            part = self.parts[rng.choice(len(self.parts), p=self.sizes / self.sizes.sum())]
            picture = rng.integers(len(part['img']))
            pictures.append([part[name][picture] for name in ('img', 'dense', 'box')])
            if with_text:
                self.pack(rng, part, picture, {name: array[i] for name, array in text.items()}, tasks[i])
        tensors = [torch.from_numpy(np.stack(column)) for column in zip(*pictures)]
        return tensors + ([torch.from_numpy(array) for array in text.values()] if with_text else []), tasks

    def pack(self, rng, part, picture, text, tasks):
        """Fills one row with a weighted random choice of the picture's prompts."""
        rows = part['row'][part['first'][picture]:part['first'][picture + 1]]
        is_empty_ocr = (rows[:, 1] == OCR) & (rows[:, 4] == 1)
        weights = self.weights[rows[:, 1]] * np.where(is_empty_ocr, EMPTY_OCR_FACTOR, 1)
        at, segment = 0, 0
        for _, task, start, prefix, suffix in rows[np.argsort(rng.exponential(size=len(rows)) / weights)]:
            length = prefix + suffix - 1
            if at + length > PACKED_TOKENS:
                continue
            segment += 1
            ids = part['tok'][start:start + prefix + suffix]
            whole, answer = slice(at, at + length), slice(at + prefix - 1, at + length)
            text['ids'][whole], text['targets'][whole] = ids[:-1], ids[1:]
            text['segment'][whole] = segment
            text['is_prefix'][at:at + prefix] = True
            text['positions'][whole] = PATCHES + 1 + np.arange(length)
            text['weights'][answer] = QUESTION_LOSS_WEIGHT if task in QUESTION_TASKS else 1
            tasks[answer] = task
            at += length


def load_part(folder):
    part = {name: np.load(folder / f'{name}.npy', mmap_mode='r') for name in ('img', 'dense', 'box')}
    part['tok'], part['row'] = np.load(folder / 'tok.npy'), np.load(folder / 'row.npy')
    part['first'] = np.searchsorted(part['row'][:, 0], np.arange(len(part['img']) + 1))
    return part
