import json
import logging
import os
import re
import unittest
from types import SimpleNamespace
from unittest import mock

from paligemma_prefix_mask import flags

logger = logging.getLogger("test.flags")


def config(*, context=1024, prefix_caching=False, chunked=False, batch=8192, window=4096):
    return SimpleNamespace(
        model_config=SimpleNamespace(max_model_len=context, hf_text_config=SimpleNamespace(sliding_window=window)),
        cache_config=SimpleNamespace(enable_prefix_caching=prefix_caching),
        scheduler_config=SimpleNamespace(enable_chunked_prefill=chunked, max_num_batched_tokens=batch),
    )


class Flags(unittest.TestCase):
    def test_good_flags_pass(self):
        self.assertEqual(flags.flag_faults(config()), [])
        self.assertEqual(flags.flag_faults(config(batch=1024, window=1024)), [])
        self.assertEqual(flags.flag_faults(config(window=None)), [])
        without_window = config()
        del without_window.model_config.hf_text_config.sliding_window
        self.assertEqual(flags.flag_faults(without_window), [])

    def test_each_fault_names_the_flag_that_cures_it(self):
        for fault, cure in [
            (config(prefix_caching=True), "--no-enable-prefix-caching"),
            (config(chunked=True), "--no-enable-chunked-prefill"),
            (config(batch=1023), "--max-num-batched-tokens 1024"),
            (config(window=1023), "--hf-overrides"),
        ]:
            with self.subTest(cure=cure):
                faults = flags.flag_faults(fault)
                self.assertEqual(len(faults), 1)
                self.assertIn(cure, faults[0])

    def test_the_window_that_it_proposes_is_json_and_holds_the_context(self):
        (fault,) = flags.flag_faults(config(context=8192))
        override = json.loads(re.search(r"'(\{.*\})'", fault).group(1))
        self.assertEqual(override, {"text_config": {"sliding_window": 8192}})
        self.assertEqual(flags.flag_faults(config(context=8192, window=override["text_config"]["sliding_window"])), [])

    def test_refuses_with_all_faults_in_one_sentence(self):
        with self.assertRaises(flags.UnsuitableFlags) as refusal:
            flags.check_flags(config(prefix_caching=True, chunked=True), logger)
        self.assertIn("--no-enable-prefix-caching", str(refusal.exception))
        self.assertIn("--no-enable-chunked-prefill", str(refusal.exception))

    def test_warns_only_where_the_environment_says_so(self):
        fault = config(prefix_caching=True)
        with mock.patch.dict(os.environ, {flags.CHECK_VARIABLE: "warn"}), self.assertLogs(logger, "WARNING") as logged:
            flags.check_flags(fault, logger)
        self.assertIn("--no-enable-prefix-caching", logged.output[0])
        with mock.patch.dict(os.environ, {flags.CHECK_VARIABLE: "off"}), self.assertRaises(flags.UnsuitableFlags):
            flags.check_flags(fault, logger)
