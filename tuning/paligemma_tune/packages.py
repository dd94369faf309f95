"""What has to be installed, and how to get it. Imports none of it."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

# The oldest releases in which the names are what is used here; requirements.txt holds those that it was tried with.
OLDEST = {"torch": (2, 6), "transformers": (5, 0), "peft": (0, 18), "accelerate": (1, 10), "pillow": (10, 0), "safetensors": (0, 5)}
OLDEST_FOR_QLORA = {"bitsandbytes": (0, 46)}
OLDEST_PYTHON = (3, 10)

_FOLDER = Path(__file__).resolve().parent.parent


def needed(method: str) -> dict[str, tuple[int, int]]:
    return {**OLDEST, **(OLDEST_FOR_QLORA if method == "qlora" else {})}


def versions(method: str) -> dict[str, str]:
    """Of Python and of the packages that are there."""
    found = {name: _installed(name) for name in needed(method)}
    return {"python": sys.version.split()[0], **{name: version for name, version in found.items() if version is not None}}


def missing_packages(method: str) -> list[str]:
    """What is missing, what is too old, and how to get it; a sentence each, none where all is there."""
    if sys.version_info < OLDEST_PYTHON:
        return [f"Python {sys.version.split()[0]} ({sys.executable}) is too old: {_dotted(OLDEST_PYTHON)} or newer is needed. Name another one with --python."]
    found = {name: _installed(name) for name in needed(method)}
    missing = [name for name, version in found.items() if version is None]
    old = [
        f"{name} {version} is too old, {_dotted(needed(method)[name])} or newer is needed"
        for name, version in found.items()
        if version is not None and release_of(version) < needed(method)[name]
    ]
    if not missing and not old:
        return []
    requirements = _FOLDER / ("requirements-qlora.txt" if method == "qlora" else "requirements.txt")
    lacks = f"{sys.executable} lacks {', '.join(missing)}." if missing else ""
    outdated = f"{'; '.join(old)} ({sys.executable})." if old else ""
    return [part for part in (lacks, outdated) if part] + [f'Install what is needed: "{sys.executable}" -m pip install -r "{requirements}".']


def release_of(version: str) -> tuple[int, int]:
    """The first two numbers of a version; what has none counts as new, since it was built by hand."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else (sys.maxsize, 0)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
