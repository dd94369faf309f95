/**
 * Runs of one prompt that the host decodes together at most: who has a folder of pictures to run hands it that many at
 * once. The host takes fewer where keys and values of so many would take too much memory. Measured at the width of 3B
 * with 4-bit weights on two cores: a step of 2, 3, 4, 6, 8 rows takes 1.4, 1.7, 2.0, 3.0, 3.5 times as long as one of a
 * single row, so beyond four little is gained, and the first answer comes later.
 */
export const BATCH_ROWS = 4;
