/** Many short readings at once may need more descriptors than the system gives to a process: they take turns then. */
import type { FileHandle } from 'node:fs/promises';

/** Readings that have a file open or are about to, and what waits until one of them ends. */
const turns = { underWay: 0, waiting: new Set<() => void>() };

/** Opens a file for `work`, which is short, and closes it. @throws what `opening` and `work` throw. */
export async function whileOpen<T>(
  opening: () => Promise<FileHandle>,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  turns.underWay++;
  try {
    const handle = await openInTurn(opening);
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  } finally {
    turns.underWay--;
    for (const go of turns.waiting) go();
    turns.waiting.clear();
  }
}

async function openInTurn(opening: () => Promise<FileHandle>): Promise<FileHandle> {
  for (;;) {
    try {
      return await opening();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The last one that does not wait has nobody to wait for: the descriptors are gone for another reason.
      if ((code !== 'EMFILE' && code !== 'ENFILE') || turns.underWay === 1) throw error;
      turns.underWay--;
      await new Promise<void>(resolve => turns.waiting.add(resolve));
      turns.underWay++;
    }
  }
}
