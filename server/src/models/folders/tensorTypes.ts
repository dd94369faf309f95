/** Names and types of the tensors in a file, from its header alone. */
import { isRecord } from '../../../../paligemma/src/checks';
import type { TensorType } from '../../../../paligemma/src/quantization';
import { readStart } from '../../../../system/src/plainFile';

/** The largest published header is below 1 MB; the host, which reads weights, takes larger ones. */
const MAX_HEADER_BYTES = 16 << 20;

/**
 * @returns undefined for what cannot be read: whoever opens the weights says why.
 * Source: safetensors format specification, huggingface/safetensors README.
 */
export async function readTensorTypes(filePath: string): Promise<readonly TensorType[] | undefined> {
  const prefix = await readStart(filePath, 8);
  if (prefix?.length !== 8) return undefined;
  const length = Number(prefix.readBigUInt64LE());
  if (length > MAX_HEADER_BYTES) return undefined;
  const bytes = await readStart(filePath, 8 + length);
  try {
    const header: unknown = JSON.parse(bytes?.toString('utf8', 8) ?? '');
    if (!isRecord(header)) return undefined;
    return Object.entries(header).flatMap(([name, entry]) =>
      isRecord(entry) && typeof entry['dtype'] === 'string' ? [{ name, dtype: entry['dtype'] }] : []
    );
  } catch {
    return undefined;
  }
}
