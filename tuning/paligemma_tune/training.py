"""The training itself: steps, evaluations, checkpoints, and the result."""

from __future__ import annotations

import contextlib
import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Sequence

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, set_seed

from . import checkpoints, evaluation
from .batches import check_lengths, training_batch
from .events import Events
from .fault import Fault
from .lines import Line
from .loss import count_tokens, loss_sum, to_device
from .model import load_model, load_processor, save_result
from .order import examples_of_step, shares
from .out_folder import OutFolder, step_of
from .plan import Plan
from .rate import rate_at
from .stop import Stop

# An answer may be longer than the longest that is wanted, which shows that the model does not stop.
_ROOM_TOKENS = 16

# Of a text of a sample: who reads events takes lines of a bounded length.
_LONGEST_SHOWN = 2000


class Training:
    """One training, from its first or next step to its result or to where it is stopped."""

    def __init__(self, plan: Plan, precision: str, out: OutFolder, events: Events, stop: Stop) -> None:
        self._plan, self._out, self._events, self._stop = plan, out, events, stop
        settings = plan.settings
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)
        self._accelerator = Accelerator(mixed_precision="bf16" if precision == "bf16" else "no")
        set_seed(settings.seed)
        self._processor = load_processor(plan.base)
        self._longest = check_lengths(self._processor, [*plan.lines, *plan.valid], settings.max_tokens)
        model = load_model(plan, precision)
        self._trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.counts = {
            "trainable": sum(parameter.numel() for parameter in self._trained),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "precision": precision,
            "device": str(self._accelerator.device),
        }
        checkpoints.keep_trained_weights_only(self._accelerator, model)
        optimizer = torch.optim.AdamW(self._trained, lr=settings.rate_of(plan.method), betas=(0.9, 0.999), weight_decay=settings.weight_decay)
        self._model, self._optimizer = self._accelerator.prepare(model, optimizer)
        self._trained = [parameter for parameter in self._model.parameters() if parameter.requires_grad]
        self._reader = ThreadPoolExecutor(1)
        self._epoch_losses: list[float] = []
        # Step and set of lines: what is in the log already is not judged once more.
        self._judged: list[tuple[int, str]] = []

    @property
    def is_main(self) -> bool:
        return self._accelerator.is_main_process

    def run(self) -> bool:
        """:returns: False where it was stopped before its end. :raises Fault:"""
        step = self._go_on()
        plan = self._plan
        if step % plan.evaluate_every == 0 and step < plan.steps and not self._evaluate(step):
            return False
        self._model.train()
        started, first = time.monotonic(), step
        ahead = self._read(step) if step < plan.steps else None
        while ahead is not None:
            batches = ahead.result()
            ahead = self._read(step + 1) if step + 1 < plan.steps else None
            loss, is_stopped = self._step(step, batches)
            step += 1
            self._tell_step(step, loss, (time.monotonic() - started) / (step - first))
            # Before an evaluation, which takes long and may fail: nothing that was learnt hangs on it.
            is_due = step % plan.save_every == 0 or step == plan.steps
            if is_due or is_stopped:
                self._save(step)
            if is_stopped:
                return False
            if step % plan.evaluate_every == 0 and step < plan.steps and not self._evaluate(step):
                if not is_due:
                    self._save(step)
                return False
        if not self._evaluate(step) or not self._evaluate_training_lines(step):
            return False
        save_result(self._accelerator, self._model, self._processor, plan)
        return True

    def close(self) -> None:
        self._reader.shutdown(wait=False, cancel_futures=True)
        self._accelerator.end_training()

    def _go_on(self) -> int:
        """The step that comes next, with everything as it was before it."""
        checkpoint = self._out.last_checkpoint()
        step = 0 if checkpoint is None else step_of(checkpoint)
        if checkpoint is not None:
            checkpoints.load(self._accelerator, checkpoint)
        # Every process has to have looked before the log is cut.
        self._accelerator.wait_for_everyone()
        if self.is_main:
            for record in self._out.forget_after(step):
                self._events.repeat({**record, "past": True})
                if record["event"] == "step" and record["step"] > step - step % self._plan.steps_in_epoch:
                    self._epoch_losses.append(record.get("loss") or 0.0)
                if record["event"] == "eval":
                    self._judged.append((record["step"], record.get("set")))
        # What one process leaves out, all leave out.
        self._judged = broadcast_object_list([self._judged])[0]
        return step

    def _is_stopped(self) -> bool:
        """Whether any process was told to stop; all of them ask at once."""
        wanted = torch.tensor([float(self._stop.is_wanted)])
        return self._accelerator.reduce(wanted.to(self._accelerator.device)).item() > 0

    def _read(self, step: int) -> Future[list[tuple[dict[str, Any], bool]]]:
        """The own batches of a step, read while the one before is computed; False beside one that only keeps the others company."""
        plan, accelerator = self._plan, self._accelerator
        examples = examples_of_step(len(plan.lines), plan.step_size, plan.settings.seed, step)
        own = shares(examples, accelerator.process_index, accelerator.num_processes, plan.settings.batch)

        def read() -> list[tuple[dict[str, Any], bool]]:
            return [(training_batch(self._processor, [plan.lines[index] for index in indices or examples[:1]]), bool(indices)) for indices in own]

        return self._reader.submit(read)

    def _step(self, step: int, batches: Sequence[tuple[dict[str, Any], bool]]) -> tuple[float, bool]:
        """:returns: the mean loss of the step's tokens over all devices, and whether any process was told to stop."""
        plan, accelerator = self._plan, self._accelerator
        settings = plan.settings
        counted = torch.tensor([sum(count_tokens(batch) for batch, counts in batches if counts), float(self._stop.is_wanted)])
        tokens, stops = accelerator.reduce(counted.to(accelerator.device)).tolist()
        rate = rate_at(step, plan.steps, settings.rate_of(plan.method), settings.warmup, settings.schedule)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        summed_loss = torch.zeros((), device=accelerator.device)
        for turn, (batch, counts) in enumerate(batches):
            # Gradients meet once a step.
            is_last = turn == len(batches) - 1
            with contextlib.nullcontext() if is_last else accelerator.no_sync(self._model):
                summed, _ = loss_sum(self._model, to_device(batch, accelerator))
                part = summed * (float(counts) / max(1.0, tokens))
                summed_loss += part.detach()
                # Devices take the mean of their gradients.
                accelerator.backward(part * accelerator.num_processes)
        if settings.clip > 0:
            accelerator.clip_grad_norm_(self._trained, settings.clip)
        self._optimizer.step()
        self._optimizer.zero_grad()
        loss = accelerator.reduce(summed_loss).item()
        if not math.isfinite(loss):
            raise Fault("lossNotFinite", f"The loss is no number any more after step {step + 1}. Lower learningRate in the settings, and train in a new folder.")
        return loss, stops > 0

    def _tell_step(self, step: int, loss: float, seconds: float) -> None:
        plan = self._plan
        rate = self._optimizer.param_groups[0]["lr"]
        self._tell("step", step=step, steps=plan.steps, loss=round(loss, 6), learningRate=rate, secondsLeft=round(seconds * (plan.steps - step), 1))
        self._epoch_losses.append(loss)
        if step % plan.steps_in_epoch == 0:
            mean = sum(self._epoch_losses) / len(self._epoch_losses)
            self._epoch_losses = []
            self._tell("epoch", epoch=step // plan.steps_in_epoch, epochs=plan.settings.epochs, step=step, loss=round(mean, 6))

    def _evaluate(self, step: int) -> bool:
        """:returns: False where it was stopped."""
        return not self._plan.valid or self._judge(step, "valid", self._plan.valid)

    def _evaluate_training_lines(self, step: int) -> bool:
        """Beside the held-out lines they show whether the model has learnt the task or the lines. :returns: False where it was stopped."""
        count = len(self._plan.valid[: self._plan.settings.evaluate_lines])
        return count == 0 or self._judge(step, "train", self._plan.lines[:count])

    def _judge(self, step: int, which: str, lines: Sequence[Line]) -> bool:
        if (step, which) in self._judged:
            return True
        settings = self._plan.settings
        loss = evaluation.mean_loss(self._accelerator, self._model, self._processor, lines, settings.batch, self._is_stopped)
        if loss is None:
            return False
        asked = lines[: settings.evaluate_lines] if evaluation.can_answer(self._accelerator) else []
        most_tokens = self._longest + _ROOM_TOKENS
        given = evaluation.answers(self._accelerator, self._model, self._processor, asked, most_tokens, self._is_stopped)
        if given is None:
            return False
        exact = sum(answer == line.suffix for line, answer in zip(asked, given))
        self._tell("eval", step=step, set=which, loss=round(loss, 6), exact=exact, lines=len(asked))
        if which == "valid":
            for line, answer in list(zip(asked, given))[: settings.samples]:
                self._tell("sample", step=step, image=line.images[0], prefix=_shown(line.prefix), expected=_shown(line.suffix), answer=_shown(answer))
        return True

    def _save(self, step: int) -> None:
        kept = checkpoints.save(self._accelerator, self._out, step)
        self._tell("saved", step=step, path=str(kept))

    def _tell(self, event: str, **fields: Any) -> None:
        if self.is_main:
            self._out.remember(self._events.send(event, **fields))


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
