import errno
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from paligemma_tune import base, packages
from paligemma_tune.events import Events
from paligemma_tune.fault import Fault
from paligemma_tune.main import explain

from .examples import DEMO


class Packages(unittest.TestCase):
    def missing(self, installed, method="lora"):
        with mock.patch.object(packages, "_installed", installed.get):
            return packages.missing_packages(method)

    def test_each_missing_one_is_told_with_its_cure(self):
        new = {name: "99.0" for name in packages.needed("qlora")}
        self.assertEqual(self.missing(new), [])
        sentences = self.missing({**new, "torch": None, "peft": "0.3.1"})
        self.assertEqual(len(sentences), 3)
        self.assertRegex(sentences[0], r" lacks torch\.$")
        self.assertRegex(sentences[1], r"^peft 0\.3\.1 is too old, 0\.18 or newer is needed \(")
        self.assertRegex(sentences[2], r'-m pip install -r ".*requirements\.txt"\.$')

    def test_bits_are_asked_for_where_they_are_used_only(self):
        without = {name: "99.0" for name in packages.needed("lora")}
        self.assertEqual(self.missing(without, "lora"), [])
        self.assertRegex(" ".join(self.missing(without, "qlora")), " lacks bitsandbytes.*requirements-qlora")

    def test_a_version_of_ones_own_counts_as_new(self):
        self.assertEqual(packages.release_of("2.15.0+cpu"), (2, 15))
        self.assertGreater(packages.release_of("main"), (99, 0))


class Base(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, **files):
        for name, value in files.items():
            (self.folder / name.replace("__", ".")).write_text(value if isinstance(value, str) else json.dumps(value))

    def refusal(self):
        with self.assertRaises(Fault) as fault:
            base.find_base(str(self.folder))
        return str(fault.exception)

    def test_the_demo_model_can_be_trained(self):
        self.assertEqual(base.find_base(str(DEMO)), DEMO)

    def test_each_thing_that_is_missing_has_its_sentence(self):
        self.assertIn("no readable config.json", self.refusal())
        self.write(adapter_config__json={})
        self.assertIn("it is an adapter", self.refusal())
        self.write(config__json={"model_type": "llava"})
        self.assertIn("of type llava", self.refusal())
        self.write(config__json={"model_type": "paligemma", "quantization_config": {}})
        self.assertIn("quantized", self.refusal())
        self.write(config__json={"model_type": "paligemma"})
        self.assertIn("no preprocessor_config.json", self.refusal())
        self.write(preprocessor_config__json={}, tokenizer__json={})
        self.assertIn("model.safetensors are not there", self.refusal())
        self.write(model__safetensors="version https://git-lfs.github.com/spec/v1\noid 1")
        self.assertIn("pointer of Git LFS", self.refusal())
        (self.folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "model-2.safetensors"}}))
        self.assertIn("model-2.safetensors are not there", self.refusal())

    def test_what_is_no_folder_is_told_without_asking_the_net(self):
        with self.assertRaisesRegex(Fault, "There is no folder"):
            base.find_base(str(self.folder / "none"))


class Words(unittest.TestCase):
    def test_numbers_without_a_word_in_json_are_null(self):
        stream = io.StringIO()
        Events(stream).send("step", loss=float("nan"), text="ä\n")
        self.assertEqual(stream.getvalue(), '{"event": "step", "loss": null, "text": "ä\\n"}\n')

    def test_a_reader_that_went_away_is_no_failure(self):
        class Gone(io.StringIO):
            def write(self, _text):
                raise BrokenPipeError

        events = Events(Gone())
        events.send("step")
        events.send("step")

    def test_what_libraries_throw_is_told_with_its_cure(self):
        self.assertEqual(explain(OSError(errno.ENOSPC, "x"), "/out")[0], "diskFull")
        self.assertEqual(explain(RuntimeError("I/O error: No space left on device (os error 28)"), "/out")[0], "diskFull")
        self.assertEqual(explain(RuntimeError("CUDA out of memory. Tried"), "/out")[0], "outOfMemory")
        self.assertEqual(explain(PermissionError(13, "x", "/out/a"), "/out")[0], "folderUnwritable")
        self.assertEqual(explain(KeyError("k"), "/out"), ("internal", "The training failed: KeyError: 'k'. What it wrote before says more."))
