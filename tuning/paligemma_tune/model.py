"""The model as it is trained: loaded, adapted, frozen, and saved."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from transformers import AutoConfig, AutoProcessor, PaliGemmaForConditionalGeneration

from .fault import Fault
from .plan import Plan
from .settings import Settings

# Regular expressions and no lists: PEFT matches those of a list by the end of a name, so that q_proj would hit the tower too.
LORA_TARGETS = {
    "decoder": r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)",
    "projector": r".*multi_modal_projector\.linear",
    "tower": r".*vision_tower.*\.(q_proj|k_proj|v_proj|out_proj|fc1|fc2)",
}
_PART_NAMES = {"decoder": ("language_model.", "lm_head."), "projector": ("multi_modal_projector.",), "tower": ("vision_tower.",)}


def precision_of(wanted: str) -> str:
    """:returns: `bf16` where the graphics card computes in it and nothing else is wanted; else `f32`."""
    if wanted != "auto":
        return wanted
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "f32"


def load_processor(base: Path) -> Any:
    return AutoProcessor.from_pretrained(base, local_files_only=True)


def load_model(plan: Plan, precision: str) -> Any:
    """The base in the form of the method. Of `full`, the weights themselves are kept in float32, whatever is computed in."""
    method, settings = plan.method, plan.settings
    if method == "qlora" and not torch.cuda.is_available():
        raise Fault("noGraphicsCard", "--method qlora needs an NVIDIA graphics card, and PyTorch sees none. Take --method lora, or install a PyTorch for CUDA.")
    compute = torch.bfloat16 if precision == "bf16" else torch.float32
    options: dict[str, Any] = {"dtype": torch.float32 if method == "full" else compute}
    if method == "qlora":
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=compute,
            bnb_4bit_quant_storage=compute,
        )
        options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}
    model = PaliGemmaForConditionalGeneration.from_pretrained(plan.base, local_files_only=True, **options)
    # What a training has no use for, and checkpointing of gradients forbids.
    model.config.use_cache = False
    wants_checkpointing = torch.cuda.is_available() if settings.gradient_checkpointing is None else settings.gradient_checkpointing
    if wants_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    return adapt(model, method, settings)


def adapt(model: Any, method: str, settings: Settings) -> Any:
    targets = settings.targets_of(method)
    if method == "full":
        # Longest names first: the head stands beside the decoder, and its weights are those of the embedding.
        trained = tuple(name for part in targets for name in _PART_NAMES[part])
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(any(part in f"{name}." for part in trained))
        return model
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    if method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=2 * settings.rank if settings.alpha is None else settings.alpha,
        lora_dropout=settings.dropout,
        bias="none",
        target_modules="|".join(LORA_TARGETS[part] for part in targets),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def save_result(accelerator: Accelerator, model: Any, processor: Any, plan: Plan) -> None:
    """Writes the adapter, or the whole checkpoint with the files of its processor, beside each other and then into place."""
    method, base, out = plan.method, plan.base, plan.out
    own = accelerator.unwrap_model(model)
    weights = accelerator.get_state_dict(model)
    if accelerator.is_main_process:
        partial = out / ".partial-result"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        if method == "full":
            own.config.use_cache = True
            kind = saved_kind(base)
            own.config.dtype = kind
            own.save_pretrained(partial, state_dict={name: value.to(kind) for name, value in weights.items()})
            processor.save_pretrained(partial)
        else:
            own.save_pretrained(partial, state_dict=weights)
        for file in partial.iterdir():
            # PEFT writes weights that only their owner may read, whatever the person's mask says.
            file.chmod(file.stat().st_mode | (stat.S_IRGRP | stat.S_IROTH) & ~_mask())
            file.replace(out / file.name)
        partial.rmdir()
    accelerator.wait_for_everyone()


def saved_kind(base: Path) -> torch.dtype:
    """A whole checkpoint is written as its base was."""
    return torch.bfloat16 if AutoConfig.from_pretrained(base, local_files_only=True).dtype == torch.bfloat16 else torch.float32


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
