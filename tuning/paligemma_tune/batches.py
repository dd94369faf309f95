"""Examples as tensors: the mask, the labels and the lengths that the model was trained with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

from PIL import Image, ImageOps

from .fault import Fault
from .lines import MOST_FAULTS, Line

IGNORED = -100


def open_picture(place: Path) -> Image.Image:
    """Upright and in RGB, as transformers' own loader gives it."""
    try:
        with Image.open(place) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except Exception as error:
        raise Fault("dataInvalid", f"The picture {place} cannot be read: {error}.") from error


def training_batch(processor: Any, lines: Sequence[Line]) -> dict[str, Any]:
    """Tensors of the lines, padded on the right.

    `token_type_ids` are 0 for picture, prompt and padding, which see each other, and 1 for the answer and its end, which
    are causal; `labels` are -100 where the type is 0.
    """
    batch = dict(
        processor(
            images=[[open_picture(place) for place in line.paths] for line in lines],
            text=[prompt_text(line) for line in lines],
            suffix=[line.suffix for line in lines],
            padding="longest",
            padding_side="right",
            return_tensors="pt",
        )
    )
    if not {"token_type_ids", "labels"} <= batch.keys():
        raise Fault("packagesUnfit", "This release of transformers makes no token types for PaliGemma. Install those of tuning/requirements.txt.")
    return batch


def prompt_batch(processor: Any, line: Line) -> dict[str, Any]:
    """Tensors of one line without its answer, for generating it."""
    batch = dict(processor(images=[[open_picture(place) for place in line.paths]], text=[prompt_text(line)], return_tensors="pt"))
    batch.pop("labels", None)
    return batch


def prompt_text(line: Line) -> str:
    """The processor puts `<bos>` before the prompt, and a line break behind it."""
    return "<image>" * len(line.paths) + line.prefix


def check_lengths(processor: Any, lines: Sequence[Line], most: int) -> int:
    """The tokens of the longest answer.

    :param most: tokens of prompt and answer, without the picture.
    :raises Fault: for lines that are longer. They are never cut: an answer without its end teaches the model not to stop.
    """
    tokenizer = processor.tokenizer
    longest = 0
    faults: list[str] = []
    for line in lines:
        answer = len(tokenizer(line.suffix, add_special_tokens=False)["input_ids"]) + 1
        # <bos>, the prompt, a line break.
        whole = len(tokenizer(line.prefix + "\n", add_special_tokens=False)["input_ids"]) + 1 + answer
        longest = max(longest, answer)
        if whole > most:
            faults.append(f"Line {line.number} has {whole} tokens, more than maxTokens ({most}): shorten it, or raise maxTokens in the settings.")
    if faults:
        more = len(faults) - MOST_FAULTS
        raise Fault("dataTooLong", *faults[:MOST_FAULTS], *([f"{more} more lines are too long."] if more > 0 else []))
    return longest
