/** Gives back at once what the garbage collector would keep until it sees a reason to look. */

/**
 * Tensors in CPU memory are array buffers, which go when they are collected, and a heap of a few megabytes gives the
 * collector little reason to start: 100 MB and more of keys and values would lie around. Takes some milliseconds. The
 * host is started with `--expose-gc`; where it is not, nothing happens.
 */
export function collectTensors(): void {
  globalThis.gc?.();
}
