"""The mask codec: a mask of 64 x 64 becomes 4 x 4 codes out of 128, and back (a VQ-VAE with an averaged codebook).

Layers and tensor names are those of big_vision's `vae-oid.npz`; the layers are narrower.

    python mask_codec.py [MINUTES]      trains it: out/mask-codec.safetensors, out/mask-decoder.safetensors (codebook and decoder)
"""
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from paths import MASK_CODEC, MASK_DECODER, OUT
from samples import sample

CODES = 128
GRID = 4
CODES_PER_MASK = GRID * GRID

QUANTISE_FROM = 150
RESTART_EVERY = 150
RESTART_UNTIL = 2000
UNUSED_BELOW = .3
CODEBOOK_DECAY = .98
COMMITMENT = .25
RATE = 2e-3
BATCH = 48


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(),
            nn.Conv2d(channels, channels, 1))

    def forward(self, x):
        return x + self.net(x)


class Codebook(nn.Module):
    """`count` vectors of `width`, with the running sums that move them."""

    def __init__(self, count, width):
        super().__init__()
        self.register_buffer('_embedding', torch.randn(count, width))
        self.register_buffer('_ema_w', self._embedding.clone())
        self.register_buffer('_ema_cluster_size', torch.ones(count))

    def nearest(self, vectors):
        distances = vectors.pow(2).sum(-1, keepdim=True) - 2 * vectors @ self._embedding.T + self._embedding.pow(2).sum(-1)
        return distances.argmin(-1)

    def restart(self, vectors, dead):
        """Puts live vectors where codes have no use."""
        count = int(dead.sum())
        self._embedding[dead] = vectors[torch.randperm(len(vectors))[:count]]
        self._ema_w[dead] = self._embedding[dead]
        self._ema_cluster_size[dead] = 1

    def follow(self, vectors, codes):
        """Moves each code towards the mean of the vectors that chose it."""
        chosen = F.one_hot(codes, len(self._embedding)).float()
        self._ema_cluster_size.mul_(CODEBOOK_DECAY).add_(chosen.sum(0), alpha=1 - CODEBOOK_DECAY)
        self._ema_w.mul_(CODEBOOK_DECAY).add_(chosen.T @ vectors, alpha=1 - CODEBOOK_DECAY)
        self._embedding.copy_(self._ema_w / self._ema_cluster_size.clamp(min=1e-3)[:, None])


class MaskCodec(nn.Module):
    def __init__(self, code_width=32, channels=32, widths=(8, 16, 32)):
        super().__init__()
        a, b, c = widths

        def down(inputs, outputs):
            return nn.Conv2d(inputs, outputs, 4, 2, 1)

        def up(inputs, outputs):
            return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)

        self.encoder = nn.Sequential(
            down(1, a), nn.ReLU(), down(a, b), nn.ReLU(), down(b, c), nn.ReLU(), down(c, channels), nn.ReLU(),
            Residual(channels), Residual(channels), nn.Conv2d(channels, code_width, 1))
        self.decoder = nn.Sequential(
            nn.Conv2d(code_width, channels, 1), nn.ReLU(), Residual(channels), Residual(channels), up(channels, channels), nn.ReLU(),
            up(channels, c), nn.ReLU(), up(c, b), nn.ReLU(), up(b, a), nn.ReLU(), nn.Conv2d(a, 1, 1))
        self._vq_vae = Codebook(CODES, code_width)

    def encode(self, masks):
        """masks [B, 1, 64, 64] in -1..1 -> codes [B, 16], row by row."""
        features = self.encoder(masks).permute(0, 2, 3, 1)
        return self._vq_vae.nearest(features.reshape(-1, features.shape[-1])).view(-1, CODES_PER_MASK)

    def decode(self, codes):
        """codes [B, 16] -> [B, 1, 64, 64]; above 0 is inside."""
        vectors = self._vq_vae._embedding[codes].view(-1, GRID, GRID, self._vq_vae._embedding.shape[1])
        return self.decoder(vectors.permute(0, 3, 1, 2))


def load_codec(path=MASK_CODEC):
    """The codec with the sizes that the file's tensors have."""
    tensors = load_file(path)
    codec = MaskCodec(tensors['_vq_vae._embedding'].shape[1], tensors['decoder.0.weight'].shape[0],
                      tuple(tensors[f'encoder.{i}.weight'].shape[0] for i in (0, 2, 4)))
    codec.load_state_dict(tensors)
    return codec.eval()


def to_codec_input(mask):
    """Grey picture of a box -> [1, 64, 64] in -1..1."""
    return torch.from_numpy(np.asarray(mask.resize((64, 64), Image.BILINEAR), np.float32) / 127.5 - 1)[None]


def fill(answer, shapes, codec):
    """Replaces `<SEG0>`, `<SEG1>` … by the 16 mask codes of that shape."""
    if '<SEG' not in answer:
        return answer
    with torch.no_grad():
        codes = codec.encode(torch.stack([to_codec_input(shape.mask) for shape in shapes]))
    for i, row in enumerate(codes.tolist()):
        answer = answer.replace(f'<SEG{i}>', ''.join('<seg%03d>' % code for code in row))
    return answer


def paste(logits, box, width, height):
    """64 x 64 decoder output -> boolean mask [height, width]; box (y1, x1, y2, x2) in pixels."""
    y1, x1, y2, x2 = [int(round(v)) for v in box]
    mask = np.zeros((height, width), bool)
    if y2 > y1 and x2 > x1:
        inside = np.asarray(Image.fromarray(logits).resize((x2 - x1, y2 - y1), Image.BILINEAR)) > 0
        mask[y1:y2, x1:x2] = inside[:max(0, height - y1), :max(0, width - x1)]
    return mask


def training_masks(count):
    rng = random.Random(77)
    masks = []
    while len(masks) < count:
        masks += [to_codec_input(shape.mask) for shape in sample(rng, 'shape')[0].shapes]
    return torch.stack(masks)


def mean_iou(a, b):
    return ((a & b).flatten(1).sum(1) / (a | b).flatten(1).sum(1)).mean()


def train(minutes=4.0, mask_count=6000):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    masks = training_masks(mask_count)
    held_out, masks = masks[:400], masks[400:]
    codec = MaskCodec()
    codebook = codec._vq_vae
    optimiser = torch.optim.AdamW(codec.parameters(), RATE)
    started, step = time.time(), 0
    while time.time() - started < minutes * 60:
        for group in optimiser.param_groups:
            group['lr'] = RATE * min(1, step / 100) * max(.02, 1 - (time.time() - started) / minutes / 60)
        x = masks[torch.randint(len(masks), (BATCH,))]
        z = codec.encoder(x).permute(0, 2, 3, 1)
        flat = z.reshape(-1, z.shape[-1])
        is_quantised = step >= QUANTISE_FROM
        with torch.no_grad():
            if is_quantised and step % RESTART_EVERY == 0 and step < RESTART_UNTIL:
                is_first = step == QUANTISE_FROM
                codebook.restart(flat, torch.ones(CODES, dtype=torch.bool) if is_first else codebook._ema_cluster_size < UNUSED_BELOW)
            codes = codebook.nearest(flat)
            if is_quantised:
                codebook.follow(flat, codes)
        quantised = codebook._embedding[codes].view_as(z)
        through = z + (quantised - z).detach() if is_quantised else z
        y = codec.decoder(through.permute(0, 3, 1, 2))
        loss = (y - x).pow(2).mean() + (COMMITMENT * (z - quantised).pow(2).mean() if is_quantised else 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if step % 200 == 0:
            with torch.no_grad():
                iou = mean_iou(codec.decode(codec.encode(held_out)) > 0, held_out > 0)
            print(f'{step} loss {loss:.4f} held-out IoU {iou:.4f} codes used {int((codebook._ema_cluster_size > UNUSED_BELOW).sum())}', flush=True)
    tensors = {name: tensor.contiguous() for name, tensor in codec.state_dict().items()}
    OUT.mkdir(parents=True, exist_ok=True)
    save_file(tensors, MASK_CODEC)
    save_file({n: t for n, t in tensors.items() if not n.startswith('encoder') and '_ema' not in n}, MASK_DECODER)


if __name__ == '__main__':
    train(*map(float, sys.argv[1:]))
