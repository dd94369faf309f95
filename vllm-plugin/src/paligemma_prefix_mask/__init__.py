"""vLLM plugin: PaliGemma's prompt (image, <bos>, text, newline) attends to itself in both directions.

Stock vLLM answers with another mask than the one that the model was trained with: on GPUs only the image tokens see each other
in both directions, on CPUs nothing does, and the image never sees the text. Three parts put that right:

`model`   the class that vLLM serves instead of its own PaliGemma: its processor declares the whole prompt as one span
`ranges`  vLLM's attention takes that span as one bidirectional range, on every GPU backend
`cpu`     the CPU backend knows no ranges, but it takes one causal flag for each request

`support` refuses a vLLM that the plugin was not written for, `flags` a server started with flags that would spoil the mask.
"""

from __future__ import annotations

from . import support

__all__ = ["MODEL_CLASS", "register"]

ARCHITECTURE = "PaliGemmaForConditionalGeneration"
MODEL_CLASS = "paligemma_prefix_mask.model:PrefixMaskPaliGemma"


def register() -> None:
    """Entry point of `vllm.general_plugins`; vLLM calls it in each of its processes, at times more than once.

    The model is named, not imported: only a process that serves PaliGemma loads it, and nothing else of vLLM changes before.

    :raises support.UnsupportedVllm: where this vLLM is not one that the plugin was written for.
    """
    support.check_vllm()
    from vllm import ModelRegistry

    ModelRegistry.register_model(ARCHITECTURE, MODEL_CLASS)
