/** The convolutions of the mask codec, each as one matrix product over gathered windows. Plain JavaScript. */

/** Activations `[height, width, channels]`, float32. */
export interface FeatureMap {
  readonly side: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Rows of `[inputs]` per output: `weights[output · inputs + input]`. */
interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
}

/** A convolution ready to run on square maps. */
export type Convolution = (input: FeatureMap) => FeatureMap;

/**
 * Stride 1, zero padding that keeps the size.
 * @param weights `[out, in, kernel, kernel]` in PyTorch's order; `kernel` is odd.
 */
export function convolution(weights: Float32Array, bias: Float32Array, channels: number, kernel: number): Convolution {
  const outputs = bias.length;
  const dense = { inputs: kernel * kernel * channels, outputs, weights: new Float32Array(weights.length) };
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < channels; input++) {
      for (let tap = 0; tap < kernel * kernel; tap++) {
        dense.weights[(out * kernel * kernel + tap) * channels + input] =
          weights[(out * channels + input) * kernel * kernel + tap]!;
      }
    }
  }
  const taps = Array.from(
    { length: kernel * kernel },
    (_, tap) => ({ dy: Math.floor(tap / kernel) - (kernel >> 1), dx: tap % kernel - (kernel >> 1) }),
  );
  return input => {
    const data = new Float32Array(input.side * input.side * outputs);
    multiply(gather(input, taps), dense, bias, data, cell => cell);
    return { side: input.side, channels: outputs, data };
  };
}

/**
 * Kernel 4, stride 2, zero padding 1: halves the side.
 * @param weights `[out, in, 4, 4]` in PyTorch's order.
 */
export function halvingConvolution(weights: Float32Array, bias: Float32Array, channels: number): Convolution {
  const outputs = bias.length;
  const dense = { inputs: 16 * channels, outputs, weights: new Float32Array(weights.length) };
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < channels; input++) {
      for (let tap = 0; tap < 16; tap++) {
        dense.weights[(out * 16 + tap) * channels + input] = weights[(out * channels + input) * 16 + tap]!;
      }
    }
  }
  const taps = Array.from({ length: 16 }, (_, tap) => ({ dy: Math.floor(tap / 4) - 1, dx: tap % 4 - 1 }));
  return input => {
    const side = input.side / 2;
    const data = new Float32Array(side * side * outputs);
    multiply(gather(input, taps, 2), dense, bias, data, cell => cell);
    return { side, channels: outputs, data };
  };
}

/**
 * Transposed convolution, kernel 4, stride 2, PyTorch padding 1: doubles the side. Each output cell sees 2 × 2 input
 * cells, a different set of taps for each of the four parities of its row and column: even rows i take taps 3 and 1 of
 * input rows i/2 − 1 and i/2, odd ones taps 2 and 0 of the input rows (i − 1)/2 and (i + 1)/2.
 * @param weights `[in, out, 4, 4]` in PyTorch's order.
 */
export function doublingConvolution(weights: Float32Array, bias: Float32Array, channels: number): Convolution {
  const outputs = bias.length;
  const parities = [0, 1].flatMap(oddRow =>
    [0, 1].map(oddColumn => {
      const taps = tapsOf(oddRow).flatMap(row =>
        tapsOf(oddColumn).map(column => ({ dy: row.offset, dx: column.offset, tap: row.tap * 4 + column.tap }))
      );
      const dense = {
        inputs: taps.length * channels,
        outputs,
        weights: new Float32Array(taps.length * channels * outputs),
      };
      for (let out = 0; out < outputs; out++) {
        taps.forEach(({ tap }, t) => {
          for (let input = 0; input < channels; input++) {
            dense.weights[(out * taps.length + t) * channels + input] = weights[(input * outputs + out) * 16 + tap]!;
          }
        });
      }
      return { oddRow, oddColumn, taps, dense };
    })
  );
  return input => {
    const { side } = input;
    const data = new Float32Array(4 * side * side * outputs);
    for (const { oddRow, oddColumn, taps, dense } of parities) {
      const target = (cell: number) =>
        (2 * Math.floor(cell / side) + oddRow) * 2 * side + 2 * (cell % side) + oddColumn;
      multiply(gather(input, taps), dense, bias, data, target);
    }
    return { side: 2 * side, channels: outputs, data };
  };
}

function tapsOf(odd: number): readonly { readonly tap: number; readonly offset: number }[] {
  return odd === 0 ? [{ tap: 3, offset: -1 }, { tap: 1, offset: 0 }] : [{ tap: 2, offset: 0 }, { tap: 0, offset: 1 }];
}

/**
 * For each cell, or each `stride`th of a row and each such row, the channels of its neighbours at `taps`, zeros outside:
 * `[cells, taps · channels]`.
 */
function gather(
  input: FeatureMap,
  taps: readonly { readonly dy: number; readonly dx: number }[],
  stride = 1,
): Float32Array {
  const { side, channels, data } = input;
  const outputSide = side / stride;
  const windows = new Float32Array(outputSide * outputSide * taps.length * channels);
  let at = 0;
  for (let cell = 0; cell < outputSide * outputSide; cell++) {
    for (const { dy, dx } of taps) {
      const y = Math.floor(cell / outputSide) * stride + dy;
      const x = cell % outputSide * stride + dx;
      if (y >= 0 && y < side && x >= 0 && x < side) {
        const from = (y * side + x) * channels;
        for (let channel = 0; channel < channels; channel++) windows[at + channel] = data[from + channel]!;
      }
      at += channels;
    }
  }
  return windows;
}

/**
 * output[target(cell)] = windows[cell] · weightsᵀ + bias, four outputs at a time so that a window is read once for
 * them.
 */
function multiply(
  windows: Float32Array,
  dense: Dense,
  bias: Float32Array,
  output: Float32Array,
  target: (cell: number) => number,
): void {
  const { inputs, outputs, weights } = dense;
  for (let cell = 0; cell < windows.length / inputs; cell++) {
    const from = cell * inputs;
    const to = target(cell) * outputs;
    let out = 0;
    for (; out + 4 <= outputs; out += 4) {
      let a = bias[out]!;
      let b = bias[out + 1]!;
      let c = bias[out + 2]!;
      let d = bias[out + 3]!;
      const row = out * inputs;
      for (let i = 0; i < inputs; i++) {
        const value = windows[from + i]!;
        a += value * weights[row + i]!;
        b += value * weights[row + inputs + i]!;
        c += value * weights[row + 2 * inputs + i]!;
        d += value * weights[row + 3 * inputs + i]!;
      }
      output[to + out] = a;
      output[to + out + 1] = b;
      output[to + out + 2] = c;
      output[to + out + 3] = d;
    }
    for (; out < outputs; out++) {
      let sum = bias[out]!;
      for (let i = 0; i < inputs; i++) sum += windows[from + i]! * weights[out * inputs + i]!;
      output[to + out] = sum;
    }
  }
}

/** In place. */
export function relu(map: FeatureMap): FeatureMap {
  for (let i = 0; i < map.data.length; i++) if (map.data[i]! < 0) map.data[i] = 0;
  return map;
}

/** a + b in place of a. */
export function add(a: FeatureMap, b: FeatureMap): FeatureMap {
  for (let i = 0; i < a.data.length; i++) a.data[i]! += b.data[i]!;
  return a;
}
