"""The PaliGemma that vLLM serves with this plugin. Imported by vLLM where it is needed, never by the plugin's entry point."""

from __future__ import annotations

import torch
from vllm.config import VllmConfig
from vllm.inputs import MultiModalInput
from vllm.logger import init_logger
from vllm.model_executor.models import paligemma as stock
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.multimodal.inputs import PlaceholderRange
from vllm.multimodal.processing import ProcessorInputs, TimingContext
from vllm.platforms import current_platform

from . import cpu, flags, ranges, support

support.require_attributes(
    "vllm.model_executor.models.paligemma",
    stock,
    ["PaliGemmaForConditionalGeneration", "PaliGemmaMultiModalProcessor", "PaliGemmaProcessingInfo", "PaliGemmaDummyInputsBuilder"],
)
support.require_parameters("PaliGemmaMultiModalProcessor.apply", stock.PaliGemmaMultiModalProcessor.apply, ["self", "inputs", "timing_ctx"])

# Below "vllm", so that the line appears where the server's own lines do.
logger = init_logger("vllm.paligemma_prefix_mask")


class PrefixMaskProcessor(stock.PaliGemmaMultiModalProcessor):
    """Declares the whole prompt as the image's placeholder; which of its tokens take image features stays as it was."""

    def apply(self, inputs: ProcessorInputs, timing_ctx: TimingContext) -> MultiModalInput:
        result = super().apply(inputs, timing_ctx)
        if len(result["mm_placeholders"].get("image", [])) == 1:
            length, is_image = ranges.prompt_span(list(result["prompt_token_ids"]), self.info.get_hf_config().image_token_index)
            span = PlaceholderRange(offset=0, length=length, is_embed=torch.tensor(is_image))
            result["mm_placeholders"] = {**result["mm_placeholders"], "image": [span]}
        return result


@MULTIMODAL_REGISTRY.register_processor(PrefixMaskProcessor, info=stock.PaliGemmaProcessingInfo, dummy_inputs=stock.PaliGemmaDummyInputsBuilder)
class PrefixMaskPaliGemma(stock.PaliGemmaForConditionalGeneration):
    """vLLM's PaliGemma. Building it, which happens once in each worker, makes that worker's attention obey the prompt's span."""

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        flags.check_flags(vllm_config, logger)
        ranges.install(PlaceholderRange)
        if current_platform.is_cpu():
            from vllm.v1.attention.backend import CommonAttentionMetadata
            from vllm.v1.attention.backends.cpu_attn import CPUAttentionMetadataBuilder

            cpu.install(CPUAttentionMetadataBuilder, CommonAttentionMetadata, logger)
        super().__init__(vllm_config=vllm_config, prefix=prefix)
        tried = "" if current_platform.is_cpu() else " (tried on CPUs only so far: check it as the plugin's README says)"
        logger.info("paligemma-prefix-mask: the prompt attends to itself in both directions%s", tried)
