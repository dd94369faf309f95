import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The version of this package. `packageRoot`: the folder above `dist/`. */
export async function packageVersion(packageRoot: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(packageRoot, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
