"""What the trainer says: one JSON object a line on standard output, and nothing else there."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Any, TextIO


class Events:
    """Writes events. A reader that went away is no failure: the training goes on and its result lies in the folder."""

    def __init__(self, stream: TextIO | None) -> None:
        """:param stream: None for a process that keeps silent."""
        self._stream = stream

    def send(self, event: str, **fields: Any) -> dict[str, Any]:
        """Writes one line and returns what it holds. Numbers that JSON has no word for become null."""
        record = {"event": event, **{name: _plain(value) for name, value in fields.items()}}
        self.repeat(record)
        return record

    def repeat(self, record: dict[str, Any]) -> None:
        """Writes a line again that another run of the same training has written."""
        if self._stream is None:
            return
        try:
            self._stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
            self._stream.flush()
        except OSError:
            self._stream = None


def take_standard_output(is_main: bool) -> Events:
    """Keeps standard output for events: what libraries print goes to standard error from here on, also from C.

    :param is_main: False in the other processes of a training on several devices, which keep silent.
    """
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Events(os.fdopen(own, "w", encoding="utf-8", newline="\n") if is_main else None)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
