"""Files that the tests are about."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "model-host" / "demo-model" / "paligemma2-demo-224"
LACKING = [name for name in ("torch", "transformers", "peft", "accelerate", "PIL") if importlib.util.find_spec(name) is None]
WHY_NOT = f"{', '.join(LACKING)} not installed: pip install -r tuning/requirements.txt"


def write_lines(folder: Path, records: list[object], name: str = "train.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def write_pictures(folder: Path, count: int) -> list[str]:
    """Squares of one colour each."""
    from PIL import Image

    names = [f"{index}.png" for index in range(count)]
    for index, name in enumerate(names):
        Image.new("RGB", (64, 48), (40 * index % 256, 200, 90)).save(folder / name)
    return names
