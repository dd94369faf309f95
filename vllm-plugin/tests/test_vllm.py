"""With a real vLLM in the environment: its own classes are what the plugin takes them for."""

import importlib.util
import unittest


class RealVllm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if importlib.util.find_spec("vllm") is None:
            raise unittest.SkipTest("vLLM is not installed here; npm run test:engine brings one")

    def test_the_entry_point_registers_the_model(self):
        import paligemma_prefix_mask
        from vllm import ModelRegistry

        paligemma_prefix_mask.register()
        registered = ModelRegistry.models["PaliGemmaForConditionalGeneration"]
        self.assertEqual(f"{registered.module_name}:{registered.class_name}", paligemma_prefix_mask.MODEL_CLASS)

    def test_the_model_is_built_on_what_is_there(self):
        from paligemma_prefix_mask import cpu, model, ranges
        from vllm.multimodal.inputs import PlaceholderRange
        from vllm.v1.attention.backend import CommonAttentionMetadata
        from vllm.v1.attention.backends.cpu_attn import CPUAttentionMetadataBuilder

        self.assertIs(model.PrefixMaskPaliGemma._processor_factory.processor, model.PrefixMaskProcessor)
        ranges.install(PlaceholderRange)
        cpu.install(CPUAttentionMetadataBuilder, CommonAttentionMetadata, model.logger)

    def test_a_prompt_span_is_one_range_that_takes_embeddings_for_the_image_only(self):
        import torch
        from paligemma_prefix_mask import ranges
        from vllm.multimodal.inputs import PlaceholderRange

        ranges.install(PlaceholderRange)
        length, is_image = ranges.prompt_span([7, 7, 7, 2, 5, 108], 7)
        span = PlaceholderRange(offset=0, length=length, is_embed=torch.tensor(is_image))
        self.assertEqual(span.extract_embeds_range(), [(0, 5)])
        self.assertEqual(span.get_num_embeds(), 3)
        other = PlaceholderRange(offset=2, length=3, is_embed=torch.tensor([False, True, True]))
        self.assertEqual(other.extract_embeds_range(), [(3, 4)])
