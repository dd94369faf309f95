"""Compares the lean forward pass of training with transformers, and its pixels with the processor's, on one page.

    python -m screens.check_parity
"""
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import AutoProcessor, PaliGemmaForConditionalGeneration

from screens.examples import Limits, tiles
from screens.model import FINAL_CAP, PATCH_VALUES, decode_block, image_features
from screens.places import MODEL
from screens.tiles import PATCH_PX, PATCHES, patches_of


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    model = PaliGemmaForConditionalGeneration.from_pretrained(MODEL, dtype=torch.float32, attn_implementation='eager').eval()
    processor = AutoProcessor.from_pretrained(MODEL)
    tile = next(tiles('val', np.random.default_rng(3), lambda: Limits(100)))
    inputs = processor(text='<image>ocr', images=[Image.fromarray(tile.pixels)], suffix=tile.answers['ocr'], return_tensors='pt')
    expected = model(**inputs).logits[0]

    pixels = torch.from_numpy(patches_of(tile.pixels).copy())[None].float() / 127.5 - 1
    theirs = inputs['pixel_values'].unfold(2, PATCH_PX, PATCH_PX).unfold(3, PATCH_PX, PATCH_PX)
    theirs = theirs.permute(0, 2, 3, 1, 4, 5).reshape(1, PATCHES, PATCH_VALUES)
    print('pixels differ by', (pixels - theirs).abs().max().item())

    table = model.model.language_model.embed_tokens.weight
    image_rows = model.model.multi_modal_projector.linear(image_features(model, pixels))
    x = torch.cat([image_rows, F.embedding(inputs['input_ids'][:, PATCHES:], table) * table.shape[1] ** .5], 1)
    at = torch.arange(x.shape[1])
    prefix = int((inputs['token_type_ids'] == 0).sum())
    mask = ((at[None] < prefix) | (at[:, None] >= at[None]))[None, None]
    for is_capped in (True, False):
        hidden = decode_block(model, x, mask, at[None] + 1, is_capped=is_capped)[0]
        given = FINAL_CAP * torch.tanh(hidden @ table.T / FINAL_CAP)
        print('logits differ by', (given - expected).abs().max().item(), 'of', expected.abs().max().item(), 'with' if is_capped else 'without', 'the cap')


if __name__ == '__main__':
    main()
