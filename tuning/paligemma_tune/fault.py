"""What keeps a training from going on, told to a person."""

from __future__ import annotations


class Fault(Exception):
    """Sentences that say what is wrong and what cures it.

    :param reason: one word for programs, such as `dataInvalid`.
    :param sentences: one a thing that is wrong.
    """

    def __init__(self, reason: str, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.reason = reason
        self.sentences = sentences
