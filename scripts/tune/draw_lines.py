"""Draws lines of a task that the demo model does not know, with the painter of its own recipe: whether a scene holds more than two shapes.

As many scenes that are crowded as others, and for the held-out lines combinations that the painter keeps for that.
"""

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "model-host" / "demo-model" / "recipe"))

from scenes import draw_scene  # noqa: E402

PROMPT = "answer en is it crowded?"


def write(folder: Path, name: str, count: int, rng: random.Random, held_out: bool) -> None:
    lines: list[dict[str, str]] = []
    while len(lines) < count:
        scene = draw_scene(rng, "shape", held_out=held_out)
        answer = "yes" if len(scene.shapes) > 2 else "no"
        if not scene.shapes or answer != ("yes", "no")[len(lines) % 2]:
            continue
        picture = f"{name}-{len(lines):03d}.png"
        scene.image.convert("RGB").save(folder / picture)
        lines.append({"image": picture, "prefix": PROMPT, "suffix": answer})
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    place = Path(sys.argv[1])
    generator = random.Random(7)
    write(place, "train", 160, generator, held_out=False)
    write(place, "valid", 40, generator, held_out=True)
