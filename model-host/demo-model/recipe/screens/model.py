"""The model's sizes, its starting point, and a lean forward pass over the weights of the transformers module.

Only training uses this forward pass; evaluation runs transformers itself, and `check_parity.py` compares the two.
"""
import math

import torch
import torch.nn.functional as F
from transformers import PaliGemmaConfig

from screens.make_tokenizer import BOS, EOS, IMAGE, PAD, ROWS
from screens.tiles import PATCH_PX, PATCHES, SIDE, TILE_PX

VISION = dict(hidden_size=192, num_hidden_layers=6, num_attention_heads=4, intermediate_size=576)
TEXT = dict(hidden_size=192, num_hidden_layers=5, num_attention_heads=4, num_key_value_heads=2, intermediate_size=576)
HEAD_DIM = 48
PATCH_VALUES = 3 * PATCH_PX * PATCH_PX
ATTENTION_CAP, FINAL_CAP = 50.0, 30.0
ROPE_THETA = 10000.0
RMS_EPS = 1e-6


def model_config():
    width = TEXT['hidden_size']
    return PaliGemmaConfig(
        vision_config=dict(
            VISION, model_type='siglip_vision_model', image_size=TILE_PX, patch_size=PATCH_PX, num_channels=3, layer_norm_eps=1e-6,
            hidden_act='gelu_pytorch_tanh', attention_dropout=0.0, vision_use_head=False, projection_dim=width, num_image_tokens=PATCHES),
        text_config=dict(
            TEXT, model_type='gemma2', vocab_size=ROWS, head_dim=HEAD_DIM, query_pre_attn_scalar=HEAD_DIM,
            attn_logit_softcapping=ATTENTION_CAP, final_logit_softcapping=FINAL_CAP, sliding_window=4096, max_position_embeddings=8192,
            rope_theta=ROPE_THETA, rms_norm_eps=RMS_EPS, hidden_activation='gelu_pytorch_tanh', attention_bias=False,
            attention_dropout=0.0, bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD, tie_word_embeddings=True,
            num_image_tokens=PATCHES),
        projection_dim=width, image_token_index=IMAGE, bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD, tie_word_embeddings=True)


def vision_tower(model):
    """The SigLIP module, whether or not this version of transformers wraps it."""
    tower = model.model.vision_tower
    return getattr(tower, 'vision_model', tower)


@torch.no_grad()
def start_vision_tower(model, patches):
    """Cosine patch filters, whitened on `patches` ([n, 3*14*14] in -1..1), and sine positions.

    With filters of random scale the mean of a patch drowns the positions after the first LayerNorm.
    """
    embeddings = vision_tower(model).embeddings
    width = embeddings.patch_embedding.weight.shape[0]
    filters = cosine_filters(width)
    responses = patches @ filters.flatten(1).T
    deviation = responses.std(0) + .05
    embeddings.patch_embedding.weight.copy_(filters / deviation[:, None, None, None])
    embeddings.patch_embedding.bias.copy_(-responses.mean(0) / deviation)
    embeddings.position_embedding.weight.copy_(sine_positions(SIDE, width))


def cosine_filters(count):
    """[count, 3, 14, 14]: two-dimensional cosines of rising frequency; the lowest in three mixes of the colour channels."""
    at = (torch.arange(PATCH_PX) + .5) / PATCH_PX
    mixes = [torch.tensor(mix) for mix in ([.33, .33, .33], [.7, -.7, 0.], [.4, .4, -.8])]
    filters = []
    for order, vertical, horizontal in sorted((a + b, a, b) for a in range(PATCH_PX) for b in range(PATCH_PX)):
        wave = torch.outer(torch.cos(math.pi * vertical * at), torch.cos(math.pi * horizontal * at))
        for mix in mixes if order <= 2 else mixes[:1]:
            filters.append(mix[:, None, None] * wave / wave.norm())
    return torch.stack(filters[:count])


def sine_positions(side, width):
    rows, columns = torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing='ij')
    frequencies = 1 / (100 ** (torch.arange(width // 4) / (width // 4 - 1)))
    parts = [f(axis.flatten()[:, None] * frequencies) for axis in (rows, columns) for f in (torch.sin, torch.cos)]
    return torch.cat(parts, 1)


def image_features(model, patches):
    """patches [B, 256, 3*14*14] in -1..1 -> [B, 256, vision width], after the last LayerNorm."""
    tower = vision_tower(model)
    embeddings, heads = tower.embeddings, tower.config.num_attention_heads
    x = F.linear(patches, embeddings.patch_embedding.weight.flatten(1), embeddings.patch_embedding.bias) + embeddings.position_embedding.weight
    batch, count, width = x.shape
    for layer in tower.encoder.layers:
        h, attention = layer.layer_norm1(x), layer.self_attn
        q, k, v = (project(h).view(batch, count, heads, -1).transpose(1, 2)
                   for project in (attention.q_proj, attention.k_proj, attention.v_proj))
        x = x + attention.out_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, count, width))
        x = x + layer.mlp.fc2(F.gelu(layer.mlp.fc1(layer.layer_norm2(x)), approximate='tanh'))
    return tower.post_layernorm(x)


def rms_norm(x, weight):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + RMS_EPS) * (1 + weight)


def rotate(x, cosine, sine):
    a, b = x.chunk(2, -1)
    return x * cosine + torch.cat([-b, a], -1) * sine


def decode_block(model, x, mask, positions, is_capped=True):
    """Gemma 2 over a whole block: x [B, L, width], scaled already; mask [B, 1, L, L], true = may see; positions [B, L] from 1.

    is_capped: with the soft cap of the attention, as the model is run. Without it one fused operator does the attention, which is
    several times faster, and differs little while scores stay far below the cap of 50.
    """
    decoder = model.model.language_model
    batch, length, _ = x.shape
    groups = TEXT['num_attention_heads'] // TEXT['num_key_value_heads']
    frequencies = ROPE_THETA ** (-torch.arange(0, HEAD_DIM, 2, device=x.device).float() / HEAD_DIM)
    turns = positions[..., None].float() * frequencies
    turns = torch.cat([turns, turns], -1)[:, None]
    cosine, sine = turns.cos(), turns.sin()
    for layer in decoder.layers:
        h, attention = rms_norm(x, layer.input_layernorm.weight), layer.self_attn
        q, k, v = (project(h).view(batch, length, -1, HEAD_DIM).transpose(1, 2)
                   for project in (attention.q_proj, attention.k_proj, attention.v_proj))
        q, k = rotate(q, cosine, sine).to(v.dtype), rotate(k, cosine, sine).to(v.dtype)
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        mixed = (capped_attention if is_capped else F.scaled_dot_product_attention)(q, k, v, mask)
        x = x + rms_norm(attention.o_proj(mixed.transpose(1, 2).reshape(batch, length, -1)), layer.post_attention_layernorm.weight)
        h, mlp = rms_norm(x, layer.pre_feedforward_layernorm.weight), layer.mlp
        x = x + rms_norm(mlp.down_proj(F.gelu(mlp.gate_proj(h), approximate='tanh') * mlp.up_proj(h)), layer.post_feedforward_layernorm.weight)
    return rms_norm(x, decoder.norm.weight)


def capped_attention(q, k, v, mask):
    scores = (q @ k.transpose(-1, -2)).float() * HEAD_DIM ** -.5
    return (ATTENTION_CAP * torch.tanh(scores / ATTENTION_CAP)).masked_fill(~mask, -1e9).softmax(-1).to(v.dtype) @ v
