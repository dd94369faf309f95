"""The loss of a batch, as a sum over the tokens of its answers."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator

from .batches import IGNORED


def to_device(batch: dict[str, Any], accelerator: Accelerator) -> dict[str, Any]:
    return {name: value.to(accelerator.device) for name, value in batch.items()}


def count_tokens(batch: dict[str, Any]) -> int:
    return int((batch["labels"] != IGNORED).sum())


def loss_sum(model: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, int]:
    """The sum over the tokens of the answers, and their number: a mean over a whole step needs both from every device.

    Logits are computed where an answer is and not for picture and prompt, which with 257,000 tokens of the vocabulary would
    take most of the memory.
    """
    # The token at a position is predicted by the one before it.
    wanted = batch["labels"][:, 1:]
    places = (wanted != IGNORED).any(dim=0).nonzero().flatten()
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    logits = model(**inputs, logits_to_keep=places).logits.float()
    labels = wanted[:, places]
    summed = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum")
    return summed, count_tokens(batch)
