"""Writes the running average of state.pt as a Hugging Face checkpoint, weights as bfloat16.

    python -m screens.export [--untrained]      --untrained writes the starting point, to try the layout
"""
import json
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig

from screens.make_tokenizer import BOS, EOS, PAD, write_files
from screens.model import ROPE_THETA
from screens.places import MODEL, STATE
from screens.trainee import Trainee

LONGEST_ANSWER = 256


def published_name(name):
    """Tensor names as in Google's checkpoints, where the tower is wrapped."""
    return name if 'vision_model' in name else name.replace('vision_tower.', 'vision_tower.vision_model.')


def main():
    torch.manual_seed(0)
    net, tiles = Trainee(), 0
    if '--untrained' not in sys.argv:
        state = torch.load(STATE, map_location='cpu')
        net.load_state_dict(state['average'])
        tiles = state['tiles']
    with torch.no_grad():
        net.m.model.language_model.embed_tokens.weight.copy_(net.embedding_table())
    model = net.m.to(torch.bfloat16)
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD, do_sample=False,
                                               max_new_tokens=LONGEST_ANSWER)
    write_files(MODEL)
    model.save_pretrained(MODEL)
    weights = MODEL / 'model.safetensors'
    save_file({published_name(name): tensor for name, tensor in load_file(weights).items()}, weights, {'format': 'pt'})
    weights.chmod(0o644)
    # Keys that older readers look for.
    config = json.loads((MODEL / 'config.json').read_text(encoding='utf-8'))
    text = config['text_config']
    config.update(hidden_size=text['hidden_size'], vocab_size=text['vocab_size'], torch_dtype='bfloat16')
    text.update(rope_theta=ROPE_THETA)
    (MODEL / 'config.json').write_text(json.dumps(config, indent=1), encoding='utf-8')
    print('tiles seen', tiles, 'parameters', sum(p.numel() for p in model.parameters()), 'bytes', weights.stat().st_size)


if __name__ == '__main__':
    main()
