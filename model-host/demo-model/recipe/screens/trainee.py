"""The model in training: the transformers module, heads for dense targets, and location rows that are a smooth function."""
import torch
import torch.nn.functional as F
from torch import nn
from transformers import PaliGemmaForConditionalGeneration

from screens.alphabet import CHARACTERS
from screens.make_tokenizer import FIRST_LOCATION, LOCATIONS
from screens.model import FINAL_CAP, PATCH_VALUES, decode_block, image_features, model_config, start_vision_tower
from screens.tiles import PATCHES, POINTS

LOCATION_WAVES = 64
LOCATION_SIGMA = 2.0
"""Bins. A location token counts as right by how near it is: its target is a bell of this width."""
LOCATION_REACH = 6
LOCATION_ENTROPY = 2.11
"""Of that bell, nats: taken off the loss, so that a perfect answer has loss 0."""

POINTS_OF_PATCH = POINTS[0] * POINTS[1]
MOST_ROWS, MOST_PLACES = 24, 48
"""Rows of a tile, and characters of a row, that the dense loss tells apart."""
ROW_WEIGHT, PLACE_WEIGHT = .3, .3
POINTER_WEIGHT = 2.0


class Trainee(nn.Module):
    def __init__(self, sample_patches=None):
        """sample_patches: [n, 3*14*14] in -1..1, to start the patch filters from; None where weights are loaded anyway."""
        super().__init__()
        self.m = PaliGemmaForConditionalGeneration(model_config())
        start_vision_tower(self.m, torch.zeros(2, PATCH_VALUES) if sample_patches is None else sample_patches)
        vision_width, width = self.m.config.vision_config.hidden_size, self.m.config.text_config.hidden_size
        x, wave = (torch.arange(len(LOCATIONS)) + .5) / len(LOCATIONS), torch.arange(LOCATION_WAVES)
        amplitude = 1 / (1 + wave / 6.)
        amplitude /= amplitude.norm()
        self.register_buffer('basis', torch.cos(torch.pi * x[:, None] * wave) * amplitude * 1.4)
        self.locw = nn.Parameter(torch.randn(LOCATION_WAVES, width) * width ** -.5)
        self.character_head = nn.Linear(vision_width, POINTS_OF_PATCH * len(CHARACTERS))
        self.order_head = nn.Linear(vision_width, POINTS[1] * (MOST_ROWS + MOST_PLACES))
        self.pointer = nn.Linear(width, 2)
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
        return torch.cat([rows[:FIRST_LOCATION], self.basis @ self.locw, rows[FIRST_LOCATION + len(LOCATIONS):]])

    def features(self, pixels):
        """pixels: uint8 [B, 256, 3*14*14]."""
        return image_features(self.m, pixels.to(torch.bfloat16) / 127.5 - 1)

    def dense_loss(self, features, patch, character, order):
        """(loss, share of right characters among those printed). patch [B, K]: the patches asked; character [B, K, 8];
        order [B, K, 2, 2]: row and place in the row, in the upper and the lower half. -1 is not known."""
        asked = features.gather(1, patch[..., None].expand(-1, -1, features.shape[-1]))
        guess = self.character_head(asked).float().view(*character.shape, -1)
        loss = mean_of_known(guess.flatten(0, 2), character.flatten())
        rows, places = self.order_head(asked).float().view(*order.shape[:3], -1).split([MOST_ROWS, MOST_PLACES], -1)
        for part, target, weight in ((rows, order[..., 0], ROW_WEIGHT), (places, order[..., 1], PLACE_WEIGHT)):
            loss = loss + weight * mean_of_known(part.flatten(0, 2), target.flatten())
        is_printed = character > 0
        right = ((guess.argmax(-1) == character) & is_printed).sum() / is_printed.sum().clamp(min=1)
        return loss, right.detach()

    def vision_loss(self, pixels, patch, character, order):
        with torch.autocast(pixels.device.type, torch.bfloat16):
            return self.dense_loss(self.features(pixels), patch, character, order)

    def joint_loss(self, pixels, patch, character, order, ids, segment, is_prefix, positions, targets, weights, place):
        """(token loss, pointer loss, dense loss, share of right characters at points, loss of each token, whether each is right).
        See `batches.py` for the arguments."""
        with torch.autocast(pixels.device.type, torch.bfloat16):
            features = self.features(pixels)
            dense, right = self.dense_loss(features, patch, character, order)
            image_rows = self.m.model.multi_modal_projector.linear(features).float()
            table = self.embedding_table()
            x = torch.cat([image_rows, F.embedding(ids, table) * table.shape[1] ** .5], 1)
            image_positions = torch.arange(1, PATCHES + 1, device=ids.device).expand(len(pixels), -1)
            hidden = decode_block(self.m, x, packed_mask(segment, is_prefix), torch.cat([image_positions, positions], 1),
                                  is_capped=self.is_capped)[:, PATCHES:]
            logits = (hidden @ table.T).float()
            pointed = self.pointer(hidden).float()
        log_probabilities = (FINAL_CAP * torch.tanh(logits / FINAL_CAP)).log_softmax(-1)
        losses = token_losses(log_probabilities, targets)
        is_right = (log_probabilities.argmax(-1) == targets).float()
        has_place = (place[..., 0] >= 0).float()
        distance = ((pointed - place).abs().sum(-1) * has_place).sum() / has_place.sum().clamp(min=1)
        return (losses * weights).sum() / weights.sum(), distance, dense, right, losses.detach(), is_right

    is_capped = False
    """Whether training runs the soft cap of the attention; see `decode_block`."""


def mean_of_known(guess, target):
    """Cross entropy over targets other than -1; 0 where there are none, as in pictures without text."""
    return F.cross_entropy(guess, target, ignore_index=-1, reduction='sum') / (target >= 0).sum().clamp(min=1)


def is_layer_matrix(name, parameter):
    return parameter.ndim == 2 and 'layers.' in name


def packed_mask(segment, is_prefix):
    """[B, 1, 256 + T, 256 + T]. A prompt sees the picture and itself (its prefix both ways); the picture sees itself and the first prefix."""
    batch, length = segment.shape
    at = torch.arange(length, device=segment.device)
    within = (segment[:, :, None] == segment[:, None]) & (is_prefix[:, None] | (at[:, None] >= at))
    from_image = (is_prefix & (segment == 1))[:, None].expand(-1, PATCHES, -1)
    image_rows = torch.cat([from_image.new_ones(batch, PATCHES, PATCHES), from_image], 2)
    text_rows = torch.cat([from_image.new_ones(batch, length, PATCHES), within], 2)
    return torch.cat([image_rows, text_rows], 1)[:, None]


def token_losses(log_probabilities, targets):
    """Cross entropy; for location tokens against a bell around the target."""
    last = FIRST_LOCATION + len(LOCATIONS) - 1
    is_location = (targets >= FIRST_LOCATION) & (targets <= last)
    offsets = torch.arange(-LOCATION_REACH, LOCATION_REACH + 1, device=targets.device)
    bell = torch.exp(-offsets.float() ** 2 / (2 * LOCATION_SIGMA ** 2))
    bell = bell / bell.sum()
    hard = -log_probabilities.gather(-1, targets[..., None])[..., 0]
    around = (targets[..., None] + offsets).clamp(FIRST_LOCATION, last)
    soft = -(log_probabilities.gather(-1, around) * bell).sum(-1) - LOCATION_ENTROPY
    return torch.where(is_location, soft, hard)
