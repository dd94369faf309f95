/** Commands of the server about the lines of a data set's file that is open. Each takes {@link SetLineArguments} first. */

/** Shows the picture of a line with the boxes that the line has. */
export const SHOW_SET_LINE = 'paligemma.server.showSetLine';
/** Asks the model what the line asks, and shows its answer. */
export const RUN_SET_LINE = 'paligemma.server.runSetLine';
/** The same, beside the answer that the line has. */
export const COMPARE_SET_LINE = 'paligemma.server.compareSetLine';
/** Mends every fault of a kind through the file. Argument: {@link MendSetArguments}. */
export const MEND_SET = 'paligemma.server.mendDataSet';

export interface SetLineArguments {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
}

export interface MendSetArguments {
  readonly uri: string;
  /** Of the table in docs/data-set-diagnostics.md. */
  readonly code: string;
}
