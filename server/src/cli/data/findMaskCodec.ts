import path from 'node:path';
import { UsageError } from '../terminal/options';
import { statOf } from '../../workspace/filePaths';
import type { ModelCatalog } from '../../models/catalog/catalog';

/** The published file: it has both halves of the codec, while a converted model has the decoder alone. */
const CODEC_FILE = 'vae-oid.npz';

/**
 * The file that the person named, else the one that lies in a model's folder. That of the demo model is no codec of PaliGemma, and
 * is taken only where it is named. @throws UsageError where the named one is not there.
 */
export async function findMaskCodec(named: string | undefined, catalog: ModelCatalog): Promise<string | undefined> {
  if (named !== undefined) {
    const file = path.resolve(named);
    if (named === '' || (await statOf(file))?.isFile() !== true) {
      throw new UsageError(`--mask-codec needs a file, and there is none at "${named}".`);
    }
    return file;
  }
  for (const { path: folder } of await catalog.list()) {
    const file = path.join(folder ?? '', CODEC_FILE);
    if (folder !== undefined && (await statOf(file))?.isFile() === true) return file;
  }
  return undefined;
}
