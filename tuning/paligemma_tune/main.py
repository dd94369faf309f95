"""The command line: reads, checks, trains, and says how it went."""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Sequence

from .base import find_base
from .events import Events, take_standard_output
from .fault import Fault
from .lines import missing_pictures, read_lines
from .out_folder import OutFolder, identity_of
from .packages import missing_packages, versions
from .plan import Plan
from .settings import METHODS, read_settings
from .stop import Stop

VERSION = 1
# A LoRA with its optimizer and a checkpoint has some hundred megabytes at 3B; the exact size is known after loading only.
_ROOM_BYTES = {"lora": 1 << 30, "qlora": 1 << 30}
# Of a whole checkpoint: its weights, and in a checkpoint of the training weights and two numbers of the optimizer each.
_ROOM_FOR_FULL = 5
_LONGEST_MESSAGE = 8000


def main(argv: Sequence[str]) -> int:
    """:returns: 0 done, 1 failed, 128 and the number of the signal where it was stopped."""
    arguments = _parse(argv)
    events = take_standard_output(is_main_process())
    stop = Stop()
    stop.listen(arguments.stop_at_end_of_input)
    try:
        return run(arguments, events, stop)
    except Fault as fault:
        return _fail(events, fault.reason, *fault.sentences)
    except Exception as error:
        traceback.print_exc()
        return _fail(events, *explain(error, arguments.out))


def explain(error: BaseException, out: str) -> tuple[str, str]:
    """A reason, and a sentence with what cures it, for what the libraries throw."""
    text = str(error)
    if (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or "No space left on device" in text:
        return "diskFull", f"The disk of {out} is full. Free some space; the same command goes on from the last checkpoint."
    if type(error).__name__ == "OutOfMemoryError" or "out of memory" in text or isinstance(error, MemoryError):
        return "outOfMemory", "The memory is not enough. Lower batch in the settings and raise accumulate as much, or take --method lora or qlora."
    if isinstance(error, PermissionError):
        return "folderUnwritable", f"{error.filename or out} cannot be written to. Allow writing there, or name another folder."
    first = text.strip().split("\n")[0][:500]
    return "internal", f"The training failed: {type(error).__name__}: {first}. What it wrote before says more."


def run(arguments: argparse.Namespace, events: Events, stop: Stop) -> int:
    plan, out, identity = prepare(arguments)
    if out.is_complete():
        if is_main_process():
            events.send("done", step=plan.steps, path=str(plan.out), kind=plan.result_kind, seconds=0, past=True)
        return 0
    # From here on the packages are there.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from .model import precision_of
    from .training import Training

    started = time.monotonic()
    resumed = out.check(identity)
    note: dict[str, Any] = {"formatVersion": 1, "state": "running", **identity, "steps": plan.steps, "versions": versions(plan.method)}
    if is_main_process():
        out.open(note)
    training: Training | None = None
    try:
        events.send("phase", phase="load")
        training = Training(plan, precision_of(plan.settings.precision), out, events, stop)
        events.send("start", version=VERSION, **plan.facts(), resumedAt=resumed, **training.counts, versions=note["versions"])
        is_done = training.run()
        if training.is_main:
            if is_done:
                out.write_note({**note, "state": "done", **training.counts})
                out.remove_checkpoints()
                events.send("done", step=plan.steps, path=str(plan.out), kind=plan.result_kind, seconds=round(time.monotonic() - started, 1))
            else:
                events.send("stopped", path=str(plan.out))
        return 0 if is_done else stop.exit_code or 130
    finally:
        if training is not None:
            training.close()
        out.close()


def prepare(arguments: argparse.Namespace) -> tuple[Plan, OutFolder, dict[str, Any]]:
    """Reads everything small and collects all that is missing. :raises Fault:"""
    method = arguments.method
    missing = missing_packages(method)
    if missing:
        raise Fault("packagesMissing", *missing)
    wrong: list[Fault] = []

    def attempt(work: Any) -> Any:
        try:
            return work()
        except Fault as fault:
            wrong.append(fault)
            return None

    file, valid_file = Path(arguments.file).absolute(), None if arguments.valid is None else Path(arguments.valid).absolute()
    settings = attempt(lambda: read_settings(None if arguments.settings is None else Path(arguments.settings)))
    lines = attempt(lambda: read_lines(file))
    valid = [] if valid_file is None else attempt(lambda: read_lines(valid_file))
    base = attempt(lambda: find_base(arguments.model))
    for found in (lines, valid):
        pictures = missing_pictures(found or [])
        if pictures:
            wrong.append(Fault("dataInvalid", *pictures))
    out = OutFolder(Path(arguments.out).absolute())
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if settings is None or lines is None or valid is None or base is None or wrong:
        raise Fault(wrong[0].reason, *(sentence for fault in wrong for sentence in fault.sentences))
    plan = Plan(file, valid_file, base, out.path, method, settings, lines, valid, world)
    identity = identity_of(base, method, settings.as_json(), file, valid_file, world)
    out.check(identity)
    if not out.is_complete():
        check_room(plan)
    return plan, out, identity


def check_room(plan: Plan) -> None:
    """:raises Fault: where the disk has too little room for the result."""
    weights = sum(file.stat().st_size for file in plan.base.glob("*.safetensors"))
    needed = _ROOM_FOR_FULL * weights if plan.method == "full" else min(_ROOM_BYTES[plan.method], 4 * weights)
    place = plan.out
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise Fault("diskFull", f"The disk of {plan.out} has {free / 1e9:.1f} GB left, and about {needed / 1e9:.1f} GB are needed. Free some space, or name a folder on another disk.")


def is_main_process() -> bool:
    """Of a training on several devices, as `accelerate launch` numbers its processes."""
    return os.environ.get("RANK", "0") == "0"


def _fail(events: Events, reason: str, *sentences: str) -> int:
    events.send("error", reason=reason, message=" ".join(sentences)[:_LONGEST_MESSAGE])
    for sentence in sentences:
        print(f"tune.py: {sentence}", file=sys.stderr)
    return 1


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tune.py", description="Fine-tunes PaliGemma 2. Prints one JSON object a line.")
    parser.add_argument("file", metavar="FILE", help="lines of JSON with image, prefix and suffix; paths from where the file lies")
    parser.add_argument("--model", required=True, help="folder of a checkpoint, or a repository in Hugging Face's cache")
    parser.add_argument("--out", required=True, help="new folder for the result; the same command goes on where it stopped")
    parser.add_argument("--valid", help="held-out lines of the same form")
    parser.add_argument("--method", choices=METHODS, default="lora", help="default: lora")
    parser.add_argument("--settings", help="JSON file; README.md lists the names")
    parser.add_argument("--stop-at-end-of-input", action="store_true", help="stop, as by Ctrl+C, when standard input ends")
    return parser.parse_args(argv)
