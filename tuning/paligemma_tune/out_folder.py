"""The folder that a training fills: its note, its checkpoints, and whether the same command may go on in it.

`tuning.json` says what was trained on what; `tuning-log.jsonl` holds the events so far; `checkpoints/step-N` what an
interrupted training goes on from. Beside them stands the result: an adapter as PEFT writes it, or a whole checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Iterator

from .fault import Fault
from .settings import FREE_TO_CHANGE

NOTE = "tuning.json"
LOG = "tuning-log.jsonl"
CHECKPOINTS = "checkpoints"
_LOCK = ".tuning.lock"
# What a resumed training repeats of the one before.
_REPEATED = frozenset({"step", "epoch", "eval", "sample"})


class OutFolder:
    """One training at a time has it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self._lock: int | None = None

    def check(self, identity: dict[str, Any]) -> int:
        """Looks whether a training with this identity may begin or go on here; changes nothing.

        :param identity: as :func:`identity_of` makes it.
        :returns: the step that it goes on from, 0 for a new one.
        :raises Fault: where the folder holds something else.
        """
        folder = self.path
        if folder.exists() and not folder.is_dir():
            raise Fault("outTaken", f"{folder} is a file. Name a new folder.")
        if not folder.exists() or not any(name != _LOCK for name in os.listdir(folder)):
            return 0
        note = self.note()
        if note is None:
            raise Fault("outTaken", f"{folder} is not empty. Name a new folder.")
        different = differences(note, identity)
        if different:
            raise Fault(
                "outTaken",
                f"{folder} holds a training with other settings ({', '.join(different)}). Give the same command to go on with it, or name a new folder.",
            )
        last = self.last_checkpoint()
        return 0 if last is None else step_of(last)

    def is_complete(self) -> bool:
        note = self.note()
        return note is not None and note.get("state") == "done"

    def open(self, note: dict[str, Any]) -> None:
        """Makes the folder and writes its note. :raises Fault: where another process trains in it."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        if not _lock(self._lock):
            raise Fault("outTaken", f"Another process is training in {self.path}. Wait for it, or name a new folder.")
        self.write_note(note)

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            (self.path / _LOCK).unlink(missing_ok=True)

    def note(self) -> dict[str, Any] | None:
        try:
            value = json.loads((self.path / NOTE).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    def write_note(self, note: dict[str, Any]) -> None:
        whole = self.path / f"{NOTE}.new"
        whole.write_text(json.dumps(note, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        whole.replace(self.path / NOTE)

    def last_checkpoint(self) -> Path | None:
        folder = self.path / CHECKPOINTS
        found = [place for place in folder.glob("step-*") if place.name[5:].isdigit()] if folder.is_dir() else []
        return max(found, key=step_of, default=None)

    def new_checkpoint(self, step: int) -> Path:
        """An empty folder to write into; :meth:`keep_checkpoint` makes it one."""
        partial = self.path / CHECKPOINTS / f".partial-{step}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        return partial

    def keep_checkpoint(self, step: int) -> Path:
        """Gives what :meth:`new_checkpoint` made its name, and deletes the older ones."""
        folder = self.path / CHECKPOINTS
        kept = folder / f"step-{step}"
        shutil.rmtree(kept, ignore_errors=True)
        (folder / f".partial-{step}").replace(kept)
        for other in folder.iterdir():
            if other != kept:
                shutil.rmtree(other, ignore_errors=True)
        return kept

    def remove_checkpoints(self) -> None:
        shutil.rmtree(self.path / CHECKPOINTS, ignore_errors=True)

    def remember(self, record: dict[str, Any]) -> None:
        with (self.path / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(record, ensure_ascii=False) + "\n")

    def forget_after(self, step: int) -> list[dict[str, Any]]:
        """Cuts the log to what came up to a step, which is what a training that goes on has behind it, and returns it."""
        kept = [record for record in self._remembered() if int(record.get("step", 0)) <= step]
        whole = self.path / f"{LOG}.new"
        whole.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in kept), encoding="utf-8")
        whole.replace(self.path / LOG)
        return [record for record in kept if record.get("event") in _REPEATED]

    def _remembered(self) -> Iterator[dict[str, Any]]:
        try:
            written = (self.path / LOG).read_text(encoding="utf-8")
        except OSError:
            return
        for text in written.split("\n"):
            try:
                record = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict) and isinstance(record.get("step", 0), int):
                yield record


def identity_of(base: Path, method: str, settings: dict[str, Any], data: Path, valid: Path | None, world: int) -> dict[str, Any]:
    """What decides a training's result. Two with the same identity are one."""
    return {
        "base": str(base),
        "method": method,
        "settings": settings,
        "data": _content(data),
        "valid": None if valid is None else _content(valid),
        "processes": world,
    }


def differences(note: dict[str, Any], identity: dict[str, Any]) -> list[str]:
    """Names of what differs between the training of a note and this one."""
    words = {"base": "the model", "method": "the method", "data": "the data", "valid": "the validation data", "processes": "the number of processes"}
    found = [word for key, word in words.items() if _essence(note.get(key)) != _essence(identity[key])]
    old = note.get("settings")
    old = old if isinstance(old, dict) else {}
    new = identity["settings"]
    return found + sorted(name for name in {*old, *new} - FREE_TO_CHANGE if _plain(old.get(name)) != _plain(new.get(name)))


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("step-"))


def _content(file: Path) -> dict[str, str]:
    return {"file": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def _essence(value: Any) -> Any:
    """A file is its content, wherever it lies."""
    return value.get("sha256") if isinstance(value, dict) else value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _lock(descriptor: int) -> bool:
    """Held until the process ends, however it ends. True where the system has no locks."""
    try:
        import fcntl
    except ImportError:
        return _lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def _lock_on_windows(descriptor: int) -> bool:
    try:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return True
    except ImportError:
        return True
    except OSError:
        return False
