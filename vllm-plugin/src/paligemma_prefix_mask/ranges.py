"""The prompt as one bidirectional range. Both of vLLM's model runners ask a placeholder for its ranges; GPU backends obey them."""

from __future__ import annotations

import functools
from typing import Any

from . import support


def prompt_span(token_ids: list[int], image_token_id: int) -> tuple[int, list[bool]]:
    """The span that is declared as the image's placeholder: the whole prompt, of which the image tokens take embeddings.

    :returns: its length, and for each token whether it is an image token.
    """
    return len(token_ids), [token == image_token_id for token in token_ids]


def is_prompt_span(offset: int, is_embed: Any) -> bool:
    """Whether a placeholder is one that :func:`prompt_span` made: it starts the prompt and ends in text.

    PaliGemma has no other placeholders, and the prompt ends in a newline, which is never an image token.
    :param is_embed: a sequence or tensor of booleans, or None.
    """
    return offset == 0 and is_embed is not None and len(is_embed) > 0 and not bool(is_embed[-1])


def install(placeholder_class: Any) -> None:
    """Makes `PlaceholderRange` tell a prompt span as one range. A second call changes nothing.

    Processes hand placeholders to each other as plain data, so a subclass would not arrive: the shape has to tell.
    Only a process that serves PaliGemma gets here; other models are never touched.

    :raises support.UnsupportedVllm: where the class is not as expected.
    """
    original: Any = getattr(placeholder_class, "extract_embeds_range", None)
    if getattr(original, "is_prefix_mask", False):
        return
    support.require_fields("PlaceholderRange", placeholder_class, ["offset", "length", "is_embed"])
    support.require_parameters("PlaceholderRange.extract_embeds_range", original, ["self"])

    @functools.wraps(original)
    def extract_embeds_range(self: Any) -> list[tuple[int, int]]:
        if is_prompt_span(self.offset, self.is_embed):
            return [(0, self.length - 1)]
        stock: list[tuple[int, int]] = original(self)
        return stock

    extract_embeds_range.is_prefix_mask = True  # type: ignore[attr-defined]
    placeholder_class.extract_embeds_range = extract_embeds_range
