"""Answers of a checkpoint as transformers gives them: greedy, float32, eager attention."""
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
def answer(model, processor, pictures, prompt, max_new_tokens=LONGEST_ANSWER):
    """pictures: uint8 arrays [224, 224, 3] -> texts."""
    texts = []
    for start in range(0, len(pictures), BATCH):
        images = [[Image.fromarray(pixels)] for pixels in pictures[start:start + BATCH]]
        inputs = processor(text=[f'<image>{prompt}'] * len(images), images=images, return_tensors='pt')
        ids = model.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
        texts += processor.tokenizer.batch_decode(ids[:, inputs['input_ids'].shape[1]:], skip_special_tokens=True)
    return texts
