"""The settings of a training: one table of names, defaults and ranges, and how a file of them is read."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from pathlib import Path
from typing import Any

from .fault import Fault

METHODS = ("lora", "qlora", "full")
PARTS = ("decoder", "projector", "tower")
PRECISIONS = ("auto", "f32", "bf16")
SCHEDULES = ("cosine", "constant")

# Learning rates of published recipes. Source: big_vision configs/proj/paligemma/transfers/forkme.py (all weights, 1e-5);
# NielsRogge/Transformers-Tutorials, PaliGemma (QLoRA, 1e-4).
LEARNING_RATES = {"lora": 1e-4, "qlora": 1e-4, "full": 1e-5}
DEFAULT_TARGETS = {"lora": ("decoder",), "qlora": ("decoder",), "full": PARTS}


@dataclasses.dataclass(frozen=True)
class Settings:
    """As a file of JSON names them, in camelCase. A count of None is decided by what is trained."""

    epochs: int = 5
    # Examples that a device takes at once; a step of the optimizer is `batch` × `accumulate` × devices.
    batch: int = 4
    accumulate: int = 2
    learning_rate: float | None = None
    schedule: str = "cosine"
    # Part of all steps in which the rate rises.
    warmup: float = 0.05
    weight_decay: float = 0.0
    # Greatest norm of the gradient.
    clip: float = 1.0
    rank: int = 16
    alpha: int | None = None
    dropout: float = 0.05
    # Parts of the model that are trained, or that get a LoRA.
    targets: tuple[str, ...] | None = None
    # Of prefix and answer together, with their marks and without the picture; a longer line is refused.
    max_tokens: int = 512
    precision: str = "auto"
    # Trades time for memory; None: on a graphics card.
    gradient_checkpointing: bool | None = None
    seed: int = 0
    # Of the CPU; None: as PyTorch has it.
    threads: int | None = None
    # Steps between two checkpoints, and between two evaluations; None: an epoch.
    save_every: int | None = None
    evaluate_every: int | None = None
    # Held-out lines that are answered at an evaluation, and how many of them are shown.
    evaluate_lines: int = 100
    samples: int = 4

    def rate_of(self, method: str) -> float:
        return LEARNING_RATES[method] if self.learning_rate is None else self.learning_rate

    def targets_of(self, method: str) -> tuple[str, ...]:
        return DEFAULT_TARGETS[method] if self.targets is None else self.targets

    def as_json(self) -> dict[str, Any]:
        return {_camel(name): value for name, value in dataclasses.asdict(self).items()}


# Least and greatest value of each number.
RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch": (1, 4096),
    "accumulate": (1, 4096),
    "learning_rate": (0, 1),
    "warmup": (0, 1),
    "weight_decay": (0, 1),
    "clip": (0, 1000),
    "rank": (1, 1024),
    "alpha": (1, 8192),
    "dropout": (0, 0.9),
    "max_tokens": (8, 8192),
    "seed": (0, 2**31),
    "threads": (1, 1024),
    "save_every": (1, 10**9),
    "evaluate_every": (1, 10**9),
    "evaluate_lines": (0, 100_000),
    "samples": (0, 100),
}
_CHOICES = {"schedule": SCHEDULES, "precision": PRECISIONS}
# What may differ when an interrupted training goes on: none of it changes what is learnt.
FREE_TO_CHANGE = frozenset({"threads", "saveEvery", "evaluateEvery", "evaluateLines", "samples"})


def read_settings(file: Path | None) -> Settings:
    """:raises Fault: for what is no setting, or out of its range."""
    if file is None:
        return Settings()
    try:
        value = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise Fault("settingsInvalid", f"The settings {file} cannot be read: {error}.") from error
    return parse_settings(value, str(file))


def parse_settings(value: object, place: str) -> Settings:
    """:raises Fault: as :func:`read_settings`."""
    if not isinstance(value, dict):
        raise Fault("settingsInvalid", f"The settings {place} are not a JSON object.")
    fields = {_camel(field.name): field for field in dataclasses.fields(Settings)}
    wrong: list[str] = []
    chosen: dict[str, Any] = {}
    for name, own in value.items():
        field = fields.get(name)
        if field is None:
            near = difflib.get_close_matches(str(name), list(fields), 1)
            wrong.append(f'There is no setting "{name}"' + (f"; {near[0]} is meant?" if near else "."))
            continue
        problem = _problem(field, own)
        if problem is not None:
            wrong.append(f"{name} takes {problem}, not {json.dumps(own)}.")
        else:
            chosen[field.name] = tuple(own) if isinstance(own, list) else own
    if wrong:
        raise Fault("settingsInvalid", *wrong)
    return Settings(**chosen)


def _problem(field: dataclasses.Field[Any], value: object) -> str | None:
    """What the field takes, where `value` is not that."""
    kind = str(field.type)
    if value is None and "None" in kind:
        return None
    if field.name == "targets":
        is_right = isinstance(value, list) and len(value) > 0 and all(part in PARTS for part in value)
        return None if is_right else f"a list of {', '.join(PARTS)}"
    if field.name in _CHOICES:
        choices = _CHOICES[field.name]
        return None if value in choices else f"one of {', '.join(choices)}"
    if kind.startswith("bool"):
        return None if isinstance(value, bool) else "true or false"
    least, most = RANGES[field.name]
    is_whole = kind.startswith("int")
    is_number = isinstance(value, int if is_whole else (int, float)) and not isinstance(value, bool)
    if is_number and least <= value <= most:  # type: ignore[operator]
        return None
    return f"a {'whole ' if is_whole else ''}number from {least} to {most}"


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
