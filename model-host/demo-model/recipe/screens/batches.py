"""Batches of examples as arrays: pictures, dense targets of the tower, and prompts with their answers packed behind each picture."""
import numpy as np
import torch

from screens.make_tokenizer import answer_ids, printed_ids, prompt_ids
from screens.tiles import NOTHING, PATCHES, POINTS, SIDE, UNKNOWN, patches_of
from screens.trainee import MOST_PLACES, MOST_ROWS

LENGTHS = (64, 128, 256)
"""Places behind the image tokens. A batch has examples of one of these lengths, so that little of it is empty."""
PATCHES_ASKED = 96
"""Of the 256 patches of a picture, how many the dense loss asks: those with text above others."""
EMPTY_PATCH_WEIGHT = .15
TASK_WEIGHTS = dict(ocr=3.0, describe=.8, detect=1.2, segment=.8, cap=.4, caption=.7, answer=.7, question=.3)
"""How likely a prompt of the task is packed, where not all have room. Its loss counts as any other's."""


def batches(stream, size):
    """Lists of `size` examples whose prompts have room in the same length, with that length."""
    waiting = {length: [] for length in LENGTHS}
    for example in stream:
        # One prompt decides the length; an example with several fills the longest.
        needed = sum(map(len, encoded(*next(iter(example.answers.items()))))) - 1
        length = LENGTHS[-1] if len(example.answers) > 1 else next(length for length in LENGTHS if needed <= length)
        waiting[length].append(example)
        if len(waiting[length]) == size:
            yield waiting[length], length
            waiting[length] = []


def encoded(prompt, answer):
    """(ids of the prefix, ids of the suffix): text that is read goes character by character."""
    return prompt_ids(prompt), printed_ids(answer) if prompt == 'ocr' else answer_ids(answer)


def vision_arrays(rng, examples):
    """pixels uint8 [B, 256, 588], patch int64 [B, K], character [B, K, 8], order [B, K, 2, 2]."""
    pixels = np.stack([patches_of(example.pixels) for example in examples])
    columns = [asked(rng, example) for example in examples]
    return [torch.from_numpy(array) for array in (pixels, *(np.stack(column) for column in zip(*columns)))]


def asked(rng, example):
    """(patch, character, order) of one example; see `Trainee.dense_loss`."""
    by_patch = example.points.reshape(3, SIDE, POINTS[1], SIDE, POINTS[0]).transpose(1, 3, 2, 4, 0).reshape(PATCHES, POINTS[1], POINTS[0], 3)
    character = by_patch[..., 0]
    weight = np.where((character > NOTHING).any((1, 2)), 1, EMPTY_PATCH_WEIGHT)
    patch = rng.choice(PATCHES, PATCHES_ASKED, replace=False, p=weight / weight.sum())
    order = by_patch[patch, :, 1, 1:].astype(np.int64)
    order[order >= np.array([MOST_ROWS, MOST_PLACES])] = UNKNOWN
    return patch, character[patch].reshape(PATCHES_ASKED, -1).astype(np.int64), order


def text_arrays(rng, examples, length):
    """ids, segment, is_prefix, positions, targets, weights and place, each [B, length]; place [B, length, 2].

    segment: number of the prompt, from 1; -1 is unused. place: of the character that is the target, -1 where it has none.
    """
    count = len(examples)
    ids, targets = np.zeros((count, length), np.int64), np.zeros((count, length), np.int64)
    segment, is_prefix = np.full((count, length), -1), np.zeros((count, length), bool)
    positions, weights = np.zeros((count, length), np.int64), np.zeros((count, length), np.float32)
    place = np.full((count, length, 2), -1, np.float32)
    for i, example in enumerate(examples):
        at = 0
        for number, (prompt, (prefix, suffix)) in enumerate(packed(rng, example, length), 1):
            whole, used = prefix + suffix, len(prefix) + len(suffix) - 1
            end, start = at + used, at + len(prefix) - 1
            ids[i, at:end], targets[i, at:end] = whole[:-1], whole[1:]
            segment[i, at:end] = number
            is_prefix[i, at:at + len(prefix)] = True
            positions[i, at:end] = PATCHES + 1 + np.arange(used)
            weights[i, start:end] = 1
            if prompt == 'ocr':
                place[i, start:start + len(example.place)] = example.place
            at = end
    return [torch.from_numpy(array) for array in (ids, segment, is_prefix, positions, targets, weights, place)]


def packed(rng, example, length):
    """[(prompt, its ids)] of a weighted random choice of the prompts that has room in `length`."""
    prompts = list(example.answers)
    weights = [TASK_WEIGHTS[prompt.split()[0]] for prompt in prompts]
    chosen, room = [], length
    for k in np.argsort(rng.exponential(size=len(prompts)) / weights):
        ids = encoded(prompts[k], example.answers[prompts[k]])
        used = len(ids[0]) + len(ids[1]) - 1
        if used <= room:
            chosen.append((prompts[k], ids))
            room -= used
    return chosen
