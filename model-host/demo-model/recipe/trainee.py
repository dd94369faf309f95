"""The model in training: the transformers module, a head for dense targets, and location rows that are a smooth function."""
import torch
import torch.nn.functional as F
from torch import nn
from transformers import PaliGemmaForConditionalGeneration

from make_data import CHARACTERS, COLOR_NAMES, PATCHES, PATCH_VALUES, TEXT_CLASS, tokenizer
from model import FINAL_CAP, decode_block, image_features, model_config, start_vision_tower

LOCATIONS = 1024
LOCATION_WAVES = 64
LOCATION_SIGMA = 2.0
"""Bins. A location token counts as right by how near it is: its target is a bell of this width."""
LOCATION_REACH = 6
LOCATION_ENTROPY = 2.11
"""Of that bell, nats: taken off the loss, so that a perfect answer has loss 0."""
PACKED_TOKENS = 144
"""Places behind the image tokens that the prompts of one picture share."""

FIRST_LOCATION = tokenizer().token_to_id('<loc0000>')
IMAGE_TOKEN = tokenizer().token_to_id('<image>')

MAX_RANK, MAX_LETTER_PLACE = 4, 12
DENSE_PARTS = [('class', TEXT_CLASS + 1, 1.0), ('colour', len(COLOR_NAMES), 1.0), ('rank', MAX_RANK, .5),
               ('left', len(CHARACTERS), 1.0), ('right', len(CHARACTERS), 1.0), ('place', MAX_LETTER_PLACE, .7)]
"""Name, number of values and weight of each row of dense.npy. Four more outputs are the distances to the box's sides."""
BOX_WEIGHT = 6


class Trainee(nn.Module):
    def __init__(self, sample_patches=None):
        """sample_patches: [n, 3*28*28] in -1..1, to start the patch filters from; None where weights are loaded anyway."""
        super().__init__()
        self.m = PaliGemmaForConditionalGeneration(model_config(IMAGE_TOKEN + 1, IMAGE_TOKEN))
        start_vision_tower(self.m, torch.zeros(2, PATCH_VALUES) if sample_patches is None else sample_patches)
        vision_width, width = self.m.config.vision_config.hidden_size, self.m.config.text_config.hidden_size
        x, wave = (torch.arange(LOCATIONS) + .5) / LOCATIONS, torch.arange(LOCATION_WAVES)
        amplitude = 1 / (1 + wave / 6.)
        amplitude /= amplitude.norm()
        self.register_buffer('basis', torch.cos(torch.pi * x[:, None] * wave) * amplitude * 1.4)
        self.locw = nn.Parameter(torch.randn(LOCATION_WAVES, width) * width ** -.5)
        self.dense = nn.Linear(vision_width, sum(count for _, count, _ in DENSE_PARTS) + 4)
        self.start_layers(vision_width, width)

    @torch.no_grad()
    def start_layers(self, vision_width, width):
        for name, parameter in self.m.named_parameters():
            if is_layer_matrix(name, parameter):
                closes_vision_block = 'vision' in name and ('out_proj' in name or 'fc2' in name)
                parameter.normal_(0, parameter.shape[1] ** -.5 * (.4 if closes_vision_block else 1))
            if 'language_model' in name and ('post_attention_layernorm' in name or 'post_feedforward_layernorm' in name):
                parameter.fill_(-.6)
        self.m.model.language_model.embed_tokens.weight.normal_(0, width ** -.5)
        self.m.model.multi_modal_projector.linear.weight.copy_(torch.eye(width, vision_width))
        self.m.model.multi_modal_projector.linear.bias.zero_()

    def embedding_table(self):
        """All rows; those of the location tokens are 64 cosines times a matrix."""
        rows = self.m.model.language_model.embed_tokens.weight
        return torch.cat([rows[:FIRST_LOCATION], self.basis @ self.locw, rows[FIRST_LOCATION + LOCATIONS:]])

    def features(self, pixels):
        """pixels: uint8 [B, 64, 3*28*28]."""
        return image_features(self.m, pixels.to(torch.bfloat16) / 127.5 - 1)

    def dense_loss(self, features, dense, box):
        outputs = self.dense(features).float().split([count for _, count, _ in DENSE_PARTS] + [4], -1)
        is_object = (dense[:, 0] > 0).float()
        loss = 0
        for row, (_, _, weight) in enumerate(DENSE_PARTS):
            loss = loss + weight * F.cross_entropy(outputs[row].flatten(0, 1), dense[:, row].flatten().long(), ignore_index=-1)
        distance = (outputs[-1] - box.float().transpose(1, 2)).abs().mean(-1)
        return loss + BOX_WEIGHT * (distance * is_object).sum() / is_object.sum()

    def vision_loss(self, pixels, dense, box):
        with torch.autocast('cpu', torch.bfloat16):
            features = self.features(pixels)
        return self.dense_loss(features.float(), dense, box)

    def joint_loss(self, pixels, dense, box, ids, segment, is_prefix, positions, targets, weights):
        """(token loss, dense loss, loss of each token, whether each is right). See `batches.py` for the arguments."""
        with torch.autocast('cpu', torch.bfloat16):
            features = self.features(pixels)
            image_rows = self.m.model.multi_modal_projector.linear(features).float()
            table = self.embedding_table()
            x = torch.cat([image_rows, F.embedding(ids, table) * table.shape[1] ** .5], 1)
            image_positions = torch.arange(1, PATCHES + 1).expand(len(pixels), -1)
            mask = packed_mask(segment, is_prefix)
            hidden = decode_block(self.m, x, mask, torch.cat([image_positions, positions], 1))[:, PATCHES:]
            logits = (hidden @ table.T).float()
        log_probabilities = (FINAL_CAP * torch.tanh(logits / FINAL_CAP)).log_softmax(-1)
        losses = token_losses(log_probabilities, targets)
        is_right = (log_probabilities.argmax(-1) == targets).float()
        return (losses * weights).sum() / weights.sum(), self.dense_loss(features.float(), dense, box), losses.detach(), is_right


def is_layer_matrix(name, parameter):
    return parameter.ndim == 2 and 'layers.' in name


def packed_mask(segment, is_prefix):
    """[B, 1, 64 + T, 64 + T]. A prompt sees the picture and itself (its prefix both ways); the picture sees itself and the first prefix."""
    batch = len(segment)
    at = torch.arange(PACKED_TOKENS)
    within = (segment[:, :, None] == segment[:, None]) & (is_prefix[:, None] | (at[:, None] >= at))
    from_image = (is_prefix & (segment == 1))[:, None].expand(-1, PATCHES, -1)
    image_rows = torch.cat([torch.ones(batch, PATCHES, PATCHES, dtype=torch.bool), from_image], 2)
    text_rows = torch.cat([torch.ones(batch, PACKED_TOKENS, PATCHES, dtype=torch.bool), within], 2)
    return torch.cat([image_rows, text_rows], 1)[:, None]


def token_losses(log_probabilities, targets):
    """Cross entropy; for location tokens against a bell around the target."""
    is_location = (targets >= FIRST_LOCATION) & (targets < FIRST_LOCATION + LOCATIONS)
    offsets = torch.arange(-LOCATION_REACH, LOCATION_REACH + 1)
    bell = torch.exp(-offsets.float() ** 2 / (2 * LOCATION_SIGMA ** 2))
    bell = bell / bell.sum()
    hard = -log_probabilities.gather(-1, targets[..., None])[..., 0]
    around = (targets[..., None] + offsets).clamp(FIRST_LOCATION, FIRST_LOCATION + LOCATIONS - 1)
    soft = -(log_probabilities.gather(-1, around) * bell).sum(-1) - LOCATION_ENTROPY
    return torch.where(is_location, soft, hard)
