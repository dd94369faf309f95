"""The data: lines of JSON, each with one picture or several, a prompt and the answer that is wanted."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from .fault import Fault

MOST_FAULTS = 5
# Marks that the processor writes itself. Typed by hand they come twice.
_MARKS = re.compile(r"<(?:image|bos|eos|pad)>")
# Addresses, and shares of other machines, which are never opened: that would send the person's credentials.
_ELSEWHERE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]+:|[\\/]{2})")


@dataclasses.dataclass(frozen=True)
class Line:
    """One example. `number`: its line in the file, from 1."""

    number: int
    # As they are written, and where they lie.
    images: tuple[str, ...]
    paths: tuple[Path, ...]
    prefix: str
    suffix: str


class _Wrong(Exception):
    """What is wrong with one line."""


def read_lines(file: Path) -> list[Line]:
    """Reads every line; none is left out.

    :raises Fault: where a line is not an example, with the number of the first five.
    """
    if file.exists() and not file.is_file():
        # A pipe can be read once only, and a training reads its lines again when it goes on.
        raise Fault("dataMissing", f"{file} is a folder, a device or a pipe. Name a file of JSON lines.")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault("dataInvalid", f"{file} is not text in UTF-8. Save it in UTF-8.") from error
    except OSError as error:
        raise Fault("dataMissing", f"{file} cannot be read: {error.strerror or error}. Name a file of JSON lines.") from error
    lines: list[Line] = []
    faults: list[str] = []
    for number, written in enumerate(text.split("\n"), 1):
        if written.strip() == "":
            continue
        try:
            lines.append(_line_of(number, written, file.parent))
        except _Wrong as wrong:
            faults.append(f"Line {number} of {file.name}: {wrong}")
    if faults:
        more = len(faults) - MOST_FAULTS
        raise Fault("dataInvalid", *faults[:MOST_FAULTS], *([f"{more} more lines are not right."] if more > 0 else []))
    if not lines:
        raise Fault("dataEmpty", f"{file} holds no line. Write one JSON object a line, with image, prefix and suffix.")
    return lines


def missing_pictures(lines: list[Line]) -> list[str]:
    """A sentence for each of the first pictures that cannot be read as such; only their headers are looked at."""
    from PIL import Image

    faults: list[str] = []
    seen: set[Path] = set()
    for line in lines:
        for written, place in zip(line.images, line.paths):
            if place in seen:
                continue
            seen.add(place)
            try:
                if not place.is_file():
                    faults.append(f"Line {line.number}: the picture {written} is not there ({place}).")
                    continue
                with Image.open(place):
                    pass
            except Exception as error:  # Decoders of pictures throw whatever they like.
                faults.append(f"Line {line.number}: the picture {written} cannot be read: {error}.")
    more = len(faults) - MOST_FAULTS
    return faults[:MOST_FAULTS] + ([f"{more} more pictures cannot be read."] if more > 0 else [])


def _line_of(number: int, written: str, folder: Path) -> Line:
    try:
        record = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"it is not JSON ({error}).") from error
    if not isinstance(record, dict):
        raise _Wrong("it is not a JSON object.")
    images = _images_of(record)
    prefix, suffix = _texts_of(record)
    prefix = _without_image_marks(prefix, len(images))
    for name, text in (("prompt", prefix), ("answer", suffix)):
        mark = _MARKS.search(text)
        if mark is not None:
            raise _Wrong(f"its {name} holds {mark[0]}, which is written automatically. Leave it out.")
    return Line(number, images, tuple(_place_of(image, folder) for image in images), prefix.removesuffix("\n"), suffix)


def _images_of(record: dict[str, Any]) -> tuple[str, ...]:
    if "image_left" in record or "image_right" in record:
        found: Any = [record.get("image_left"), record.get("image_right")]
    else:
        found = next((record[key] for key in ("image", "images", "file_name", "file_names") if key in record), None)
    images = found if isinstance(found, list) else [found]
    if not images or not all(isinstance(image, str) and image != "" for image in images):
        raise _Wrong('it names no picture. Give its path as "image", or a list of paths.')
    return tuple(images)


def _texts_of(record: dict[str, Any]) -> tuple[str, str]:
    for prompt, answer in (("prefix", "suffix"), ("prompt", "completion"), ("query", "response")):
        if prompt in record or answer in record:
            texts = record.get(prompt), record.get(answer)
            if not all(isinstance(text, str) for text in texts):
                raise _Wrong(f'"{prompt}" and "{answer}" have to be texts; an answer that says nothing is "".')
            return texts  # type: ignore[return-value]
    turns = record.get("messages", record.get("conversations"))
    if turns is None:
        raise _Wrong('it has no prompt and no answer. Give them as "prefix" and "suffix".')
    return _turns_of(turns)


def _turns_of(turns: Any) -> tuple[str, str]:
    said = [_turn_of(turn) for turn in turns] if isinstance(turns, list) else []
    roles = [role for role, _ in said]
    if roles != ["user", "assistant"]:
        raise _Wrong("a conversation has to be one question and one answer: the model knows no more.")
    return said[0][1], said[1][1]


def _turn_of(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, dict):
        raise _Wrong("its conversation is not a list of objects.")
    role = turn.get("role", turn.get("from"))
    text = turn.get("content", turn.get("value"))
    if not isinstance(text, str):
        raise _Wrong("a turn of its conversation is not a text.")
    return {"human": "user", "gpt": "assistant"}.get(str(role), str(role)), text


def _without_image_marks(prefix: str, count: int) -> str:
    """Other trainers want `<image>` in the prompt, as often as there are pictures; here it is written automatically."""
    marks = prefix.count("<image>")
    return prefix.replace("<image>", "").strip("\n") if marks == count else prefix


def _place_of(image: str, folder: Path) -> Path:
    if "\0" in image or (_ELSEWHERE.match(image) and not re.match(r"^[A-Za-z]:[\\/]", image)):
        raise _Wrong(f"the picture {image!r} is not a path on this machine.")
    return folder / image
