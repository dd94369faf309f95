import json
import tempfile
import unittest
from pathlib import Path

from paligemma_tune.fault import Fault
from paligemma_tune.settings import RANGES, Settings, parse_settings, read_settings


class Reading(unittest.TestCase):
    def test_without_a_file_the_defaults_hold(self):
        self.assertEqual(read_settings(None), Settings())

    def test_what_is_written_comes_back(self):
        own = {"epochs": 3, "learningRate": 0.002, "targets": ["decoder", "tower"], "gradientCheckpointing": False, "threads": None}
        settings = parse_settings(own, "s.json")
        self.assertEqual({name: settings.as_json()[name] for name in own}, {**own, "targets": ("decoder", "tower")})

    def test_all_that_is_wrong_is_told_at_once_with_what_is_meant(self):
        with self.assertRaises(Fault) as fault:
            parse_settings({"epoch": 3, "batch": 0, "accumulate": 1.5, "dropout": True, "targets": [], "precision": "f16"}, "s.json")
        self.assertEqual(
            list(fault.exception.sentences),
            [
                'There is no setting "epoch"; epochs is meant?',
                "batch takes a whole number from 1 to 4096, not 0.",
                "accumulate takes a whole number from 1 to 4096, not 1.5.",
                "dropout takes a number from 0 to 0.9, not true.",
                "targets takes a list of decoder, projector, tower, not [].",
                'precision takes one of auto, f32, bf16, not "f16".',
            ],
        )

    def test_a_file_that_is_no_object_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            for text in ("[1]", "{", "null"):
                file = Path(folder, "s.json")
                file.write_text(text)
                with self.subTest(text=text), self.assertRaises(Fault):
                    read_settings(file)

    def test_a_number_that_is_none_is_refused(self):
        for text in ("NaN", "Infinity"):
            with self.subTest(text=text), self.assertRaises(Fault):
                parse_settings(json.loads(f'{{"learningRate": {text}}}'), "s.json")

    def test_every_number_has_a_range(self):
        numbers = [name for name, value in Settings.__annotations__.items() if str(value).startswith(("int", "float"))]
        self.assertEqual(sorted(numbers), sorted(RANGES))


class Methods(unittest.TestCase):
    def test_each_has_its_own_rate_and_parts(self):
        self.assertEqual([Settings().rate_of(method) for method in ("lora", "qlora", "full")], [1e-4, 1e-4, 1e-5])
        self.assertEqual(Settings().targets_of("lora"), ("decoder",))
        self.assertEqual(Settings().targets_of("full"), ("decoder", "projector", "tower"))
        self.assertEqual(Settings(learning_rate=0.1, targets=("tower",)).rate_of("full"), 0.1)
