"""How a training is stopped: the first signal ends it after its step, with a checkpoint; the second one at once."""

from __future__ import annotations

import os
import signal
import threading


class Stop:
    """Whether the training is to end, and by what."""

    def __init__(self) -> None:
        self.exit_code: int | None = None

    @property
    def is_wanted(self) -> bool:
        return self.exit_code is not None

    def listen(self, also_at_end_of_input: bool) -> None:
        """:param also_at_end_of_input: for a program that started this one: closing the pipe is the signal, and so is its death."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda caught, _frame: self._caught(caught))
        if also_at_end_of_input:
            threading.Thread(target=self._wait_for_end_of_input, daemon=True).start()

    def _caught(self, number: int) -> None:
        if self.is_wanted:
            os._exit(128 + number)
        self.exit_code = 128 + number

    def _wait_for_end_of_input(self) -> None:
        try:
            # Not by `sys.stdin`, whose lock a thread that waits would keep from the interpreter's end.
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        if self.exit_code is None:
            self.exit_code = 128 + signal.SIGINT
