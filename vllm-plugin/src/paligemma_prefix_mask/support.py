"""Whether this vLLM is one that the plugin was written for. The plugin leans on internals, which may change with any release."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable
from typing import Any

RELEASE = (0, 32)
"""The release whose source was read and with which the plugin was run (0.32.0)."""


class UnsupportedVllm(RuntimeError):
    """The sentence says what is different and what the operator can do."""

    def __init__(self, difference: str) -> None:
        release = ".".join(map(str, RELEASE))
        super().__init__(
            f"paligemma-prefix-mask was written for vLLM {release}, and here {difference}. Install vllm=={release}.*, or a version of "
            "the plugin for this vLLM. To serve another model from this environment, leave the plugin out: VLLM_PLUGINS=none. "
            "PaliGemma without the plugin answers, but with another attention mask than it was trained with."
        )


def check_vllm() -> None:
    """Looks at the version and at what can be seen without loading a model.

    :raises UnsupportedVllm:
    """
    import vllm

    version = getattr(vllm, "__version__", "unknown")
    if release_of(version) != RELEASE:
        raise UnsupportedVllm(f"is vLLM {version}")
    require_attributes("vllm.ModelRegistry", getattr(vllm, "ModelRegistry", None), ["register_model"])


def release_of(version: str) -> tuple[int, int] | None:
    """The first two numbers: `0.32.1rc2+cpu` → (0, 32). None where the version does not start with two numbers."""
    parts = version.split(".")
    if len(parts) < 2 or not parts[0].isdigit() or not parts[1].isdigit():
        return None
    return int(parts[0]), int(parts[1])


def require_attributes(name: str, thing: Any, attributes: Iterable[str]) -> None:
    """:raises UnsupportedVllm: naming the first attribute that is missing."""
    if thing is None:
        raise UnsupportedVllm(f"{name} is missing")
    for attribute in attributes:
        if not hasattr(thing, attribute):
            raise UnsupportedVllm(f"{name} has no {attribute}")


def require_parameters(name: str, function: Any, parameters: Iterable[str]) -> None:
    """:raises UnsupportedVllm: unless the function's first parameters have these names, in this order."""
    if not callable(function):
        raise UnsupportedVllm(f"{name} is missing")
    wanted = list(parameters)
    found = list(inspect.signature(function).parameters)
    if found[: len(wanted)] != wanted:
        raise UnsupportedVllm(f"{name} takes ({', '.join(found)}) instead of ({', '.join(wanted)}, …)")


def require_fields(name: str, dataclass: Any, fields: Iterable[str]) -> None:
    """:raises UnsupportedVllm: naming the first field that the dataclass lacks."""
    if not dataclasses.is_dataclass(dataclass):
        raise UnsupportedVllm(f"{name} is not a dataclass")
    found = {field.name for field in dataclasses.fields(dataclass)}
    for field in fields:
        if field not in found:
            raise UnsupportedVllm(f"{name} has no field {field}")
