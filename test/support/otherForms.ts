/**
 * Writes a checkpoint in the forms of other programs, independently of what reads them: codes are packed bit by bit, and
 * archives byte by byte.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../model-host/src/util/crc32';

export type FloatType = 'F32' | 'F16' | 'BF16';

export interface FormTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

export interface Weights {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** All tensors of a checkpoint in one file, bf16 or f32. */
export function weightsOf(folder: string): Weights[] {
  const bytes = readFileSync(path.join(folder, 'model.safetensors'));
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return Object.entries(header).filter(([name]) => name !== '__metadata__').map(([name, entry]) => {
    const [from, to] = entry.data_offsets;
    const size = entry.dtype === 'F32' ? 4 : 2;
    const values = Float32Array.from({ length: (to - from) / size }, (_, i) => {
      const at = start + from + i * size;
      return size === 4 ? bytes.readFloatLE(at) : floatOfTop(bytes.readUInt16LE(at));
    });
    return { name, shape: entry.shape, values };
  });
}

/** A folder with everything of `source` but its weights. */
export function folderLike(source: string, folder: string): string {
  cpSync(source, folder, { recursive: true });
  rmSync(path.join(folder, 'model.safetensors'));
  return folder;
}

export function writeTensorFile(
  folder: string,
  tensors: readonly FormTensor[],
  format = 'pt',
  name = 'model.safetensors',
): void {
  const header: Record<string, unknown> = { __metadata__: { format } };
  let end = 0;
  for (const { name: tensor, dtype, shape, bytes } of tensors) {
    header[tensor] = { dtype, shape, data_offsets: [end, end += bytes.length] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path.join(folder, name), Buffer.concat([length, json, ...tensors.map(({ bytes }) => bytes)]));
}

/** `values` must be representable in the type; what is not is cut off. */
export function floats(values: Float32Array, type: FloatType): Buffer {
  const bytes = Buffer.alloc(values.length * (type === 'F32' ? 4 : 2));
  values.forEach((value, i) => {
    if (type === 'F32') bytes.writeFloatLE(value, i * 4);
    else bytes.writeUInt16LE(type === 'BF16' ? topOf(value) : halfOf(value), i * 2);
  });
  return bytes;
}

export function plain({ name, shape, values }: Weights, type: FloatType = 'F32'): FormTensor {
  return { name, dtype: type, shape, bytes: floats(values, type) };
}

/** A tensor in pieces, and what they stand for. */
export interface Written {
  readonly parts: readonly FormTensor[];
  readonly meant: Float32Array;
}

/** As MLX has it, with scales between the smallest and the largest value of each group, cut off to `scaleType`. */
export function mlxParts(
  { name, shape, values }: Weights,
  bits: number,
  groupSize: number,
  scaleType: FloatType = 'F32',
): Written {
  const [rows = 0, columns = 0] = shape;
  const groups = columns / groupSize;
  const words = Buffer.alloc((rows * columns * bits) / 8);
  const scales = new Float32Array(rows * groups);
  const biases = new Float32Array(rows * groups);
  const meant = new Float32Array(values.length);
  for (let group = 0; group < scales.length; group++) {
    const part = values.subarray(group * groupSize, (group + 1) * groupSize);
    const least = Math.min(...part);
    const scale = cut((Math.max(...part) - least) / (2 ** bits - 1), scaleType);
    const bias = cut(least, scaleType);
    scales[group] = scale;
    biases[group] = bias;
    for (let i = 0; i < groupSize; i++) {
      const code = scale === 0 ? 0 : Math.max(0, Math.min(2 ** bits - 1, Math.round((part[i]! - bias) / scale)));
      const at = group * groupSize + i;
      meant[at] = Math.fround(Math.fround(scale * code) + bias);
      for (let bit = 0; bit < bits; bit++) {
        const place = at * bits + bit;
        if ((code >> bit) & 1) words[place >> 3]! |= 1 << (place & 7);
      }
    }
  }
  const module = name.replace(/\.weight$/, '');
  return {
    parts: [
      { name, dtype: 'U32', shape: [rows, (columns * bits) / 32], bytes: words },
      { name: `${module}.scales`, dtype: scaleType, shape: [rows, groups], bytes: floats(scales, scaleType) },
      { name: `${module}.biases`, dtype: scaleType, shape: [rows, groups], bytes: floats(biases, scaleType) },
    ],
    meant,
  };
}

/** `[width, 3, height, across]` → `[width, height, across, 3]`. */
export function coloursLast({ name, shape, values }: Weights): Weights {
  const [width = 0, colours = 0, height = 0, across = 0] = shape;
  const turned = new Float32Array(values.length);
  const area = height * across;
  for (let i = 0; i < values.length; i++) {
    const one = Math.floor(i / (colours * area));
    const colour = Math.floor(i / area) % colours;
    turned[one * colours * area + (i % area) * colours + colour] = values[i]!;
  }
  return { name, shape: [width, height, across, colours], values: turned };
}

/** Source: Dettmers et al., "QLoRA" (arXiv 2305.14314), appendix E. */
const NF4 = [
  -1.0,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0.0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1.0,
].map(Math.fround);

/** As bitsandbytes has it; `isDouble`: with scales that are quantised again. `type`: what the weight was stored as. */
export function nf4Parts({ name, shape, values }: Weights, isDouble: boolean, type: FloatType = 'F32'): Written {
  const block = 64;
  const blocks = Math.ceil(values.length / block);
  const largest = Float32Array.from(
    { length: blocks },
    (_, i) => values.subarray(i * block, (i + 1) * block).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
  const double = isDouble ? quantisedScales(largest) : undefined;
  const scales = double?.meant ?? largest;
  const packed = Buffer.alloc(Math.ceil(values.length / 2));
  const meant = values.map((value, i) => {
    const scale = scales[Math.floor(i / block)]!;
    const wanted = scale === 0 ? 0 : value / scale;
    const code = NF4.reduce(
      (best, level, at) => Math.abs(level - wanted) < Math.abs(NF4[best]! - wanted) ? at : best,
      0,
    );
    packed[i >> 1]! |= i % 2 === 0 ? code << 4 : code;
    return rounded(Math.fround(NF4[code]! * scale), type);
  });
  const state = {
    quant_type: 'nf4',
    blocksize: block,
    dtype: { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[type],
    shape,
    ...double?.state,
  };
  const json = Buffer.from(JSON.stringify(state));
  return {
    meant,
    parts: [
      { name, dtype: 'U8', shape: [packed.length, 1], bytes: packed },
      { name: `${name}.quant_map`, dtype: 'F32', shape: [16], bytes: floats(Float32Array.from(NF4), 'F32') },
      { name: `${name}.quant_state.bitsandbytes__nf4`, dtype: 'U8', shape: [json.length], bytes: json },
      ...(double?.parts(name)
        ?? [{ name: `${name}.absmax`, dtype: 'F32', shape: [blocks], bytes: floats(largest, 'F32') }]),
    ],
  };
}

function quantisedScales(scales: Float32Array) {
  const block = 256;
  const offset = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / scales.length);
  const table = Float32Array.from({ length: 256 }, (_, i) => (i - 127) / 128);
  const outer = Float32Array.from(
    { length: Math.ceil(scales.length / block) },
    (_, i) => Math.max(1e-9, ...scales.subarray(i * block, (i + 1) * block).map(scale => Math.abs(scale - offset))),
  );
  const codes = Buffer.from(scales).fill(0);
  scales.forEach((scale, i) => {
    codes[i] = Math.max(0, Math.min(255, Math.round(((scale - offset) / outer[Math.floor(i / block)]!) * 128) + 127));
  });
  return {
    meant: scales.map((_, i) => Math.fround(table[codes[i]!]! * outer[Math.floor(i / block)]!) + offset),
    state: { nested_blocksize: block, nested_dtype: 'float32', nested_offset: offset },
    parts: (name: string): FormTensor[] => [
      { name: `${name}.absmax`, dtype: 'U8', shape: [scales.length], bytes: codes },
      { name: `${name}.nested_absmax`, dtype: 'F32', shape: [outer.length], bytes: floats(outer, 'F32') },
      { name: `${name}.nested_quant_map`, dtype: 'F32', shape: [256], bytes: floats(table, 'F32') },
    ],
  };
}

/** As bitsandbytes has it with `load_in_8bit`. */
export function int8Parts({ name, shape, values }: Weights): Written {
  const [rows = 0, columns = 0] = shape;
  const codes = Buffer.alloc(values.length);
  const scales = new Float32Array(rows);
  const meant = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * columns, (row + 1) * columns);
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[row] = scale;
    part.forEach((value, i) => {
      const code = scale === 0 ? 0 : Math.round((value / scale) * 127);
      codes.writeInt8(code, row * columns + i);
      meant[row * columns + i] = Math.fround(code * scale) * Math.fround(1 / 127);
    });
  }
  const module = name.replace(/\.weight$/, '');
  return {
    meant,
    parts: [
      { name, dtype: 'I8', shape, bytes: codes },
      { name: `${module}.SCB`, dtype: 'F32', shape: [rows], bytes: floats(scales, 'F32') },
      { name: `${module}.weight_format`, dtype: 'U8', shape: [], bytes: Buffer.alloc(1) },
    ],
  };
}

export interface NpyOptions {
  readonly type: FloatType;
  readonly isDeflated?: boolean;
  /** Sizes and places as archives beyond 4 GB have them. */
  readonly isZip64?: boolean;
}

/** The arrays of a checkpoint as big_vision stacks them, without the row of `<image>`. */
export function bigVisionArrays(
  weights: readonly Weights[],
  { heads, headDim, kvHeads, visionHeads }: Record<'heads' | 'headDim' | 'kvHeads' | 'visionHeads', number>,
): Weights[] {
  const named = new Map(weights.map(each => [each.name, each]));
  const get = (name: string) => named.get(name)!;
  const stack = (name: string, each: (tensor: Weights) => Weights, pattern: string): Weights => {
    const parts: Weights[] = [];
    for (let layer = 0; named.has(pattern.replace('#', String(layer))); layer++) {
      parts.push(each(get(pattern.replace('#', String(layer)))));
    }
    return { name, shape: [parts.length, ...parts[0]!.shape], values: joined(parts) };
  };
  const vision = 'vision_tower.vision_model';
  const block = 'params/img/Transformer/encoderblock';
  const text = 'language_model.model.layers.#';
  const tower = (name: string, pattern: string, each = same) =>
    stack(`${block}/${name}`, each, `${vision}.encoder.layers.#.${pattern}`);
  const attention = (['query', 'key', 'value'] as const).flatMap((name, at) => {
    const part = `self_attn.${['q', 'k', 'v'][at]!}_proj`;
    const array = `MultiHeadDotProductAttention_0/${name}`;
    const side = get(`${vision}.post_layernorm.bias`).values.length / visionHeads;
    return [
      tower(`${array}/kernel`, `${part}.weight`, tensor => {
        const { values, shape: [inputs = 0] } = transposed(tensor);
        return { name, shape: [inputs, visionHeads, side], values };
      }),
      tower(`${array}/bias`, `${part}.bias`, tensor => ({ ...tensor, shape: [visionHeads, side] })),
    ];
  });
  const embedding = get('language_model.model.embed_tokens.weight');
  const [rows = 0, hidden = 0] = embedding.shape;
  const kv = stack('', tensor => headsApart(tensor, kvHeads), `${text}.self_attn.k_proj.weight`);
  const v = stack('', tensor => headsApart(tensor, kvHeads), `${text}.self_attn.v_proj.weight`);
  const gate = stack('', transposed, `${text}.mlp.gate_proj.weight`);
  const up = stack('', transposed, `${text}.mlp.up_proj.weight`);
  const patches = coloursLast(get(`${vision}.embeddings.patch_embedding.weight`));
  const [width = 0, height = 0, across = 0, colours = 0] = patches.shape;
  const kernel = transposed({ ...patches, shape: [width, height * across * colours] });
  const positions = get(`${vision}.embeddings.position_embedding.weight`);
  return [
    { name: 'params/img/embedding/kernel', shape: [height, across, colours, width], values: kernel.values },
    { ...get(`${vision}.embeddings.patch_embedding.bias`), name: 'params/img/embedding/bias' },
    { name: 'params/img/pos_embedding', shape: [1, ...positions.shape], values: positions.values },
    ...[0, 1].flatMap(at => [
      tower(`LayerNorm_${at}/scale`, `layer_norm${at + 1}.weight`),
      tower(`LayerNorm_${at}/bias`, `layer_norm${at + 1}.bias`),
    ]),
    ...attention,
    tower('MultiHeadDotProductAttention_0/out/kernel', 'self_attn.out_proj.weight', tensor => {
      const { values, shape: [, outputs = 0] } = transposed(tensor);
      return { name: '', shape: [visionHeads, outputs / visionHeads, outputs], values };
    }),
    tower('MultiHeadDotProductAttention_0/out/bias', 'self_attn.out_proj.bias'),
    tower('MlpBlock_0/Dense_0/kernel', 'mlp.fc1.weight', transposed),
    tower('MlpBlock_0/Dense_0/bias', 'mlp.fc1.bias'),
    tower('MlpBlock_0/Dense_1/kernel', 'mlp.fc2.weight', transposed),
    tower('MlpBlock_0/Dense_1/bias', 'mlp.fc2.bias'),
    { ...get(`${vision}.post_layernorm.weight`), name: 'params/img/Transformer/encoder_norm/scale' },
    { ...get(`${vision}.post_layernorm.bias`), name: 'params/img/Transformer/encoder_norm/bias' },
    { ...transposed(get('multi_modal_projector.linear.weight')), name: 'params/img/head/kernel' },
    { ...get('multi_modal_projector.linear.bias'), name: 'params/img/head/bias' },
    {
      name: 'params/llm/embedder/input_embedding',
      shape: [rows - 1, hidden],
      values: embedding.values.subarray(0, (rows - 1) * hidden),
    },
    stack('params/llm/layers/attn/q_einsum/w', tensor => headsApart(tensor, heads), `${text}.self_attn.q_proj.weight`),
    interleaved('params/llm/layers/attn/kv_einsum/w', kv, v),
    stack('params/llm/layers/attn/attn_vec_einsum/w', tensor => {
      const { values } = transposed(tensor);
      return { name: '', shape: [heads, headDim, hidden], values };
    }, `${text}.self_attn.o_proj.weight`),
    interleaved('params/llm/layers/mlp/gating_einsum', gate, up),
    stack('params/llm/layers/mlp/linear', transposed, `${text}.mlp.down_proj.weight`),
    stack('params/llm/layers/pre_attention_norm/scale', same, `${text}.input_layernorm.weight`),
    stack('params/llm/layers/post_attention_norm/scale', same, `${text}.post_attention_layernorm.weight`),
    stack('params/llm/layers/pre_ffw_norm/scale', same, `${text}.pre_feedforward_layernorm.weight`),
    stack('params/llm/layers/post_ffw_norm/scale', same, `${text}.post_feedforward_layernorm.weight`),
    { ...get('language_model.model.norm.weight'), name: 'params/llm/final_norm/scale' },
  ];
}

const same = (tensor: Weights) => tensor;

/** `[heads · side, inputs]` → `[heads, inputs, side]`. */
function headsApart({ name, shape, values }: Weights, heads: number): Weights {
  const [rows = 0, inputs = 0] = shape;
  const side = rows / heads;
  const parts = Array.from(
    { length: heads },
    (_, head) =>
      transposed({
        name,
        shape: [side, inputs],
        values: values.subarray(head * side * inputs, (head + 1) * side * inputs),
      }),
  );
  return { name, shape: [heads, inputs, side], values: joined(parts) };
}

function transposed({ name, shape, values }: Weights): Weights {
  const [rows = 0, columns = 0] = shape;
  const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { name, shape: [columns, rows], values: turned };
}

/** `[layers, …]` twice → `[layers, 2, …]`. */
function interleaved(name: string, a: Weights, b: Weights): Weights {
  const [layers = 0, ...rest] = a.shape;
  const size = a.values.length / layers;
  const parts = Array.from({ length: layers }, (_, layer) =>
    [a, b].map(({ values }) => ({
      name,
      shape: rest,
      values: values.subarray(layer * size, (layer + 1) * size),
    }))).flat();
  return { name, shape: [layers, 2, ...rest], values: joined(parts) };
}

function joined(parts: readonly Weights[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of parts) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/** A member of an archive, as its directory and its own header describe it. */
export interface Member {
  readonly name: string;
  readonly content: Buffer;
}

export function npy({ name, shape, values }: Weights, type: FloatType, more = ''): Member {
  const descr = { F32: '<f4', F16: '<f2', BF16: '|V2' }[type];
  const sides = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${more === '' ? 'False' : more}, 'shape': (${sides}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const prefix = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  prefix.writeUInt16LE(header.length, 8);
  return { name: `${name}.npy`, content: Buffer.concat([prefix, header, floats(values, type)]) };
}

export function writeNpz(file: string, members: readonly Member[], options: Omit<NpyOptions, 'type'> = {}): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, npzBytes(members, options));
}

export function npzBytes(members: readonly Member[], { isDeflated, isZip64 }: Omit<NpyOptions, 'type'> = {}): Buffer {
  const method = isDeflated === true ? 8 : 0;
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of members) {
    const packed = isDeflated === true ? deflateRawSync(content) : content;
    const label = Buffer.from(name);
    // numpy forces 64-bit sizes in the member's own header, whatever its size.
    const local = Buffer.concat([
      record([[4, 0x04034b50], [2, 45], [2, 0], [2, method], [4, 0], [4, crc32(content)], [4, 0xffffffff], [
        4,
        0xffffffff,
      ]]),
      record([[2, label.length], [2, 20]]),
      label,
      record([[2, 1], [2, 16], [8, content.length], [8, packed.length]]),
    ]);
    const far = isZip64 === true;
    central.push(
      record([[4, 0x02014b50], [2, 45], [2, 45], [2, 0], [2, method], [4, 0], [4, crc32(content)]]),
      record([[4, far ? 0xffffffff : packed.length], [4, far ? 0xffffffff : content.length]]),
      record([[2, label.length], [2, far ? 28 : 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, far ? 0xffffffff : offset]]),
      label,
      far ? record([[2, 1], [2, 24], [8, content.length], [8, packed.length], [8, offset]]) : Buffer.alloc(0),
    );
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const count = members.length;
  const end64 = isZip64 === true
    ? [
      record([[4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]]),
      record([[8, directory.length], [8, offset]]),
      record([[4, 0x07064b50], [4, 0], [8, offset + directory.length], [4, 1]]),
    ]
    : [];
  const limited = (value: number, most: number) => isZip64 === true ? most : value;
  const end = record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, limited(count, 0xffff)],
    [2, limited(count, 0xffff)],
    [4, limited(directory.length, 0xffffffff)],
    [4, limited(offset, 0xffffffff)],
    [2, 0],
  ]);
  return Buffer.concat([...parts, directory, ...end64, end]);
}

/** Little-endian numbers of the given sizes. */
function record(fields: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(fields.map(([bytes, value]) => {
    const field = Buffer.alloc(bytes);
    if (bytes === 8) field.writeBigUInt64LE(BigInt(value));
    else field.writeUIntLE(value, 0, bytes);
    return field;
  }));
}

const word = new DataView(new ArrayBuffer(4));

function topOf(value: number): number {
  word.setFloat32(0, value);
  return word.getUint16(0);
}

function floatOfTop(top: number): number {
  word.setUint16(0, top);
  word.setUint16(2, 0);
  return word.getFloat32(0);
}

/** Cut off, normal numbers only; smaller ones become zero. */
function halfOf(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const exponent = ((bits >>> 23) & 255) - 112;
  if (exponent <= 0) return (bits >>> 16) & 0x8000;
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

function floatOfHalf(half: number): number {
  const exponent = (half >> 10) & 31;
  const size = exponent === 0 ? 0 : 2 ** (exponent - 15) * (1 + (half & 0x3ff) / 1024);
  return half & 0x8000 ? -size : size;
}

function cut(value: number, type: FloatType): number {
  switch (type) {
    case 'F32':
      return Math.fround(value);
    case 'BF16':
      return floatOfTop(topOf(value));
    case 'F16':
      return floatOfHalf(halfOf(value));
  }
}

/** To the nearest, ties to even. */
function rounded(value: number, type: FloatType): number {
  if (type !== 'BF16') return value;
  const low = floatOfTop(topOf(value));
  const high = floatOfTop(topOf(value) + 1);
  const below = Math.abs(value - low);
  const above = Math.abs(high - value);
  return below < above || (below === above && topOf(value) % 2 === 0) ? low : high;
}
