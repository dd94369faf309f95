/** How weights were quantised, as configs and the headers of weights tell it, and which of these forms are not read. */
import * as l10n from '@vscode/l10n';
import { isRecord } from './checks';
import { nameIn, type FolderProblem, type JsonObject } from './folderContents';

/** One sentence for weights in a form that is not read. @param by As {@link quantizationOf} says it. */
export function quantizedProblem(by: string | undefined): FolderProblem {
  return {
    reason: 'modelUnsupported',
    problem: by === undefined
      ? l10n.t(
        'Its weights are quantized in a form that is not read; those of MLX (affine) and bitsandbytes are. Use the original checkpoint: it is quantized here, with --weights int4.',
      )
      : l10n.t(
        'Its weights are quantized by {0}, which is not read; those of MLX (affine) and bitsandbytes are. Use the original checkpoint: it is quantized here, with --weights int4.',
        by,
      ),
  };
}

/** What a config says about how its weights were quantised; undefined where it says nothing. */
export function quantizationOf(config: JsonObject | undefined): string | undefined {
  const quantization = config?.['quantization_config'] ?? config?.['compression_config'];
  if (isRecord(quantization) && typeof quantization['quant_method'] === 'string') return methodIn(quantization);
  const mlx = config?.['quantization'];
  if (isRecord(mlx)) {
    const mode = mlxMode(config);
    return `MLX${mode === undefined ? '' : ` ${mode}`}${
      typeof mlx['bits'] === 'number' ? ` (${mlx['bits']} bit)` : ''
    }`;
  }
  return isRecord(quantization) ? l10n.t('an unnamed method') : undefined;
}

/** The mode of MLX that a config names, where it is one that is not read: `mxfp4`, `nvfp4`, … */
export function mlxMode(config: JsonObject | undefined): string | undefined {
  const quantization = config?.['quantization'];
  const mode = isRecord(quantization) ? quantization['mode'] : undefined;
  return mode === undefined || mode === 'affine' ? undefined : nameIn(mode) ?? l10n.t('an unnamed method');
}

function methodIn(quantization: JsonObject): string {
  const method = nameIn(quantization['quant_method']) ?? l10n.t('an unnamed method');
  const bits = quantization['load_in_4bit'] === true
    ? 4
    : quantization['load_in_8bit'] === true
    ? 8
    : quantization['bits'] ?? quantization['w_bit'];
  const detail = typeof bits === 'number' ? `${bits} bit` : nameIn(quantization['format']);
  return `${METHOD_NAMES.get(method) ?? method}${detail === undefined ? '' : ` (${detail})`}`;
}

const METHOD_NAMES: ReadonlyMap<string, string> = new Map([
  ['gptq', 'GPTQ'],
  ['awq', 'AWQ'],
  ['hqq', 'HQQ'],
  ['quanto', 'optimum-quanto'],
  ['fbgemm_fp8', 'fp8'],
]);

/** Blocks of tiny floats with a byte for a scale. Source: MLX `mlx/ops.cpp`, fp_quantize. */
const MLX_FLOATS = 'MLX (mxfp4, mxfp8, nvfp4)';
/** What is widened on reading; all else that {@link quantizationOfTensors} tells is refused by its name. */
const READ: readonly (string | undefined)[] = ['MLX', 'bitsandbytes (4 bit)', 'bitsandbytes (8 bit)'];

/** How weights are quantised, where that form is not read; undefined for plain numbers and for what is read. */
export function unreadQuantization(
  tensors: readonly TensorType[],
  config: JsonObject | undefined,
): string | undefined {
  const by = quantizationOfTensors(tensors);
  if (by === undefined || (READ.includes(by) && (by !== 'MLX' || mlxMode(config) === undefined))) return undefined;
  return quantizationOf(config) ?? by;
}

/** What the header of a safetensors file says of a tensor. */
export interface TensorType {
  readonly name: string;
  /** As the format names it: `BF16`, `U8`, `F8_E4M3`, … */
  readonly dtype: string;
}

/** The types whose values are the weights themselves. */
const FLOAT_TYPES: readonly string[] = ['F32', 'F16', 'BF16'];

/**
 * How weights are quantised, by the names and types of their tensors; undefined where they are plain numbers. Buffers
 * of whole numbers, such as positions, are none.
 * Source: bitsandbytes 0.45 `nn/modules.py`; AutoGPTQ and AutoAWQ `qlinear`; MLX `nn/layers/quantized.py`;
 * compressed-tensors `compressors`; optimum-quanto `tensor/weights`; HQQ `core/quantize.py`.
 */
export function quantizationOfTensors(tensors: readonly TensorType[]): string | undefined {
  const has = (pattern: RegExp) => tensors.some(({ name }) => pattern.test(name));
  if (has(/\.(?:absmax|quant_map|quant_state\..*)$/)) return 'bitsandbytes (4 bit)';
  if (has(/\.SCB$/)) return 'bitsandbytes (8 bit)';
  if (has(/\.qweight$/)) return has(/\.g_idx$/) ? 'GPTQ' : 'AWQ';
  if (has(/\.weight_packed$/)) return 'compressed-tensors';
  if (has(/\.weight\._data$/)) return 'optimum-quanto';
  if (has(/\.W_q$/)) return 'HQQ';
  const weights = tensors.filter(({ name, dtype }) => name.endsWith('.weight') && !FLOAT_TYPES.includes(dtype));
  if (weights.some(({ dtype }) => dtype === 'U32') && has(/\.scales$/)) {
    return tensors.some(({ name, dtype }) => name.endsWith('.scales') && dtype === 'U8') ? MLX_FLOATS : 'MLX';
  }
  if (weights.some(({ dtype }) => dtype.startsWith('F8_'))) return 'fp8';
  const [first] = weights;
  // Doubles are no quantisation; the host names them by the tensor.
  return first === undefined || first.dtype === 'F64' ? undefined : `${l10n.t('an unnamed method')} (${first.dtype})`;
}
