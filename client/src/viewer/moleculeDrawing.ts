/** The structural formula of a molecule, as a picture and in the files that only the drawing makes. Free of the editor. */
import { structureOf } from '../../../paligemma/src/chemistry/structure';
import type { MoleculeAnswer } from '../../../paligemma/src/kinds/molecule';
import type { Translate } from '../../../paligemma/src/translate';
import { drawMolecule, MOST_DRAWN_ATOMS } from '../../../drawings/src/molecules/drawMolecule';
import type { MadeDrawing } from './madeDrawing';

/** Of a SMILES with these nothing can be drawn; the faults say it already. */
const unreadable = new Set([
  'empty',
  'character',
  'unknownAtom',
  'bracket',
  'openBracket',
  'openBranch',
  'strayBranch',
  'emptyBranch',
  'openRing',
  'strayRing',
  'ringBond',
  'bond',
]);

/** @throws Error with a sentence where there is no drawing. */
export async function moleculeDrawing(
  { smiles, atoms, ...facts }: MoleculeAnswer,
  t: Translate,
  draw: typeof drawMolecule = drawMolecule,
): Promise<MadeDrawing> {
  if (structureOf(smiles).faults.some(({ reason }) => unreadable.has(reason))) return {};
  if (atoms > MOST_DRAWN_ATOMS) {
    return { notes: [t('The molecule has {0} atoms; at most {1} are drawn.', atoms, MOST_DRAWN_ATOMS)] };
  }
  const outcome = await draw(smiles);
  if ('refused' in outcome) return { notes: [t('The molecule cannot be drawn: {0}', outcome.refused)] };
  if ('ended' in outcome) return { notes: [t('The molecule was not drawn: it takes too much work.')] };
  const { svg, molfile } = outcome.drawing;
  const name = facts.formula ?? smiles.slice(0, 100);
  return {
    picture: {
      src: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
      alt: t('Structural formula of {0}', name),
    },
    forms: [
      { name: 'molfile', title: 'Molfile (V2000)', ending: '.mol', write: () => molfile },
      { name: 'svg', title: t('Drawing (SVG)'), ending: '.svg', write: () => `${svg}\n` },
    ],
  };
}
