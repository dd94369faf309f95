/**
 * Work that is done once for all pictures of equal content. What fails may fail for the file that was read alone, and
 * its sentence names that one: whoever shared it under another name is answered by work on the own file.
 */
import { Failure, pictureFailures } from '../../../paligemma/src/failures';

/** How shared work rejects: with the file that it was done on. */
class SharedFailure extends Error {
  override readonly name = 'SharedFailure';

  constructor(readonly imagePath: string, cause: unknown) {
    super('shared work failed', { cause });
  }
}

/** `work` as others may share it by {@link ownAnswer}. @param imagePath The file that it is done on. */
export async function shared<T>(imagePath: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new SharedFailure(imagePath, error);
  }
}

/**
 * What shared work comes to for the picture at `imagePath`.
 * @param join Work that {@link shared} made, begun for this picture or for another of the same content.
 * @param begin The same, begun for this picture alone.
 * @throws what the work throws.
 */
export async function ownAnswer<T>(imagePath: string, join: () => Promise<T>, begin: () => Promise<T>): Promise<T> {
  try {
    return await join();
  } catch (error) {
    if (!(error instanceof SharedFailure)) throw error;
    const { cause } = error;
    const isAnothers = error.imagePath !== imagePath && cause instanceof Failure && pictureFailures.has(cause.reason);
    if (!isAnothers) throw cause;
    return ownAnswer(imagePath, begin, begin);
  }
}
