"""The real thing on the demo model, a few steps of it; skipped where PyTorch is not installed."""

import json
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from paligemma_tune.fault import Fault

from .examples import DEMO, LACKING, WHY_NOT, write_lines, write_pictures

TUNE = Path(__file__).resolve().parents[1] / "tune.py"


@unittest.skipIf(LACKING, WHY_NOT)
class Batches(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from paligemma_tune.lines import read_lines
        from paligemma_tune.model import load_processor

        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        place = Path(folder.name)
        pictures = write_pictures(place, 2)
        records = [
            {"image": pictures[0], "prefix": "answer en what?", "suffix": "red"},
            {"image": pictures, "prefix": "", "suffix": "a red star and a blue ring"},
        ]
        cls.lines = read_lines(write_lines(place, records))
        cls.processor = load_processor(DEMO)

    def test_the_prompt_sees_itself_and_only_the_answer_is_learnt(self):
        from paligemma_tune.batches import IGNORED, training_batch

        batch = training_batch(self.processor, self.lines[:1])
        ids, types, labels = (batch[name][0].tolist() for name in ("input_ids", "token_type_ids", "labels"))
        answer = self.processor.tokenizer("red", add_special_tokens=False)["input_ids"] + [self.processor.tokenizer.eos_token_id]
        self.assertEqual([token for token, kind in zip(ids, types) if kind == 1], answer)
        self.assertEqual([token for token in labels if token != IGNORED], answer)
        self.assertTrue(all((label == IGNORED) == (kind == 0) for label, kind in zip(labels, types)))
        newline = self.processor.tokenizer("\n", add_special_tokens=False)["input_ids"][-1]
        self.assertEqual(ids[types.index(1) - 1], newline)

    def test_two_pictures_take_twice_the_tokens(self):
        from paligemma_tune.batches import training_batch

        counts = [int((training_batch(self.processor, [line])["input_ids"] == self.processor.image_token_id).sum()) for line in self.lines]
        self.assertEqual(counts[1], 2 * counts[0])

    def test_a_line_that_is_too_long_is_refused_by_its_number(self):
        from paligemma_tune.batches import check_lengths

        longest = check_lengths(self.processor, self.lines, 512)
        self.assertGreater(longest, 2)
        with self.assertRaisesRegex(Fault, r"^Line 2 has \d+ tokens, more than maxTokens \(8\)"):
            check_lengths(self.processor, self.lines[1:], 8)

    def test_the_loss_is_that_of_transformers(self):
        import torch
        from transformers import PaliGemmaForConditionalGeneration

        from paligemma_tune.batches import training_batch
        from paligemma_tune.loss import loss_sum

        model = PaliGemmaForConditionalGeneration.from_pretrained(DEMO, dtype=torch.float32).eval()
        batch = training_batch(self.processor, [self.lines[0], self.lines[0]])
        with torch.no_grad():
            summed, tokens = loss_sum(model, batch)
            expected = model(**batch).loss.item()
        self.assertAlmostEqual(summed.item() / tokens, expected, places=4)


@unittest.skipIf(LACKING, WHY_NOT)
class Adapting(unittest.TestCase):
    def trained(self, method, **chosen):
        import torch
        from transformers import PaliGemmaForConditionalGeneration

        from paligemma_tune.model import adapt
        from paligemma_tune.settings import Settings

        model = adapt(PaliGemmaForConditionalGeneration.from_pretrained(DEMO, dtype=torch.float32), method, Settings(**chosen))
        return [name for name, parameter in model.named_parameters() if parameter.requires_grad]

    def test_a_lora_keeps_to_the_parts_that_are_named(self):
        decoder = self.trained("lora")
        self.assertTrue(decoder and all("language_model" in name and "lora_" in name for name in decoder))
        self.assertTrue(all("vision_tower" in name for name in self.trained("lora", targets=("tower",))))
        self.assertEqual(len(self.trained("lora", targets=("projector",))), 2)

    def test_of_the_whole_model_parts_can_be_left_out(self):
        parts = {part: self.trained("full", targets=(part,)) for part in ("decoder", "projector", "tower")}
        self.assertEqual(sorted(sum(parts.values(), [])), sorted(self.trained("full")))
        self.assertTrue(all(parts.values()))


@unittest.skipIf(LACKING, WHY_NOT)
class Trainings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        records = [{"image": name, "prefix": "answer en which?", "suffix": f"answer {name[0]}"} for name in write_pictures(self.folder, 4)]
        self.data = write_lines(self.folder, records)
        self.settings = self.folder / "settings.json"
        chosen = {"epochs": 2, "batch": 2, "accumulate": 1, "learningRate": 0.004, "dropout": 0.2, "threads": 1, "samples": 1, "evaluateLines": 2}
        self.settings.write_text(json.dumps(chosen))

    def train(self, out, method="lora", stop_after=None, kill_at=None):
        command = [sys.executable, str(TUNE), str(self.data), "--model", str(DEMO), "--out", str(self.folder / out), "--method", method]
        command += ["--valid", str(self.data), "--settings", str(self.settings)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
            events = []
            for line in process.stdout:
                events.append(json.loads(line))
                if events[-1]["event"] == "step" and events[-1]["step"] == stop_after:
                    process.send_signal(signal.SIGINT)
                if events[-1]["event"] == "saved" and events[-1]["step"] == kill_at:
                    process.kill()
            process.stderr.read()
            return process.wait(), events

    @unittest.skipIf(sys.platform == "win32", "Windows sends no signal to one process")
    def test_one_that_was_stopped_goes_on_to_the_very_same_weights(self):
        code, events = self.train("whole")
        self.assertEqual((code, events[-1]["event"]), (0, "done"))
        self.assertFalse((self.folder / "whole" / "checkpoints").exists())
        code, events = self.train("parts", stop_after=1)
        self.assertEqual((code, events[-1]["event"]), (130, "stopped"))
        code, events = self.train("parts")
        self.assertEqual(code, 0)
        past = [event["step"] for event in events if event["event"] == "step" and event.get("past")]
        self.assertEqual([event["step"] for event in events if event["event"] == "step"], [1, 2, 3, 4])
        self.assertIn(past, ([1], [1, 2]))
        weights = [(self.folder / out / "adapter_model.safetensors").read_bytes() for out in ("whole", "parts")]
        self.assertEqual(*weights)

    @unittest.skipIf(sys.platform == "win32", "Windows sends no signal to one process")
    def test_what_ends_the_last_evaluation_costs_no_step(self):
        _, whole = self.train("whole")
        for ends in ({"kill_at": 4}, {"stop_after": 4}):
            out = "-".join(ends)
            code, events = self.train(out, **ends)
            self.assertNotEqual(code, 0)
            self.assertEqual([event["step"] for event in events if event["event"] == "saved"][-1], 4)
            code, events = self.train(out)
            self.assertEqual(code, 0)
            self.assertEqual([event["step"] for event in events if event["event"] == "step" and not event.get("past")], [])
            judged = [(event["step"], event["set"], event["exact"]) for event in events if event["event"] == "eval"]
            self.assertEqual(judged, [(event["step"], event["set"], event["exact"]) for event in whole if event["event"] == "eval"])
            weights = [(self.folder / name / "adapter_model.safetensors").read_bytes() for name in ("whole", out)]
            self.assertEqual(*weights)

    def test_the_whole_model_leaves_a_checkpoint_with_its_processor(self):
        code, events = self.train("full", "full")
        self.assertEqual((code, events[-1]["kind"]), (0, "checkpoint"))
        from paligemma_tune.base import find_base

        self.assertEqual(find_base(str(self.folder / "full")), (self.folder / "full").resolve())
