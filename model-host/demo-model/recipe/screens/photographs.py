"""Pictures with the statistics of photographs: smooth light, soft edges, textures and noise, and nothing that could be named.

They teach the model to say that it cannot describe a photograph, instead of inventing something. They are drawn, not taken: clouds of
noise whose strength falls with frequency as in photographs of nature, mixed along soft borders in a few colours.
"""
import numpy as np
from PIL import Image, ImageFilter

FALL = (.8, 1.5)
"""Amplitude falls as frequency to the power of minus this; photographs lie around 1."""
REGIONS = (2, 5)


def draw_photograph(rng, size):
    """uint8 [size, size, 3]. rng: numpy's."""
    count = rng.integers(*REGIONS, endpoint=True)
    colors = rng.uniform(20, 235, (count, 1)) + rng.normal(0, rng.uniform(5, 35), (count, 3))
    heights = np.stack([cloud(rng, size, rng.uniform(1.2, 1.9)) for _ in colors])
    weights = np.exp(rng.uniform(2, 12) * heights)
    picture = np.einsum('nhw,nc->hwc', weights / weights.sum(0), colors)
    light = cloud(rng, size, FALL[1]) * rng.uniform(10, 60)
    texture = cloud(rng, size, rng.uniform(*FALL)) * rng.uniform(5, 35)
    picture += (light + texture)[..., None] + np.stack([cloud(rng, size, 1.2) for _ in range(3)], 2) * rng.uniform(0, 12)
    if rng.random() < .5:
        picture += np.linspace(-1, 1, size)[:, None, None] * rng.uniform(-60, 60)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))
    noisy = np.asarray(image, np.float32) + rng.normal(0, rng.uniform(0, 7), (size, size, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def cloud(rng, size, fall):
    """[size, size] of mean 0 and deviation 1, amplitudes falling as 1 / frequency ** fall; now and then stretched to one side."""
    across, down = np.fft.rfftfreq(size) * rng.uniform(.5, 1.5), np.fft.fftfreq(size) * rng.uniform(.5, 1.5)
    frequency = np.hypot(down[:, None], across[None])
    frequency[0, 0] = 1
    spectrum = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
    spectrum *= frequency ** -fall
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, (size, size))
    return field / field.std()
