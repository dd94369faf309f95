"""The flags of the server without which the mask would be spoilt, silently and for some requests only."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

CHECK_VARIABLE = "PALIGEMMA_PREFIX_MASK"
"""`warn` lets a server start with faults in its flags; anything else refuses."""


class UnsuitableFlags(ValueError):
    """The sentence names each fault with the flag that cures it."""


def check_flags(config: Any, logger: logging.Logger) -> None:
    """Looks at the configuration with which the engine starts.

    :param config: vLLM's `VllmConfig`.
    :raises UnsuitableFlags: for a fault, unless the environment asks for a warning only.
    """
    faults = flag_faults(config)
    if not faults:
        return
    sentence = "PaliGemma's prefix mask would be spoilt: " + "; ".join(faults) + "."
    if os.environ.get(CHECK_VARIABLE) != "warn":
        raise UnsuitableFlags(f"{sentence} Start the server with these flags, or with {CHECK_VARIABLE}=warn to get wrong answers knowingly.")
    logger.warning(sentence)


def flag_faults(config: Any) -> list[str]:
    """What is wrong, each with its cure; empty where all is well."""
    faults = []
    context_tokens = config.model_config.max_model_len
    if config.cache_config.enable_prefix_caching:
        # Keys and values of the image depend on the text behind it, so they cannot serve another prompt.
        faults.append("prefix caching would reuse an image across prompts, add --no-enable-prefix-caching")
    if config.scheduler_config.enable_chunked_prefill:
        # A split prompt cannot see its own later parts.
        faults.append("chunked prefill would split prompts, add --no-enable-chunked-prefill")
    batch_tokens = config.scheduler_config.max_num_batched_tokens
    if batch_tokens < context_tokens:
        faults.append(f"a step of {batch_tokens} tokens is shorter than the longest prompt, add --max-num-batched-tokens {context_tokens} or more")
    window = getattr(config.model_config.hf_text_config, "sliding_window", None)
    if window is not None and context_tokens > window:
        # vLLM drops ranges longer than the window. The model was trained without one (big_vision's gemma.py has none).
        override = json.dumps({"text_config": {"sliding_window": context_tokens}})
        faults.append(f"prompts may exceed the sliding window of {window} tokens, add --hf-overrides '{override}' (the model was trained without a window)")
    return faults
