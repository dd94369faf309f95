"""Trains the model on CPU cores, one process each; gradients are averaged.

    ./train.sh vision MINUTES RATE      the vision tower alone on dense targets; the head is thrown away at the end
    ./train.sh joint MINUTES RATE       the whole model on the next token of the answers, plus a little of the dense loss

A stage goes on from out/checkpoint.pt where there is one. What is saved is a running average of the weights.
In the joint stage several prompts of one picture share one copy of its image tokens. The image tokens see the first prompt's
prefix, which for that prompt is exactly PaliGemma's mask; for the others the image tokens carry a foreign prompt.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from batches import Batches
from make_data import PATCH_VALUES, TASKS
from paths import CHECKPOINT, DATA
from trainee import DENSE_PARTS, Trainee, is_layer_matrix

PICTURES_PER_PROCESS = 16
DENSE_SHARE = .2
WARM_UP_STEPS = 40
CONSTANT_UNTIL = .55
AVERAGE_DECAY = .998
CLIP = {'vision': 1.0, 'joint': 2.0}
LOG_SECONDS = 60
VALIDATION = 'val'


class Training:
    def __init__(self, stage, minutes, rate, end_factor):
        self.stage, self.minutes, self.rate, self.end_factor = stage, minutes, rate, end_factor
        self.rank, self.world = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
        torch.set_num_threads(1)  # one thread a process: no barrier inside an operator
        if self.world > 1:
            dist.init_process_group('gloo')
        torch.manual_seed(0)
        validation_pictures = np.load(DATA / VALIDATION / 'img.npy', mmap_mode='r')
        self.net = Trainee(torch.from_numpy(validation_pictures[:100].reshape(-1, PATCH_VALUES) / np.float32(127.5) - 1))
        self.state = dict(log=[], images=0)
        if CHECKPOINT.exists():
            self.state = torch.load(CHECKPOINT)
            self.net.load_state_dict(self.state['ema'])
        self.rng = np.random.default_rng([int(time.time()), self.rank])
        self.batches = Batches(sorted(row.parent for row in DATA.glob('[!.]*/row.npy') if row.parent.name != VALIDATION))
        validation = Batches([DATA / VALIDATION])
        self.validation = [validation.draw(np.random.default_rng(i), PICTURES_PER_PROCESS) for i in range(6)]
        named = list(self.net.named_parameters())
        self.matrices = [parameter for name, parameter in named if is_layer_matrix(name, parameter)]
        rest = [parameter for name, parameter in named if not is_layer_matrix(name, parameter)]
        # Each process orthogonalises its share of the matrices.
        self.muon = torch.optim.Muon(self.matrices[self.rank::self.world], lr=rate, weight_decay=.02, momentum=.95, ns_steps=4,
                                     adjust_lr_fn='match_rms_adamw')
        self.adam = torch.optim.AdamW(rest, lr=rate, betas=(.9, .98), weight_decay=0)
        self.loss = torch.compile(self.net.vision_loss if stage == 'vision' else self.net.joint_loss)
        self.average = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
        self.started = self.last_log = time.time()
        self.steps, self.recent = 0, []

    def run(self):
        done = 0.0
        while done < 1:
            self.set_rates(done)
            loss = self.forward()
            for optimiser in (self.muon, self.adam):
                optimiser.zero_grad()
            loss.backward()
            done = self.average_gradients()
            norm = nn.utils.clip_grad_norm_(self.net.parameters(), CLIP[self.stage])
            for optimiser in (self.muon, self.adam):
                optimiser.step()
            self.share_matrices()
            self.steps += 1
            self.state['images'] += PICTURES_PER_PROCESS * self.world
            self.follow_average()
            if self.rank == 0 and (time.time() - self.last_log > LOG_SECONDS or self.steps == 3):
                self.log(norm.item())
        if self.rank == 0:
            self.save()
            print('done', self.stage, self.steps)

    def set_rates(self, done):
        """Warm-up, constant, then linear to `end_factor`; Adam runs at half the rate."""
        decline = 1 if done < CONSTANT_UNTIL else 1 - (1 - self.end_factor) * (done - CONSTANT_UNTIL) / (1 - CONSTANT_UNTIL)
        rate = self.rate * min(1, (self.steps + 1) / WARM_UP_STEPS) * decline
        for optimiser, factor in ((self.muon, 1), (self.adam, .5)):
            for group in optimiser.param_groups:
                group['lr'] = rate * factor

    def forward(self):
        tensors, _ = self.batches.draw(self.rng, PICTURES_PER_PROCESS, self.stage == 'joint')
        if self.stage == 'vision':
            loss = self.loss(*tensors)
            self.recent.append([loss.item()])
            return loss
        token_loss, dense_loss, _, _ = self.loss(*tensors)
        self.recent.append([token_loss.item(), dense_loss.item()])
        return token_loss + DENSE_SHARE * dense_loss

    def average_gradients(self):
        """Returns the share of the time that has passed, averaged too, so that all processes stop at the same step."""
        parameters = [parameter for parameter in self.net.parameters() if parameter.grad is not None]
        passed = torch.tensor([(time.time() - self.started) / 60 / self.minutes])
        flat = torch.cat([parameter.grad.flatten() for parameter in parameters] + [passed])
        if self.world > 1:
            dist.all_reduce(flat)
            flat /= self.world
        unflatten(flat, [parameter.grad for parameter in parameters])
        return flat[-1].item()

    def share_matrices(self):
        if self.world == 1:
            return
        for owner in range(self.world):
            owned = self.matrices[owner::self.world]
            flat = torch.cat([parameter.data.flatten() for parameter in owned])
            dist.broadcast(flat, owner)
            if owner != self.rank:
                unflatten(flat, [parameter.data for parameter in owned])

    @torch.no_grad()
    def follow_average(self):
        decay = min(AVERAGE_DECAY, self.steps / (self.steps + 30))
        for name, tensor in self.net.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, 1 - decay)

    def log(self, gradient_norm):
        seconds = time.time() - self.last_log
        entry = dict(
            stage=self.stage, minutes=round((time.time() - self.started) / 60, 1), step=self.steps, images=self.state['images'],
            loss=np.mean(self.recent[-60:], 0).round(4).tolist(), gradient=round(gradient_norm, 2),
            pictures_per_second=round(len(self.recent) * PICTURES_PER_PROCESS * self.world / seconds, 1), validation=self.validate())
        self.recent = []
        self.state['log'].append(entry)
        print(json.dumps(entry), flush=True)
        self.save()
        self.last_log = time.time()

    @torch.no_grad()
    def validate(self):
        """Figures of the averaged weights."""
        current = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
        self.net.load_state_dict(self.average)
        with torch.autocast('cpu', torch.bfloat16, enabled=self.stage == 'vision'):
            figures = self.vision_figures() if self.stage == 'vision' else self.joint_figures()
        self.net.load_state_dict(current)
        return figures

    def vision_figures(self):
        """Share of right patches by kind of target, and the mean distance of the box sides."""
        outputs = self.net.dense(torch.cat([self.net.features(tensors[0]).float() for tensors, _ in self.validation]))
        dense = torch.cat([tensors[1] for tensors, _ in self.validation])
        box = torch.cat([tensors[2].float() for tensors, _ in self.validation]).transpose(1, 2)
        figures = {}
        for row, (part, (name, _, _)) in enumerate(zip(outputs.split([count for _, count, _ in DENSE_PARTS] + [4], -1), DENSE_PARTS)):
            is_known = dense[:, row] >= 0 if row else dense[:, 0] > 0
            figures[name] = round((part.argmax(-1) == dense[:, row])[is_known].float().mean().item(), 3)
        figures['box'] = round((outputs[..., -4:] - box).abs()[dense[:, 0] > 0].mean().item(), 4)
        return figures

    def joint_figures(self):
        """[nats per token, share of right tokens] of each task, by teacher forcing."""
        results = [self.loss(*tensors) for tensors, _ in self.validation]
        figures = {}
        for task, name in enumerate(TASKS):
            chosen = [torch.from_numpy(tasks == task) for _, tasks in self.validation]
            count = max(1, sum(mask.sum().item() for mask in chosen))
            figures[name] = [round(sum(result[k][mask].sum().item() for result, mask in zip(results, chosen)) / count, 3) for k in (2, 3)]
        figures['dense'] = round(sum(result[1].item() for result in results) / len(results), 3)
        return figures

    def save(self):
        """Whole or not at all."""
        partial = CHECKPOINT.with_suffix('.partial')
        torch.save(dict(ema=self.average, log=self.state['log'], images=self.state['images']), partial)
        os.replace(partial, CHECKPOINT)


def unflatten(flat, tensors):
    at = 0
    for tensor in tensors:
        tensor.copy_(flat[at:at + tensor.numel()].view_as(tensor))
        at += tensor.numel()


if __name__ == '__main__':
    if len(sys.argv) < 4 or sys.argv[1] not in CLIP:
        sys.exit(__doc__)
    Training(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]) if len(sys.argv) > 4 else .03).run()
