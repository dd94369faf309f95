"""Answers of a checkpoint as transformers gives them: greedy, float32, eager attention."""
import collections

import torch
from PIL import Image
from transformers import AutoProcessor, PaliGemmaForConditionalGeneration

from screens.export import LONGEST_ANSWER

BATCH = 32


def load_model(folder):
    """(model, processor)."""
    model = PaliGemmaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation='eager').eval()
    return model, AutoProcessor.from_pretrained(folder)


@torch.inference_mode()
def answer(model, processor, jobs, max_new_tokens=LONGEST_ANSWER):
    """jobs: [(uint8 [224, 224, 3], prompt)] -> texts. Batches hold prompts of one token length, so that nothing is padded."""
    groups, texts = collections.defaultdict(list), [None] * len(jobs)
    for i, (_, prompt) in enumerate(jobs):
        groups[len(processor.tokenizer(prompt).input_ids)].append(i)
    for group in groups.values():
        for start in range(0, len(group), BATCH):
            chosen = group[start:start + BATCH]
            inputs = processor(text=[f'<image>{jobs[i][1]}' for i in chosen], images=[[Image.fromarray(jobs[i][0])] for i in chosen],
                               return_tensors='pt')
            ids = model.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
            given = processor.tokenizer.batch_decode(ids[:, inputs['input_ids'].shape[1]:], skip_special_tokens=True)
            for i, text in zip(chosen, given):
                texts[i] = text
    return texts
