/** Makes folders one level at a time. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes the folder, and those above it, where they do not exist. Node's own way, `recursive`, never comes back where a
 * folder is there and says of what is to be made in it that there is no such place: procfs, automounts, drives that
 * went away. Each level is asked for twice at most here.
 * @param folder Absolute, or from the current folder on.
 * @param mode Of those that are made; default: as the system has it.
 * @throws the error of the file system.
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  const make = () => mkdir(folder, { mode });
  try {
    await make();
  } catch (error) {
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && above !== folder) {
      await makeFolder(above, mode);
      await madeMeanwhile(folder, make);
    } else if (!await isFolder(folder)) {
      throw error;
    }
  }
}

/**
 * Makes a folder that is not there yet, in one that is.
 * @throws the error of the file system, `EEXIST` where something has its name.
 */
export async function makeNewFolder(folder: string): Promise<void> {
  await mkdir(folder);
}

/** Another process may make the same folder at the same time. */
async function madeMeanwhile(folder: string, make: () => Promise<void>): Promise<void> {
  await make().catch(async (error: unknown) => {
    if (!await isFolder(folder)) throw error;
  });
}

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(info => info.isDirectory(), () => false);
}
