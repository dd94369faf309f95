import tempfile
import unittest
from pathlib import Path

from paligemma_tune.fault import Fault
from paligemma_tune.out_folder import OutFolder, identity_of
from paligemma_tune.settings import Settings


class Out(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name, "train.jsonl")
        self.data.write_text("one\n")
        self.path = Path(folder.name, "out")

    def identity(self, settings=Settings(), method="lora", valid=None):
        return identity_of(Path("/base"), method, settings.as_json(), self.data, valid, 1)

    def begun(self, state="running"):
        out = OutFolder(self.path)
        out.open({"state": state, **self.identity()})
        self.addCleanup(out.close)
        return out

    def test_a_new_or_empty_folder_is_free(self):
        self.assertEqual(OutFolder(self.path).check(self.identity()), 0)
        self.path.mkdir()
        self.assertEqual(OutFolder(self.path).check(self.identity()), 0)

    def test_a_folder_of_something_else_is_refused(self):
        self.path.mkdir()
        (self.path / "thesis.txt").write_text("mine")
        with self.assertRaisesRegex(Fault, "is not empty"):
            OutFolder(self.path).check(self.identity())
        self.assertEqual((self.path / "thesis.txt").read_text(), "mine")

    def test_the_same_training_goes_on_from_its_last_checkpoint(self):
        out = self.begun()
        for step in (2, 10):
            (out.new_checkpoint(step) / "weights").write_text(str(step))
            out.keep_checkpoint(step)
        out.new_checkpoint(11)
        self.assertEqual(out.check(self.identity()), 10)
        self.assertEqual((out.last_checkpoint() / "weights").read_text(), "10")
        self.assertEqual(len(list((self.path / "checkpoints").glob("step-*"))), 1)

    def test_another_training_is_refused_with_what_differs(self):
        self.begun()
        with self.assertRaisesRegex(Fault, r"\(the method, epochs, learningRate\)"):
            OutFolder(self.path).check(self.identity(Settings(epochs=9, learning_rate=0.1), "full"))
        self.data.write_text("two\n")
        with self.assertRaisesRegex(Fault, r"\(the data\)"):
            OutFolder(self.path).check(self.identity())

    def test_what_decides_nothing_may_change(self):
        self.begun()
        self.assertEqual(OutFolder(self.path).check(self.identity(Settings(threads=3, save_every=1, samples=0))), 0)

    def test_a_complete_one_is_not_trained_again(self):
        self.begun("done")
        self.assertTrue(OutFolder(self.path).is_complete())
        with self.assertRaisesRegex(Fault, r"\(epochs\)"):
            OutFolder(self.path).check(self.identity(Settings(epochs=9)))

    def test_one_that_runs_or_never_began_is_not_complete(self):
        self.assertFalse(OutFolder(self.path).is_complete())
        self.begun()
        self.assertFalse(OutFolder(self.path).is_complete())

    def test_two_processes_do_not_train_in_one_folder(self):
        self.begun()
        with self.assertRaisesRegex(Fault, "Another process"):
            OutFolder(self.path).open({"state": "running"})

    def test_what_came_after_the_checkpoint_is_forgotten(self):
        out = self.begun()
        for step in (1, 2, 3):
            out.remember({"event": "step", "step": step})
        with (self.path / "tuning-log.jsonl").open("a") as log:
            log.write('{"event": "st')
        self.assertEqual([record["step"] for record in out.forget_after(2)], [1, 2])
        self.assertEqual([record["step"] for record in out.forget_after(9)], [1, 2])
