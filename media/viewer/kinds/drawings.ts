/** Which kinds have a drawing of their own; the others are shown as text and regions. */
import type { KindData, KindName } from '../../../paligemma/src/kinds/kinds';
import type { Draw, Drawn, DrawingPage } from './drawing';
import { drawLatex } from './latex';
import { drawMolecule } from './molecule';
import { drawMusic } from './music';
import { drawReport } from './report';
import { drawSpotting } from './spotting';
import { drawTable } from './table';

const drawings: { readonly [Name in KindName]?: Draw<Name> } = {
  table: drawTable,
  spotting: drawSpotting,
  report: drawReport,
  latex: drawLatex,
  molecule: drawMolecule,
  music: drawMusic,
};

/** @returns Undefined where the kind has none; then nothing was built. */
export function draw({ kind, data }: KindData, into: HTMLElement, page: DrawingPage): Drawn | undefined {
  const drawing = drawings[kind] as Draw<never> | undefined;
  return drawing?.(data as never, into, page);
}
