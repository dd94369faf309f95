"""The checkpoint that is trained on: looked at by its small files before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .fault import Fault

_POINTER = b"version https://git-lfs"
# Without one of each a processor cannot be made.
_PROCESSOR = ("preprocessor_config.json", "processor_config.json")
_TOKENIZER = ("tokenizer.json", "tokenizer.model")


def find_base(name: str) -> Path:
    """The folder of a checkpoint: the one that is named, or what Hugging Face's cache holds of a repository. Asks no net.

    :raises Fault: where it is not on this machine, or cannot be trained.
    """
    folder = Path(name)
    if not folder.is_dir():
        folder = _cached(name)
    problem = _problem(folder)
    if problem is not None:
        raise Fault("modelUnusable", f"{folder} cannot be trained: {problem}")
    return folder.resolve()


def _cached(name: str) -> Path:
    if "/" in name and not name.startswith((".", "/", "~")) and name.count("/") == 1:
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(name, local_files_only=True))
        except Exception as error:
            raise Fault(
                "modelMissing",
                f"{name} is not on this machine. Accept its licence on https://huggingface.co/{name}, then download it: "
                f"paligemma models download {name}, or hf download {name}.",
            ) from error
    raise Fault("modelMissing", f"There is no folder {name}. Name the folder of a checkpoint, the one with config.json and *.safetensors.")


def _problem(folder: Path) -> str | None:
    config = _json(folder / "config.json")
    if config is None:
        if (folder / "adapter_config.json").is_file():
            return "it is an adapter. Name the model that it was trained on."
        return "it has no readable config.json. Name the folder of a checkpoint, the one with config.json and *.safetensors."
    if config.get("model_type") != "paligemma":
        return f"it is a model of type {config.get('model_type')}, not paligemma. Name a checkpoint of PaliGemma or PaliGemma 2."
    if "quantization_config" in config:
        return "its weights are quantized. Name the checkpoint that they were made from; --method qlora quantizes by itself."
    missing = [names for names in (_PROCESSOR, _TOKENIZER) if not any((folder / name).is_file() for name in names)]
    if missing:
        return f"it has no {' or '.join(missing[0])}. Get the whole checkpoint."
    return _weights_problem(folder)


def _weights_problem(folder: Path) -> str | None:
    index = _json(folder / "model.safetensors.index.json")
    weight_map = index.get("weight_map") if index is not None else None
    files = sorted({str(file) for file in weight_map.values()}) if isinstance(weight_map, dict) else ["model.safetensors"]
    for file in files:
        place = folder / file
        if not place.is_file():
            return f"its weights {file} are not there. Get the whole checkpoint, with its *.safetensors."
        with place.open("rb") as stream:
            if stream.read(len(_POINTER)) == _POINTER:
                return f"{file} is only a pointer of Git LFS. Run git lfs pull there."
    return None


def _json(file: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
