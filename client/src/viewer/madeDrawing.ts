import type { AnswerForm } from '../../../paligemma/src/kinds/kinds';
import type { AnswerDrawing } from '../contract/viewer';

/** A form that is no text: saved, never copied. */
export interface BinaryForm extends Omit<AnswerForm, 'write'> {
  bytes(): Uint8Array;
}

/** A drawing with the forms of the answer that come with it, which the page does not get. */
export interface MadeDrawing extends AnswerDrawing {
  readonly forms?: readonly (AnswerForm | BinaryForm)[];
  /** Sentences about it: why there is no drawing, or what it does not show. */
  readonly notes?: readonly string[];
}

/** What the person's machine has for drawings. */
export interface DrawingTools {
  /** Folder of the npm package `verovio`; empty: none. */
  musicEngraver(): string;
}
