"""What is to be trained, once everything about it was read and found right."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Sequence

from .lines import Line
from .order import steps_in_epoch
from .settings import Settings


@dataclasses.dataclass(frozen=True)
class Plan:
    file: Path
    valid_file: Path | None
    base: Path
    out: Path
    method: str
    settings: Settings
    lines: Sequence[Line]
    valid: Sequence[Line]
    # Processes that train together.
    world: int

    @property
    def step_size(self) -> int:
        """Examples that a step takes, over all processes."""
        return self.settings.batch * self.settings.accumulate * self.world

    @property
    def steps_in_epoch(self) -> int:
        return steps_in_epoch(len(self.lines), self.step_size)

    @property
    def steps(self) -> int:
        return self.settings.epochs * self.steps_in_epoch

    @property
    def save_every(self) -> int:
        return self.settings.save_every or self.steps_in_epoch

    @property
    def evaluate_every(self) -> int:
        return self.settings.evaluate_every or self.steps_in_epoch

    @property
    def result_kind(self) -> str:
        return "checkpoint" if self.method == "full" else "adapter"

    def facts(self) -> dict[str, Any]:
        """What the first event tells of it."""
        return {
            "method": self.method,
            "model": str(self.base),
            "out": str(self.out),
            "lines": len(self.lines),
            "validLines": len(self.valid),
            "epochs": self.settings.epochs,
            "steps": self.steps,
            "stepSize": self.step_size,
            "learningRate": self.settings.rate_of(self.method),
            "processes": self.world,
        }
