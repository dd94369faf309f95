import path from 'node:path';
import { readPlainFile } from '../../../system/src/plainFile';

const LONGEST_MANIFEST = 16 << 20;

/** The version of this package. `packageRoot`: the folder above `dist/`. */
export async function packageVersion(packageRoot: string): Promise<string> {
  const text = (await readPlainFile(path.join(packageRoot, 'package.json'), LONGEST_MANIFEST)).toString('utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
