/** SMILES → structural formula and Molfile, by OpenChemLib. The only file that knows it. */
import { Molecule } from 'openchemlib';
import { structureOf, type Structure } from '../../../paligemma/src/chemistry/structure';

export interface Depiction {
  /** Black on nothing: for a light ground. */
  readonly svg: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** MDL Molfile V2000 with the coordinates of the drawing. */
  readonly molfile: string;
}

/** An element that no molecule holds stands for each group, until its name takes its place. */
const PLACEHOLDER = 'Og';
/** Numbers in OpenChemLib of R1…R3 and of R4…R16: pseudo-elements that Molfiles know too. */
const firstResidues = 141;
const otherResidues = 125;
/** Wide enough that a bond has its natural length, in whichever direction a molecule grows. */
const CANVAS_PX = 20_000;
const MARGIN_PX = 12;

/**
 * Draws what can be read; whoever asks bounds time and the number of atoms.
 * @throws Error in the words of the library where it refuses the molecule.
 */
export function depict(smiles: string): Depiction {
  const structure = structureOf(smiles);
  if (structure.atoms.some(({ symbol }) => symbol === PLACEHOLDER)) throw new Error(`${PLACEHOLDER} cannot be drawn`);
  const molecule = Molecule.fromSmiles(withPlaceholders(smiles, structure));
  nameGroups(molecule, structure);
  const svg = molecule.toSVG(CANVAS_PX, CANVAS_PX, 'molecule', {
    suppressChiralText: true,
    suppressCIPParity: true,
    suppressESR: true,
    noStereoProblem: true,
    // Some of the colours can hardly be seen on white.
    noImplicitAtomLabelColors: true,
    autoCrop: true,
    autoCropMargin: MARGIN_PX,
  });
  const [, width, height] = /width="(\d+)px" height="(\d+)px"/.exec(svg) ?? [];
  return { svg: withoutTargets(svg), widthPx: Number(width), heightPx: Number(height), molfile: molfileOf(molecule) };
}

function withPlaceholders(smiles: string, { atoms }: Structure): string {
  let text = '';
  let position = 0;
  for (const { group, at, end } of atoms) {
    if (group === undefined) continue;
    text += `${smiles.slice(position, at)}[${PLACEHOLDER}]`;
    position = end;
  }
  return text + smiles.slice(position);
}

function nameGroups(molecule: Molecule, { groups }: Structure): void {
  const names = groups.values();
  for (let atom = 0; atom < molecule.getAllAtoms(); atom++) {
    if (molecule.getAtomLabel(atom) !== PLACEHOLDER) continue;
    const name = names.next().value ?? '*';
    const residue = /^R(\d{1,2})$/.exec(name)?.[1];
    const number = Number(residue);
    if (residue !== undefined && number >= 1 && number <= 16) {
      molecule.setAtomicNo(atom, number + (number <= 3 ? firstResidues : otherResidues));
    } else {
      molecule.setAtomicNo(atom, 0);
      molecule.setAtomCustomLabel(atom, name);
    }
  }
}

/** Lines that nothing shows: what the library's own editor is pointed at. */
function withoutTargets(svg: string): string {
  return svg.split('\n').filter(line => !line.includes(' class="event" ')).join('\n');
}

function molfileOf(molecule: Molecule): string {
  const text = molecule.toMolfile({ includeCustomAtomLabelsAsALines: true });
  // An atom of no element is a star in the format; names stand in the lines that begin with `A`.
  return text.replace(/^(.{31})\? {2}/gm, '$1*  ');
}
