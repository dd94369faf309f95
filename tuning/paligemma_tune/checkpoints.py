"""Checkpoints of a training under way: weights that are trained, the optimizer, and the random numbers to come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.utils import DistributedType

from .out_folder import OutFolder


def keep_trained_weights_only(accelerator: Accelerator, model: Any) -> None:
    """The frozen weights are those of the base, which is there: a checkpoint of a LoRA has megabytes so."""
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}

    def before_saving(_models: list[Any], weights: list[dict[str, Any]], _folder: str) -> None:
        for state in weights:
            for name in [name for name in state if name.removeprefix("module.") not in trained]:
                del state[name]

    accelerator.register_save_state_pre_hook(before_saving)


def save(accelerator: Accelerator, out: OutFolder, step: int) -> Path | None:
    """Complete or not at all. :returns: the folder, in the main process."""
    partial = out.path / "checkpoints" / f".partial-{step}"
    if accelerator.is_main_process:
        out.new_checkpoint(step)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(partial))
    accelerator.wait_for_everyone()
    kept = out.keep_checkpoint(step) if accelerator.is_main_process else None
    accelerator.wait_for_everyone()
    return kept


def load(accelerator: Accelerator, checkpoint: Path) -> None:
    is_sharded = accelerator.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED)
    accelerator.load_state(str(checkpoint), **({} if is_sharded else {"strict": False}))
