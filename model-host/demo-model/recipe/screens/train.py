"""Trains the model, on one processor core or on a graphics card.

    python -m screens.train [--tiles N] [--vision N] [--screens N] [--curriculum N] [--rate R] [--batch N] [--minutes M] [--no-compile]

Starts where state.pt ends, and writes it every few minutes, at the end, and when it is told to stop (SIGTERM, Ctrl+C), so it may
be stopped at any moment and started again by the same command. Each minute a line goes to curve.jsonl.

Up to tile `--vision` the vision tower learns alone, on dense targets; from there the whole model learns the next character, with a
part of the dense loss; from tile `--screens` on not only tiles of text, but whole screens, drawn shapes and photographs too. The rate is constant to CONSTANT_UNTIL of `--tiles` and falls to the end; while it is constant, `--tiles` may
be changed between runs. Each stage begins with few large letters: the first one has reached everything at `--vision`, the second one
`--curriculum` tiles later.
"""
import argparse
import json
import os
import signal
import sys
import time

import numpy as np
import torch
from torch import nn

from screens.batches import batches, text_arrays, vision_arrays
from screens.examples import Limits, mixture, tiles
from screens.model import PATCH_VALUES
from screens.places import CURVE, STATE
from screens.tiles import patches_of
from screens.trainee import POINTER_WEIGHT, Trainee, is_layer_matrix

DENSE_SHARE = .3
HARD_SHARE = .25
WARM_UP_STEPS = 60
CONSTANT_UNTIL = .65
END_FACTOR = .03
CAPPED_FROM = .9
"""Share of `--tiles` from which attention is trained with its soft cap, as the model is run; before, the faster one will do."""
AVERAGE_DECAY = .999
CLIP = {'vision': 1.0, 'joint': 2.0}
LOG_SECONDS, SAVE_SECONDS = 60, 300
VALIDATION_SECONDS = 600
VALIDATION_BATCHES = 4
VALIDATION_SEED = 7


class Training:
    def __init__(self, options):
        self.options = options
        self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        if self.device.type == 'cpu':
            torch.set_num_threads(1)
        torch.manual_seed(0)
        self.validation = first_batches(tiles('val', np.random.default_rng(VALIDATION_SEED), Limits, is_spoilt=False))
        sample = np.concatenate([patches_of(example.pixels) for examples, _ in self.validation for example in examples])[::8]
        self.net = Trainee(torch.from_numpy(sample) / 127.5 - 1).to(self.device)
        named = list(self.net.named_parameters())
        matrices = [parameter for name, parameter in named if is_layer_matrix(name, parameter)]
        rest = [parameter for name, parameter in named if not is_layer_matrix(name, parameter)]
        self.muon = torch.optim.Muon(matrices, lr=options.rate, weight_decay=.02, momentum=.95, ns_steps=4, adjust_lr_fn='match_rms_adamw')
        self.adam = torch.optim.AdamW(rest, lr=options.rate, betas=(.9, .98), weight_decay=0)
        self.average = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
        self.tiles, self.steps, self.stage_steps, self.seconds = 0, 0, 0, 0.0
        if STATE.exists():
            self.load()
        self.rng = np.random.default_rng([1, self.steps])
        self.stream = mixture(self.rng, self.limits, lambda: self.tiles >= options.screens)
        self.is_told_to_stop = False

    @property
    def stage(self):
        return 'vision' if self.tiles < self.options.vision else 'joint'

    @property
    def curriculum(self):
        """Of the present stage, the share that is done: each has its own, since the decoder finds its way on short answers first."""
        start, length = (0, self.options.vision) if self.stage == 'vision' else (self.options.vision, self.options.curriculum)
        return min(1.0, (self.tiles - start) / max(1, length))

    def limits(self):
        """Of the next tile. Some are hard from the first on, so that the tower forgets no small letters."""
        is_hard = self.stage == 'joint' and self.rng.random() < HARD_SHARE
        return Limits.at(1.0 if is_hard else self.curriculum)

    def run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        vision, joint = self.net.vision_loss, self.net.joint_loss
        if not self.options.no_compile:
            vision, joint = torch.compile(vision), torch.compile(joint, dynamic=False)
        self.losses = {'vision': vision, 'joint': joint}
        self.recent, started = [], time.monotonic()
        self.last_log = self.last_save = self.last_validation = started
        for examples, length in batches(self.stream, self.options.batch):
            self.step(examples, length)
            now = time.monotonic()
            if now - self.last_log > LOG_SECONDS:
                self.log(now)
            if now - self.last_save > SAVE_SECONDS:
                self.save(now)
            is_over = self.tiles >= self.options.tiles or now - started > self.options.minutes * 60
            if self.is_told_to_stop or is_over:
                break
        self.log(time.monotonic())
        self.save(time.monotonic())

    def stop(self, *_):
        self.is_told_to_stop = True

    def step(self, examples, length):
        stage = self.stage
        self.set_rates()
        self.net.is_capped = self.tiles >= CAPPED_FROM * self.options.tiles
        arrays = vision_arrays(self.rng, examples) + (text_arrays(self.rng, examples, length) if stage == 'joint' else [])
        results = self.losses[stage](*(array.to(self.device) for array in arrays))
        if stage == 'vision':
            loss, right = results
            self.recent.append((loss.item(), right.item()))
        else:
            token_loss, distance, dense, right, _, is_right = results
            loss = token_loss + POINTER_WEIGHT * distance + DENSE_SHARE * dense
            weights = arrays[-2]
            self.recent.append((token_loss.item(), right.item(), ((is_right.cpu() * weights).sum() / weights.sum()).item(),
                                distance.item(), dense.item()))
        for optimiser in (self.muon, self.adam):
            optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), CLIP[stage])
        for optimiser in (self.muon, self.adam):
            optimiser.step()
        self.steps += 1
        self.tiles += len(examples)
        self.stage_steps = self.stage_steps + 1 if self.stage == stage else 0
        self.follow_average()

    def set_rates(self):
        """Warm-up in each stage, constant, then linear to END_FACTOR; Adam runs at half the rate."""
        done = self.tiles / self.options.tiles
        decline = 1 if done < CONSTANT_UNTIL else max(END_FACTOR, 1 - (1 - END_FACTOR) * (done - CONSTANT_UNTIL) / (1 - CONSTANT_UNTIL))
        rate = self.options.rate * min(1, (self.stage_steps + 1) / WARM_UP_STEPS) * decline
        for optimiser, factor in ((self.muon, 1), (self.adam, .5)):
            for group in optimiser.param_groups:
                group['lr'] = rate * factor

    @torch.no_grad()
    def follow_average(self):
        decay = min(AVERAGE_DECAY, self.steps / (self.steps + 30))
        for name, tensor in self.net.state_dict().items():
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, 1 - decay)

    def log(self, now):
        if not self.recent:
            return
        passed = now - self.last_log
        self.seconds += passed
        names = ('loss', 'points_right', 'characters_right', 'pointer', 'dense')
        means = [np.mean(column) for column in zip(*(row for row in self.recent if len(row) == len(self.recent[-1])))]
        entry = dict(stage=self.stage, minutes=round(self.seconds / 60, 1), step=self.steps, tiles=self.tiles, curriculum=round(self.curriculum, 3),
                     tiles_per_second=round(len(self.recent) * self.options.batch / passed, 1))
        entry |= {name: round(float(mean), 4) for name, mean in zip(names, means)}
        if now - self.last_validation > VALIDATION_SECONDS or self.is_told_to_stop or self.tiles >= self.options.tiles:
            entry['held_out'] = self.validate()
            self.last_validation = time.monotonic()
        with open(CURVE, 'a', encoding='utf-8') as file:
            file.write(json.dumps(entry) + '\n')
        print(json.dumps(entry), flush=True)
        self.recent, self.last_log = [], time.monotonic()

    @torch.no_grad()
    def validate(self):
        """Of the averaged weights on held-out words and fonts: share of characters right at points, and by teacher forcing."""
        current = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}
        self.net.load_state_dict(self.average)
        points, right, count = [], 0.0, 0.0
        for examples, length in self.validation:
            arrays = vision_arrays(np.random.default_rng(0), examples)
            if self.stage == 'vision':
                points.append(self.net.vision_loss(*(array.to(self.device) for array in arrays))[1].item())
                continue
            arrays += text_arrays(np.random.default_rng(0), examples, length)
            results = self.net.joint_loss(*(array.to(self.device) for array in arrays))
            points.append(results[3].item())
            right += (results[5].cpu() * arrays[-2]).sum().item()
            count += arrays[-2].sum().item()
        self.net.load_state_dict(current)
        return dict(points_right=round(float(np.mean(points)), 4)) | (dict(characters_right=round(right / count, 4)) if count else {})

    def load(self):
        state = torch.load(STATE, map_location=self.device)
        self.net.load_state_dict(state['net'])
        self.average = state['average']
        self.muon.load_state_dict(state['muon'])
        self.adam.load_state_dict(state['adam'])
        self.tiles, self.steps, self.stage_steps, self.seconds = (state[name] for name in ('tiles', 'steps', 'stage_steps', 'seconds'))
        print(f'goes on from tile {self.tiles}, step {self.steps}', flush=True)

    def save(self, now):
        """Whole or not at all."""
        partial = STATE.with_suffix('.partial')
        torch.save(dict(net=self.net.state_dict(), average=self.average, muon=self.muon.state_dict(), adam=self.adam.state_dict(),
                        tiles=self.tiles, steps=self.steps, stage_steps=self.stage_steps, seconds=self.seconds), partial)
        os.replace(partial, STATE)
        self.last_save = now


def first_batches(stream):
    found = []
    for batch in batches(stream, 16):
        found.append(batch)
        if len(found) == VALIDATION_BATCHES:
            return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--tiles', type=int, default=600_000)
    arguments.add_argument('--vision', type=int, default=100_000)
    arguments.add_argument('--screens', type=int, default=250_000)
    arguments.add_argument('--curriculum', type=int, default=120_000)
    arguments.add_argument('--rate', type=float, default=3e-3)
    arguments.add_argument('--batch', type=int, default=16)
    arguments.add_argument('--minutes', type=float, default=float('inf'))
    arguments.add_argument('--no-compile', action='store_true')
    Training(arguments.parse_args()).run()


if __name__ == '__main__':
    sys.exit(main())
