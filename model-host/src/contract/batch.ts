/**
 * Runs of one prompt that the host decodes together at most: who has a folder of pictures to run hands it that many at once.
 * The host takes fewer where keys and values of so many would take too much memory.
 */
export const BATCH_ROWS = 8;
