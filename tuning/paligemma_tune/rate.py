"""The learning rate of a step."""

from __future__ import annotations

import math


def rate_at(step: int, steps: int, peak: float, warmup: float, schedule: str) -> float:
    """Rises linearly, then falls as half a cosine, or stays.

    :param step: from 0. :param warmup: part of all steps, 0…1.
    """
    rising = warmup * steps
    if step + 1 < rising:
        return peak * (step + 1) / rising
    if schedule == "constant":
        return peak
    gone = (step - rising) / max(1.0, steps - rising)
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, gone))))
