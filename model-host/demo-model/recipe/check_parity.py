"""Compares the lean forward pass of training with transformers, and its pixels with the processor's, on one scene.

    python check_parity.py [FOLDER]
"""
import random
import sys

import torch
import torch.nn.functional as F

from generate import load_model
from make_data import PATCHES, PATCH_PX, PATCH_VALUES, patches_of
from model import FINAL_CAP, decode_block, image_features
from paths import MODEL
from samples import sample


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    model, processor = load_model(sys.argv[1] if len(sys.argv) > 1 else MODEL)
    scene, answers = sample(random.Random(3), 'both')
    inputs = processor(text='<image>caption en', images=[scene.image], suffix=answers['caption en'], return_tensors='pt')
    expected = model(**inputs).logits[0]

    pixels = torch.from_numpy(patches_of(scene.image).copy())[None].float() / 127.5 - 1
    theirs = inputs['pixel_values'].unfold(2, PATCH_PX, PATCH_PX).unfold(3, PATCH_PX, PATCH_PX)
    theirs = theirs.permute(0, 2, 3, 1, 4, 5).reshape(1, PATCHES, PATCH_VALUES)
    print('pixels differ by', (pixels - theirs).abs().max().item())

    table = model.model.language_model.embed_tokens.weight
    image_rows = model.model.multi_modal_projector.linear(image_features(model, pixels))
    x = torch.cat([image_rows, F.embedding(inputs['input_ids'][:, PATCHES:], table) * table.shape[1] ** .5], 1)
    at = torch.arange(x.shape[1])
    prefix = int((inputs['token_type_ids'] == 0).sum())
    mask = ((at[None] < prefix) | (at[:, None] >= at[None]))[None, None]
    given = FINAL_CAP * torch.tanh(decode_block(model, x, mask, at[None] + 1)[0] @ table.T / FINAL_CAP)
    print('logits differ by', (given - expected).abs().max().item(), 'of', expected.abs().max().item())


if __name__ == '__main__':
    main()
