import assert from 'node:assert/strict';
import test from 'node:test';
import { depict } from '../../../drawings/src/molecules/depict';
import { structureOf } from '../../../paligemma/src/chemistry/structure';
import { Molecule } from 'openchemlib';

/** Atoms and bonds of a Molfile: the symbols, and the pairs with their orders. */
function tableOf(
  molfile: string,
): { readonly symbols: string[]; readonly bonds: number[][]; readonly lines: string[] } {
  const lines = molfile.split('\n');
  const [atoms, bonds] = [lines[3]?.slice(0, 3), lines[3]?.slice(3, 6)].map(Number);
  const end = 4 + (atoms ?? 0);
  return {
    symbols: lines.slice(4, end).map(line => line.slice(31, 34).trim()),
    bonds: lines.slice(end, end + (bonds ?? 0)).map(line => [0, 3, 6].map(at => Number(line.slice(at, at + 3)))),
    lines,
  };
}

test('a molecule becomes a drawing and a Molfile with its atoms and bonds', () => {
  const { svg, molfile, widthPx, heightPx } = depict('CC(=O)N');
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  assert.ok(widthPx > 40 && heightPx > 40);
  const { symbols, bonds, lines } = tableOf(molfile);
  assert.deepEqual(symbols.sort(), ['C', 'C', 'N', 'O']);
  assert.deepEqual(bonds.map(([, , order]) => order).sort(), [1, 1, 2]);
  assert.match(lines[3] ?? '', /V2000$/);
  assert.equal(lines.includes('M  END'), true);
});

test('the Molfile has coordinates: no two atoms lie upon each other', () => {
  const { lines, symbols } = tableOf(depict('c1ccc2ccccc2c1').molfile);
  const places = lines.slice(4, 4 + symbols.length).map(line => line.slice(0, 20));
  assert.equal(new Set(places).size, 10);
});

test('formula and mass that are told agree with those of the library that draws', () => {
  for (
    const smiles of [
      'CC1([C@@H]([C@@H](C2=C(O1)C=CC(=C2)C(C(F)(F)F)(F)F)N3CCCCC3=O)O)C',
      'Cn1cnc2c1c(=O)n(C)c(=O)n2C',
      'C[C@H](CCCC(C)C)[C@H]1CC[C@@H]2[C@@]1(CC[C@H]3[C@H]2CC=C4[C@@]3(CC[C@@H](C4)O)C)C',
      'OS(=O)(=O)c1ccc(Br)cc1I',
      'C[N+](C)(C)CC([O-])=O',
      'c1ccc(cc1)P(c1ccccc1)c1ccccc1',
      '[O-][n+]1ccccc1',
      'ClC(Cl)=C(Cl)[Si](C)(C)C',
    ]
  ) {
    const { formula = '', mass = NaN } = structureOf(smiles);
    const theirs = Molecule.fromSmiles(smiles).getMolecularFormula();
    assert.deepEqual(partsOf(formula), partsOf(theirs.formula), smiles);
    assert.ok(Math.abs(mass - theirs.relativeWeight) < 0.02, `${smiles}: ${mass}, ${theirs.relativeWeight}`);
  }
});

function partsOf(formula: string): string[] {
  return formula.match(/[A-Z][a-z]?\d*/g)?.sort() ?? [];
}

test('R groups and substituents are drawn by their names and stand in the Molfile', () => {
  const { svg, molfile } = depict('[R1]c1ccc(*)cc1C([CO2Et])=O');
  for (const name of ['R1', 'CO2Et', '*']) assert.ok(svg.includes(`>${name}</text>`), name);
  const { symbols, lines } = tableOf(molfile);
  assert.deepEqual(symbols.filter(symbol => !/^[CO]$/.test(symbol)), ['R#', '*', '*']);
  assert.ok(lines.includes('M  RGP  1   1   1'));
  assert.ok(lines.includes('CO2Et'));
});

test('a bond length is the same in small and in large molecules', () => {
  const widthOf = (smiles: string) => depict(smiles).widthPx;
  const [small, large] = [widthOf('C'.repeat(10)), widthOf('C'.repeat(100))];
  assert.ok(large > 8 * small && large < 12 * small, `${small} and ${large}`);
});

test('the drawing holds nothing of the library’s editor, no address, and no markup of the answer', () => {
  const { svg } = depict("C[N+](C)(C)CC(=O)[R']");
  assert.doesNotMatch(svg, /class="event"|href|<script|<image|<foreignObject|url\(/);
  assert.match(svg, />R&apos;<|>R'</);
});

test('a five-bonded carbon is drawn as it was written, and what the library refuses is told in its words', () => {
  assert.match(depict('C(C)(C)(C)(C)C').svg, /<line/);
  assert.throws(() => depict('C1CC'), /ring closure/);
});
