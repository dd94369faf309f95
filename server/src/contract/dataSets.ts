/** What a client asks the server about lines of data sets. */
import { RequestType } from 'vscode-jsonrpc';
import type { FailureData } from '../../../paligemma/src/failures';

/* Commands of the server about the lines of a data set's file that is open. Each takes {@link SetLineArguments} first. */

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

/**
 * Client → server. The shapes that the codes of an answer say, decoded without a model's run; cancellable between masks.
 */
export const lineMasks = new RequestType<LineMasksParams, LineMasksResult, FailureData>('paligemma/lineMasks');

export interface LineMasksParams {
  readonly suffix: string;
  /** Of the upright picture, 1 or more. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Masks have no longer side, pixels. */
  readonly maxSidePx: number;
}

export interface LineMasksResult {
  /** Of every mask: the picture's size, scaled down. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** `region`: index of the box; `png`: base64 of an 8-bit grey PNG. */
  readonly masks: readonly { readonly region: number; readonly png: string }[];
  /** One sentence: why masks have no shape. */
  readonly problem?: string;
}
