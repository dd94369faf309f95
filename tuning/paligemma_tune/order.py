"""Which examples a step takes: decided by the seed and the step alone, so that a training goes on exactly where it stopped."""

from __future__ import annotations

import random
from functools import lru_cache


def steps_in_epoch(count: int, step_size: int) -> int:
    """:param step_size: examples that a step takes, over all devices; the last step of an epoch may have fewer."""
    return -(-count // step_size)


def examples_of_step(count: int, step_size: int, seed: int, step: int) -> list[int]:
    """Indices of the examples of a step, counted from 0 over all epochs. Every epoch has an order of its own."""
    epoch, place = divmod(step, steps_in_epoch(count, step_size))
    return list(_order(count, seed, epoch)[place * step_size : (place + 1) * step_size])


@lru_cache(maxsize=2)
def _order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    """Kept: a step takes a few of perhaps a million, and epochs meet in the batch that is read ahead."""
    order = list(range(count))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    return tuple(order)


def shares(examples: list[int], rank: int, world: int, batch: int) -> list[list[int]]:
    """What one device computes of a step, in batches; as many batches on every device, of which some may be empty."""
    rounds = max(1, -(-len(examples) // (world * batch)))
    own = examples[rank::world]
    return [own[turn * batch : (turn + 1) * batch] for turn in range(rounds)]
