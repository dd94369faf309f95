/** File access that never leaves half a file behind. */
import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../../system/src/makeFolder';

export { errorCode } from '../../../paligemma/src/errorCode';

/**
 * Writes `content` so that a reader sees the old file or the new one, never a part; makes the folders above it. Only
 * the owner can read them.
 * @throws the error of the file system, with nothing left behind.
 */
export async function writeAtomically(filePath: string, content: string): Promise<void> {
  await makeFolder(path.dirname(filePath), 0o700);
  const temporary = `${filePath}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx', mode: 0o600 });
    await rename(temporary, filePath);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
