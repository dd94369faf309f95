"""The CPU backend (CPU_ATTN): no ranges, but one causal flag for each request of a step."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from . import support

Ranges = Mapping[int, Sequence[tuple[int, int]]]
"""Request of the step → bidirectional ranges, first and last position."""


def non_causal_requests(ranges: Ranges, query_starts: Sequence[int], lengths: Sequence[int]) -> tuple[list[int], list[int]]:
    """Which requests of a step compute exactly their prompt, and so run without the causal mask.

    :param query_starts: first token of each request in the step's batch, and the batch's end; one longer than `lengths`.
    :param lengths: tokens of each request at the end of the step.
    :returns: those requests, and those whose mask cannot be had: a flag cannot tell a prompt from what stands before or behind it.
    """
    whole: list[int] = []
    mixed: list[int] = []
    for request, spans in ranges.items():
        if not spans or request >= len(lengths):
            continue
        computed = query_starts[request + 1] - query_starts[request]
        first = lengths[request] - computed
        start, end = spans[0]
        if first > end:
            continue  # a token of the answer
        is_whole = len(spans) == 1 and (first, lengths[request] - 1) == (start, end)
        (whole if is_whole else mixed).append(request)
    return whole, mixed


def install(builder_class: Any, metadata_class: Any, logger: logging.Logger) -> None:
    """Clears the causal flag of requests that compute their prompt. A second call changes nothing.

    :param builder_class: vLLM's `CPUAttentionMetadataBuilder`.
    :param metadata_class: vLLM's `CommonAttentionMetadata`.
    :raises support.UnsupportedVllm: where the classes are not as expected.
    """
    original: Any = getattr(builder_class, "build", None)
    if getattr(original, "is_prefix_mask", False):
        return
    support.require_parameters("CPUAttentionMetadataBuilder.build", original, ["self", "common_prefix_len", "common_attn_metadata"])
    support.require_fields("CommonAttentionMetadata", metadata_class, ["query_start_loc_cpu", "seq_lens", "num_reqs", "causal", "mm_req_doc_ranges"])

    @functools.wraps(original)
    def build(self: Any, common_prefix_len: int, common_attn_metadata: Any, *rest: Any, **named: Any) -> Any:
        return original(self, common_prefix_len, with_causal_flags(common_attn_metadata, logger), *rest, **named)

    build.is_prefix_mask = True  # type: ignore[attr-defined]
    builder_class.build = build


def with_causal_flags(metadata: Any, logger: logging.Logger) -> Any:
    """The same metadata, or a copy with a flag for each request where one computes its prompt."""
    if not metadata.mm_req_doc_ranges or metadata.causal is not True:
        return metadata
    lengths = metadata.seq_lens[: metadata.num_reqs].tolist()
    whole, mixed = non_causal_requests(metadata.mm_req_doc_ranges, metadata.query_start_loc_cpu.tolist(), lengths)
    if mixed:
        logger.warning(
            "A PaliGemma prompt was computed in parts, or again with its answer after a preemption: this answer is made with a causal "
            "mask. Give the server more memory for its cache (VLLM_CPU_KVCACHE_SPACE) or fewer requests at once (--max-num-seqs)."
        )
    if not whole:
        return metadata
    import torch

    flags = torch.ones(metadata.num_reqs, dtype=torch.int32)
    for request in whole:
        flags[request] = 0
    return dataclasses.replace(metadata, causal=flags)
