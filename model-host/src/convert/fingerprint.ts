/** Tells one state of a checkpoint's files from another without reading them. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelSpec } from '../contract/protocol';
import { FORMAT_VERSION } from '../manifest/manifest';

/**
 * Covers the names, sizes and times of every file that a conversion of `source` reads. @throws errors of the file
 * system.
 */
export async function fingerprintOf(
  source: string,
  spec: Pick<ModelSpec, 'weights' | 'attention' | 'adapterPath'>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT_VERSION, source, spec.weights, spec.attention]));
  for (const folder of [source, ...(spec.adapterPath === undefined ? [] : [spec.adapterPath])]) {
    const names = (await readdir(folder).catch((): string[] => [])).filter(name =>
      /\.(json|safetensors|npz)$/.test(name)
    ).sort();
    for (const name of names) {
      // A link that leads nowhere has none; whoever needs the file says so.
      const info = await stat(path.join(folder, name)).catch(() => undefined);
      hash.update(JSON.stringify([name, info?.size, info?.mtimeMs]));
    }
  }
  return hash.digest('hex');
}
