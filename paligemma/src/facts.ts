/** Facts of the PaliGemma 2 family that every process shares: token ranges, boxes, regions, run options. */

/**
 * Location tokens `<loc0000>`…`<loc1023>`: one coordinate of the squeezed square picture each. Source: big_vision
 * 0127fb6, `pp/proj/paligemma/segmentation.py`.
 */
export const LOC_BINS = 1024;
/** Segmentation tokens `<seg000>`…`<seg127>`: one code of the mask codebook each. Source: as above. */
export const SEG_CODES = 128;
/** Segmentation tokens in one mask: a 4 × 4 grid, row by row. */
export const CODES_PER_MASK = 16;

/** Names under which a model's folder may bring the decoder of its `<seg>` tokens. */
export const maskDecoderFiles: readonly string[] = ['mask-decoder.safetensors', 'vae-oid.npz'];

/**
 * What a bin is divided by to give a fraction of the side: 1024 in published viewers (the default here), 1023 in the
 * training and metric code. Source: Hugging Face blog "PaliGemma"; big_vision 0127fb6, `evaluators/…/segmentation.py`.
 */
export const locDivisors = [1023, 1024] as const;
export type LocDivisor = (typeof locDivisors)[number];
export const DEFAULT_LOC_DIVISOR: LocDivisor = 1024;

/**
 * How the weights of a converted model are stored. `int4` is the small and fast default, `int8` nearly exact, `f16` for
 * GPUs, `f32` exact.
 */
export const weightTypes = ['int4', 'int8', 'f16', 'f32'] as const;
export type WeightType = (typeof weightTypes)[number];

/**
 * The graphs of a folder in the layout of transformers.js: files `onnx/<graph>.onnx`, or `onnx/<graph>_<type>.onnx` for
 * a type other than fp32.
 */
export const onnxGraphs = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'] as const;
export type OnnxGraphName = (typeof onnxGraphs)[number];
/** The types in which they are published. Source: transformers.js 4.3 `utils/dtypes.js`. */
export const onnxTypes = ['fp32', 'fp16', 'quantized', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'] as const;
export type OnnxType = (typeof onnxTypes)[number];
/** Which of our weight types each of them is like. */
export const weightsOfOnnxType: Readonly<Record<OnnxType, WeightType>> = {
  q4: 'int4',
  bnb4: 'int4',
  q4f16: 'int4',
  quantized: 'int8',
  int8: 'int8',
  uint8: 'int8',
  fp16: 'f16',
  fp32: 'f32',
};

/** Where a model may run. `auto` tries WebGPU and falls back to the CPU with the reason in the log. */
const ownDevices = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export const deviceNames = ['auto', ...ownDevices] as const;
export type DeviceName = (typeof deviceNames)[number];
/** Where a run took place; `remote`: on an inference server. */
export const runDevices = [...ownDevices, 'remote'] as const;
export type RunDevice = (typeof runDevices)[number];

/**
 * Attention of the one-token steps. `full`: every layer sees every position, as the model was trained. `sliding`: even
 * layers see the last `sliding_window` positions only, as Hugging Face transformers runs it.
 */
export const attentionModes = ['full', 'sliding'] as const;
export type AttentionMode = (typeof attentionModes)[number];

/** Axis-aligned box in pixels of the upright source picture, origin top-left, not rounded. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Binary mask of the whole upright source picture. */
export interface Mask {
  /** Pixels; equal to the size of the upright source picture. */
  readonly width: number;
  readonly height: number;
  /** Base64 of an 8-bit grey PNG: 255 inside the object, 0 outside. */
  readonly png: string;
}

/** One object that the model named in its suffix. */
export interface Region {
  /** As the model wrote it, trimmed; empty where it wrote none. */
  readonly label: string;
  readonly box: Box;
  /** How sure the model was, 0…1, see `regionConfidence`; absent where it does not tell, as an inference server. */
  readonly confidence?: number;
  readonly mask?: Mask;
}

/** Why generation stopped. */
export const stopReasons = ['eos', 'maxNewTokens', 'contextFull'] as const;
export type StopReason = (typeof stopReasons)[number];

/**
 * Which prompts a checkpoint knows: `pt` pretrained, `ft` fine-tuned for one task, `mix` all tasks, `demo` the bundled
 * one.
 */
export type CheckpointKind = 'pt' | 'ft' | 'mix' | 'demo' | 'unknown';
