import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Names under which the decoder of `<seg>` tokens is brought along. */
const MASK_DECODERS = ['mask-decoder.safetensors', 'vae-oid.npz'] as const;

/** Absolute path of the first mask decoder that lies in one of the folders; undefined where there is none. */
export async function findMaskDecoder(folders: readonly string[]): Promise<string | undefined> {
  for (const candidate of folders.flatMap(folder => MASK_DECODERS.map(name => path.join(folder, name)))) {
    if (await stat(candidate).then(entry => entry.isFile(), () => false)) return candidate;
  }
  return undefined;
}
