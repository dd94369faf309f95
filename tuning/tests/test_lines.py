import json
import os
import tempfile
import unittest
from pathlib import Path

from paligemma_tune.fault import Fault
from paligemma_tune.lines import read_lines

from .examples import write_lines


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def one(self, record):
        return read_lines(write_lines(self.folder, [record]))[0]

    def fault(self, *records):
        with self.assertRaises(Fault) as fault:
            read_lines(write_lines(self.folder, list(records)))
        return list(fault.exception.sentences)


class Forms(Folder):
    def test_a_path_is_meant_from_where_the_file_lies(self):
        line = self.one({"image": "pictures/a.png", "prefix": "caption en", "suffix": "a bus", "id": 7})
        self.assertEqual((line.images, line.paths), (("pictures/a.png",), (self.folder / "pictures/a.png",)))
        self.assertEqual((line.number, line.prefix, line.suffix), (1, "caption en", "a bus"))

    def test_several_pictures(self):
        texts = {"prefix": "answer en same?", "suffix": "no"}
        for pictures in ({"image": ["a", "b"]}, {"images": ["a", "b"]}, {"image_left": "a", "image_right": "b"}, {"file_names": ["a", "b"]}):
            with self.subTest(pictures=pictures):
                self.assertEqual(self.one({**pictures, **texts}).images, ("a", "b"))

    def test_other_names_for_prompt_and_answer(self):
        said = [
            {"prompt": "caption en", "completion": "a bus"},
            {"messages": [{"role": "user", "content": "<image>caption en"}, {"role": "assistant", "content": "a bus"}]},
            {"conversations": [{"from": "human", "value": "<image>\ncaption en"}, {"from": "gpt", "value": "a bus"}]},
        ]
        for texts in said:
            with self.subTest(texts=texts):
                line = self.one({"file_name": "a.png", **texts})
                self.assertEqual((line.prefix, line.suffix), ("caption en", "a bus"))

    def test_what_is_written_stays_but_for_the_line_break_that_comes_by_itself(self):
        line = self.one({"image": "a", "prefix": "OCR \n", "suffix": " Ää\n"})
        self.assertEqual((line.prefix, line.suffix), ("OCR ", " Ää\n"))

    def test_marks_of_a_file_and_blank_lines_are_nothing(self):
        file = self.folder / "train.jsonl"
        record = json.dumps({"image": "a", "prefix": "", "suffix": ""})
        file.write_bytes(b"\xef\xbb\xbf" + f"{record}\r\n\r\n{record}".encode())
        self.assertEqual([line.number for line in read_lines(file)], [1, 3])


class Faults(Folder):
    def test_each_is_told_with_the_number_of_its_line(self):
        good = {"image": "a.png", "prefix": "p", "suffix": "s"}
        sentences = self.fault(good, [1], {"prefix": "p", "suffix": "s"}, {"image": "a.png"}, {**good, "suffix": 3}, good)
        self.assertEqual([sentence.split(":")[0] for sentence in sentences], [f"Line {number} of train.jsonl" for number in (2, 3, 4, 5)])

    def test_five_are_told_and_the_others_counted(self):
        sentences = self.fault(*[[]] * 9)
        self.assertEqual(len(sentences), 6)
        self.assertEqual(sentences[5], "4 more lines are not right.")

    def test_marks_that_the_processor_writes_are_refused(self):
        for prefix, suffix in (("<bos>caption en", "a"), ("caption en", "a<eos>"), ("caption en", "an <image> tag")):
            with self.subTest(prefix=prefix, suffix=suffix):
                self.assertIn("is written automatically", self.fault({"image": "a", "prefix": prefix, "suffix": suffix})[0])

    def test_a_picture_of_another_machine_is_not_even_looked_for(self):
        for image in ("//host/share/a.png", "\\\\host\\share\\a.png", "https://host/a.png", "file://host/a.png", "a\0.png"):
            with self.subTest(image=image):
                self.assertIn("is not a path on this machine", self.fault({"image": image, "prefix": "", "suffix": ""})[0])

    def test_a_long_conversation_is_refused(self):
        turns = [{"role": role, "content": "x"} for role in ("user", "assistant", "user", "assistant")]
        self.assertIn("one question and one answer", self.fault({"image": "a", "messages": turns})[0])
        self.assertIn("not a text", self.fault({"image": "a", "messages": [{"role": "user", "content": [1]}]})[0])

    def test_nothing_and_no_file_are_told(self):
        self.assertIn("holds no line", self.fault()[0])
        with self.assertRaisesRegex(Fault, "cannot be read"):
            read_lines(self.folder / "none.jsonl")
        with self.assertRaisesRegex(Fault, "not text in UTF-8"):
            file = self.folder / "latin.jsonl"
            file.write_bytes(b"\xe4")
            read_lines(file)

    def test_brackets_without_end_are_no_example(self):
        file = self.folder / "deep.jsonl"
        file.write_text("[" * 100_000)
        with self.assertRaisesRegex(Fault, "Line 1 of deep.jsonl"):
            read_lines(file)


class Files(Folder):
    @unittest.skipUnless(hasattr(os, "mkfifo"), "this system has no pipes with names")
    def test_a_pipe_is_refused_and_not_waited_for(self):
        pipe = self.folder / "lines.jsonl"
        os.mkfifo(pipe)
        with self.assertRaises(Fault) as fault:
            read_lines(pipe)
        self.assertIn("a pipe", fault.exception.sentences[0])
