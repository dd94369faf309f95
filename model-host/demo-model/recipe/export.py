"""Writes out/checkpoint.pt as a Hugging Face checkpoint to out/paligemma2-demo-224, weights as bfloat16."""
import json

import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig

from make_data import BOS, EOS
from model import ROPE_THETA
from paths import CHECKPOINT, MODEL
from trainee import Trainee


def published_name(name):
    """Tensor names as in Google's checkpoints, where the tower is wrapped."""
    return name if 'vision_model' in name else name.replace('vision_tower.', 'vision_tower.vision_model.')


def main():
    net = Trainee()
    state = torch.load(CHECKPOINT)
    net.load_state_dict(state['ema'])
    with torch.no_grad():
        net.m.model.language_model.embed_tokens.weight.copy_(net.embedding_table())
    model = net.m.to(torch.bfloat16)
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=0, do_sample=False, max_new_tokens=128)
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
    print('pictures seen', state['images'], 'parameters', sum(p.numel() for p in model.parameters()), 'bytes', weights.stat().st_size)


if __name__ == '__main__':
    main()
