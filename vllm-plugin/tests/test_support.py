import dataclasses
import sys
import types
import unittest
from unittest import mock

import paligemma_prefix_mask
from paligemma_prefix_mask import support


class FakeRegistry:
    def __init__(self):
        self.models = {}

    def register_model(self, architecture, model):
        self.models[architecture] = model


def fake_vllm(version, registry):
    module = types.ModuleType("vllm")
    module.__version__ = version
    if registry is not None:
        module.ModelRegistry = registry
    return mock.patch.dict(sys.modules, {"vllm": module})


class Register(unittest.TestCase):
    def test_names_the_model_without_importing_it(self):
        registry = FakeRegistry()
        with fake_vllm("0.32.0+cpu", registry):
            paligemma_prefix_mask.register()
            paligemma_prefix_mask.register()  # vLLM may call it again
        self.assertEqual(registry.models, {"PaliGemmaForConditionalGeneration": "paligemma_prefix_mask.model:PrefixMaskPaliGemma"})
        self.assertNotIn("paligemma_prefix_mask.model", sys.modules)

    def test_refuses_another_release_with_a_cure(self):
        registry = FakeRegistry()
        for version in ("0.31.4", "0.33.0", "1.32.0", "0.3", "dev"):
            with self.subTest(version=version), fake_vllm(version, registry):
                with self.assertRaises(support.UnsupportedVllm) as refusal:
                    paligemma_prefix_mask.register()
                self.assertIn(f"here is vLLM {version}", str(refusal.exception))
                self.assertIn("vllm==0.32.*", str(refusal.exception))
                self.assertIn("VLLM_PLUGINS=none", str(refusal.exception))
        self.assertEqual(registry.models, {})

    def test_refuses_a_vllm_without_what_it_registers_with(self):
        with fake_vllm("0.32.0", None), self.assertRaisesRegex(support.UnsupportedVllm, "vllm.ModelRegistry is missing"):
            paligemma_prefix_mask.register()
        with fake_vllm("0.32.0", object()), self.assertRaisesRegex(support.UnsupportedVllm, "vllm.ModelRegistry has no register_model"):
            paligemma_prefix_mask.register()


class Release(unittest.TestCase):
    def test_is_the_first_two_numbers(self):
        self.assertEqual(support.release_of("0.32.0"), (0, 32))
        self.assertEqual(support.release_of("0.32.1rc2.dev3+g123.cu129"), (0, 32))
        self.assertEqual(support.release_of("1.0"), (1, 0))
        self.assertIsNone(support.release_of("0.32rc1"))
        self.assertIsNone(support.release_of("dev"))
        self.assertIsNone(support.release_of(""))


class Requirements(unittest.TestCase):
    def test_parameters_must_stand_first_and_in_order(self):
        def build(self, common_prefix_len, metadata, fast_build=False):
            pass

        support.require_parameters("build", build, ["self", "common_prefix_len"])
        with self.assertRaisesRegex(support.UnsupportedVllm, r"build takes \(self, common_prefix_len, metadata, fast_build\) instead of \(self, metadata, …\)"):
            support.require_parameters("build", build, ["self", "metadata"])
        with self.assertRaisesRegex(support.UnsupportedVllm, "build is missing"):
            support.require_parameters("build", None, [])

    def test_fields(self):
        @dataclasses.dataclass
        class Metadata:
            causal: bool

        support.require_fields("Metadata", Metadata, ["causal"])
        with self.assertRaisesRegex(support.UnsupportedVllm, "Metadata has no field seq_lens"):
            support.require_fields("Metadata", Metadata, ["causal", "seq_lens"])
        with self.assertRaisesRegex(support.UnsupportedVllm, "is not a dataclass"):
            support.require_fields("Metadata", object, [])
