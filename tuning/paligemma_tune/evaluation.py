"""How well the model does on lines: its loss, and how many answers are the very ones that were wanted."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator, Sequence

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, gather_object

from .batches import prompt_batch, training_batch
from .lines import Line
from .loss import loss_sum, to_device


@contextlib.contextmanager
def resting(model: Any) -> Iterator[None]:
    """Without dropout, and without gradients."""
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train()


def mean_loss(accelerator: Accelerator, model: Any, processor: Any, lines: Sequence[Line], batch: int, is_stopped: Callable[[], bool]) -> float | None:
    """Over all tokens of the answers, whichever device computes them. Every device takes as many batches, so that sharded weights meet.

    :param is_stopped: asked before each batch, by all devices at once. :returns: None where it was stopped.
    """
    total = torch.zeros(2, dtype=torch.float64)
    rank, world = accelerator.process_index, accelerator.num_processes
    with resting(model):
        for start in range(0, len(lines), batch * world):
            if is_stopped():
                return None
            own = lines[start + rank * batch : start + (rank + 1) * batch]
            summed, tokens = loss_sum(model, to_device(training_batch(processor, own or lines[:1]), accelerator))
            if own:
                total += torch.tensor([summed.item(), tokens], dtype=torch.float64)
    summed, tokens = accelerator.reduce(total.to(torch.float32).to(accelerator.device)).tolist()
    return summed / max(1.0, tokens)


def can_answer(accelerator: Accelerator) -> bool:
    """Weights that are spread over devices answer nothing on one of them."""
    return accelerator.distributed_type not in (DistributedType.FSDP, DistributedType.DEEPSPEED)


def answers(accelerator: Accelerator, model: Any, processor: Any, lines: Sequence[Line], most_tokens: int, is_stopped: Callable[[], bool]) -> list[str] | None:
    """The model's own answers to the lines, in their order, greedily and one by one, as they are asked for later.

    :param is_stopped: asked before each line, by all devices at once. :returns: None where it was stopped.
    """
    own = accelerator.unwrap_model(model)
    rank, world = accelerator.process_index, accelerator.num_processes
    found: list[tuple[int, str]] = []
    with resting(own):
        for index in range(rank, len(lines) + rank, world):
            if is_stopped():
                return None
            if index >= len(lines):
                break
            batch = to_device(prompt_batch(processor, lines[index]), accelerator)
            with accelerator.autocast():
                ids = own.generate(**batch, max_new_tokens=most_tokens, do_sample=False, use_cache=True)
            answer = processor.decode(ids[0, batch["input_ids"].shape[1] :], skip_special_tokens=True)
            found.append((index, answer))
    return [answer for _, answer in sorted(gather_object(found))]
