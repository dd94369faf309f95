import dataclasses
import logging
import sys
import types
import unittest
from typing import Any
from unittest import mock

from paligemma_prefix_mask import cpu, support

logger = logging.getLogger("test.cpu")


class NonCausalRequests(unittest.TestCase):
    """A step is told by where each request's tokens start in the batch, and by how long each request is after the step."""

    def test_whole_prompts_and_nothing_else(self):
        # Request 0 computes its prompt of 6, request 1 one token of an answer, request 2 has no picture.
        whole, mixed = cpu.non_causal_requests({0: [(0, 5)], 1: [(0, 5)], 2: []}, [0, 6, 7, 12], [6, 9, 5])
        self.assertEqual((whole, mixed), ([0], []))

    def test_a_first_token_of_the_answer_is_causal(self):
        self.assertEqual(cpu.non_causal_requests({0: [(0, 5)]}, [0, 1], [7]), ([], []))

    def test_parts_of_a_prompt_are_told(self):
        self.assertEqual(cpu.non_causal_requests({0: [(0, 5)]}, [0, 3], [3]), ([], [0]), "the first part")
        self.assertEqual(cpu.non_causal_requests({0: [(0, 5)]}, [0, 3], [6]), ([], [0]), "the last part")
        self.assertEqual(cpu.non_causal_requests({0: [(0, 5)]}, [0, 9], [9]), ([], [0]), "prompt and answer, after a preemption")

    def test_rows_of_padding_are_left_out(self):
        self.assertEqual(cpu.non_causal_requests({0: [(0, 5)], 3: [(0, 5)]}, [0, 6], [6]), ([0], []))


class Tensor(list):
    def tolist(self):
        return list(self)

    def __getitem__(self, key):
        item = super().__getitem__(key)
        return Tensor(item) if isinstance(key, slice) else item


@dataclasses.dataclass
class Metadata:
    query_start_loc_cpu: Any
    seq_lens: Any
    num_reqs: int
    mm_req_doc_ranges: Any
    causal: Any = True


def builder_class():
    class Builder:
        def build(self, common_prefix_len, common_attn_metadata, fast_build=False):
            return common_attn_metadata.causal

    return Builder


def fake_torch():
    torch = types.ModuleType("torch")
    torch.int32 = "int32"
    torch.ones = lambda count, dtype: [1] * count
    return mock.patch.dict(sys.modules, {"torch": torch})


class Install(unittest.TestCase):
    def causal(self, metadata):
        builder = builder_class()
        cpu.install(builder, Metadata, logger)
        with fake_torch():
            return builder().build(0, metadata, fast_build=True)

    def test_a_step_with_a_prompt_gets_a_flag_for_each_request(self):
        self.assertEqual(self.causal(Metadata(Tensor([0, 1, 7]), Tensor([9, 6]), 2, {0: [(0, 5)], 1: [(0, 5)]})), [1, 0])

    def test_a_step_without_one_stays_as_it_was(self):
        self.assertIs(self.causal(Metadata(Tensor([0, 1]), Tensor([9]), 1, {0: [(0, 5)]})), True)
        self.assertIs(self.causal(Metadata(Tensor([0, 6]), Tensor([6]), 1, None)), True)
        self.assertIs(self.causal(Metadata(Tensor([0, 6]), Tensor([6]), 1, {0: [(0, 5)]}, causal=False)), False)

    def test_a_split_prompt_is_warned_about(self):
        with self.assertLogs(logger, "WARNING") as logged:
            self.assertIs(self.causal(Metadata(Tensor([0, 3]), Tensor([3]), 1, {0: [(0, 5)]})), True)
        self.assertIn("VLLM_CPU_KVCACHE_SPACE", logged.output[0])

    def test_a_second_call_changes_nothing(self):
        builder = builder_class()
        cpu.install(builder, Metadata, logger)
        once = builder.build
        cpu.install(builder, Metadata, logger)
        self.assertIs(builder.build, once)

    def test_refuses_other_classes(self):
        with self.assertRaisesRegex(support.UnsupportedVllm, "CPUAttentionMetadataBuilder.build is missing"):
            cpu.install(object, Metadata, logger)

        @dataclasses.dataclass
        class Older:
            causal: bool

        with self.assertRaisesRegex(support.UnsupportedVllm, "CommonAttentionMetadata has no field query_start_loc_cpu"):
            cpu.install(builder_class(), Older, logger)
