/** Tells one state of a model's files from another without reading gigabytes. */
import { createHash } from 'node:crypto';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { GRAPHS_FOLDER } from './onnxGraphs';

/**
 * @returns 64 hexadecimal digits over the place of the folder and the name, size and time of each file in it and in its
 * folder of graphs; another value as soon as a file is replaced. A folder that cannot be listed still gets one.
 */
export async function modelIdentity(folderPath: string): Promise<string> {
  const place = await realpath(folderPath).catch(() => folderPath);
  const names = [
    ...(await readdir(place).catch(() => [])),
    ...(await readdir(path.join(place, GRAPHS_FOLDER)).catch(() => [])).map(name => path.join(GRAPHS_FOLDER, name)),
  ];
  const files = await Promise.all(
    names.sort().map(async name => {
      const info = await stat(path.join(place, name)).catch(() => undefined);
      return info?.isFile() === true ? [name, info.size, info.mtimeMs] : [name];
    }),
  );
  return createHash('sha256').update(JSON.stringify([place, files])).digest('hex');
}
