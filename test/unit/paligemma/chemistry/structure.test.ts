import assert from 'node:assert/strict';
import test from 'node:test';
import { MOST_FAULTS } from '../../../../paligemma/src/chemistry/smiles';
import { structureOf } from '../../../../paligemma/src/chemistry/structure';
import { growthFault } from '../../../support/hostile/growth';

/** Formula and molar mass as PubChem tells them, the mass rounded as there or to hundredths. */
const known: readonly (readonly [name: string, smiles: string, formula: string, mass: number])[] = [
  ['water', 'O', 'H2O', 18.015],
  ['methane', 'C', 'CH4', 16.043],
  ['ethanol', 'CCO', 'C2H6O', 46.07],
  ['acetic acid', 'CC(=O)O', 'C2H4O2', 60.05],
  ['benzene', 'c1ccccc1', 'C6H6', 78.11],
  ['toluene, drawn with double bonds', 'CC1=CC=CC=C1', 'C7H8', 92.14],
  ['pyridine', 'c1ccncc1', 'C5H5N', 79.1],
  ['pyrrole', 'c1cc[nH]c1', 'C4H5N', 67.09],
  ['thiophene', 'c1ccsc1', 'C4H4S', 84.14],
  ['naphthalene', 'c1ccc2ccccc2c1', 'C10H8', 128.17],
  ['aspirin', 'CC(=O)Oc1ccccc1C(=O)O', 'C9H8O4', 180.16],
  ['paracetamol', 'CC(=O)Nc1ccc(O)cc1', 'C8H9NO2', 151.16],
  ['ibuprofen', 'CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O', 'C13H18O2', 206.28],
  ['caffeine', 'Cn1cnc2c1c(=O)n(C)c(=O)n2C', 'C8H10N4O2', 194.19],
  ['glucose', 'OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O', 'C6H12O6', 180.16],
  ['glycine as a zwitterion', '[NH3+]CC(=O)[O-]', 'C2H5NO2', 75.07],
  ['nicotine', 'CN1CCC[C@H]1c1cccnc1', 'C10H14N2', 162.23],
  [
    'cholesterol',
    'C[C@H](CCCC(C)C)[C@H]1CC[C@@H]2[C@@]1(CC[C@H]3[C@H]2CC=C4[C@@]3(CC[C@@H](C4)O)C)C',
    'C27H46O',
    386.66,
  ],
  ['penicillin G', 'CC1([C@@H](N2[C@H](S1)[C@@H](C2=O)NC(=O)Cc3ccccc3)C(=O)O)C', 'C16H18N2O4S', 334.4],
  ['table salt', '[Na+].[Cl-]', 'ClNa', 58.44],
  ['chloroform', 'ClC(Cl)Cl', 'CHCl3', 119.37],
  ['sulfuric acid', 'OS(=O)(=O)O', 'H2O4S', 98.07],
  ['nitrobenzene', 'O=[N+]([O-])c1ccccc1', 'C6H5NO2', 123.11],
  ['nitromethane with five bonds', 'CN(=O)=O', 'CH3NO2', 61.04],
  ['tetramethylsilane', 'C[Si](C)(C)C', 'C4H12Si', 88.22],
  ['acetate', 'CC(=O)[O-]', 'C2H3O2-', 59.04],
  ['calcium ion', '[Ca+2]', 'Ca+2', 40.08],
  ['heavy water', '[2H]O[2H]', 'H2O', 20.03],
  ['ferrocene, as two rings and an ion', '[Fe+2].[cH-]1cccc1.[cH-]1cccc1', 'C10H10Fe', 186.03],
];

for (const [name, smiles, formula, mass] of known) {
  test(`${name} has the formula ${formula} and a mass of ${mass}`, () => {
    const structure = structureOf(smiles);
    assert.deepEqual(structure.faults, []);
    assert.equal(structure.formula, formula);
    assert.ok(Math.abs((structure.mass ?? NaN) - mass) <= 0.011, String(structure.mass));
  });
}

/** `^` marks the place of the fault. */
const faulty: readonly (readonly [what: string, smiles: string, reasons: readonly string[]])[] = [
  ['a branch that is not closed', 'CC^(C', ['openBranch']],
  ['a branch that was not opened', 'CC^)C', ['strayBranch']],
  ['an empty branch', 'CC^()C', ['emptyBranch']],
  ['a ring that is not closed', 'C^1CC', ['openRing']],
  ['a ring of two digits that is not closed', 'C^%99CC', ['openRing']],
  ['a ring of an atom with itself', 'C1^1CC', ['strayRing']],
  ['a ring of neighbours', 'C1C^1', ['strayRing']],
  ['a ring closed with another bond', 'C=1CC#^1', ['ringBond']],
  ['a ring before any atom', '^1CC', ['strayRing']],
  ['a bracket that is not closed', 'CC^[C@@H', ['openBracket']],
  ['a bracket with a mark too many', 'C^[C@@@H](C)O', ['bracket']],
  ['an element that does not exist', 'CC^[Xx]', ['unknownAtom']],
  ['a letter that is no atom', 'CC^ZO', ['unknownAtom']],
  ['a sign without a meaning', 'CC^!O', ['character']],
  ['a character of two units', 'CC^😀', ['character']],
  ['a bond to nothing', 'CC^=', ['bond']],
  ['two bonds in a row', 'C=^=C', ['bond']],
  ['a carbon with five bonds', '^C(C)(C)(C)(C)C', ['valence']],
  ['a carbon with five bonds, two of them one', 'C^C(C)(C)=O', ['valence']],
  ['an oxygen with three bonds', 'C^O(C)C', ['valence']],
  ['a fluorine in the middle', 'C^FC', ['valence']],
  ['a nitrogen with four bonds and no charge', 'C^N(C)(C)C', ['valence']],
  ['an aromatic carbon with four neighbours', '^c1(C)(C)cccc1', ['valence']],
  ['a pyrrole without its hydrogen', '^c1ccnc1', ['kekule']],
  ['a benzene of five', '^c1cccc1', ['kekule']],
  ['an aromatic atom outside of rings', 'C^cC', ['aromatic']],
];

for (const [what, marked, reasons] of faulty) {
  test(`${what} is told with its place, and there is no formula`, () => {
    const { faults, formula, mass } = structureOf(marked.replace('^', ''));
    assert.deepEqual(faults.map(({ reason }) => reason), reasons);
    assert.equal(faults[0]?.at, marked.indexOf('^'));
    assert.deepEqual([formula, mass], [undefined, undefined]);
  });
}

test('an answer without an atom is a fault', () => {
  assert.deepEqual(structureOf('').faults, [{ reason: 'empty', at: 0, text: '' }]);
});

test('R groups and substituents are kept by name, with the formula of the rest and no mass', () => {
  for (
    const [smiles, groups, formula] of [
      ['[R1]c1ccccc1', ['R1'], 'C6H5'],
      ["C([R'])[R2]", ["R'", 'R2'], 'CH2'],
      ['[1*]CC[*:2]', ['R1', 'R2'], 'C2H4'],
      ['[Ph]C', ['Ph'], 'CH3'],
      ['C[CO2Et]', ['CO2Et'], 'CH3'],
      ['C[NHBoc]', ['NHBoc'], 'CH3'],
      ['C[OTBS]', ['OTBS'], 'CH3'],
      ['*CC*', ['*', '*'], 'C2H4'],
    ] as const
  ) {
    const structure = structureOf(smiles);
    assert.deepEqual(structure.faults, [], smiles);
    assert.deepEqual(structure.groups, groups);
    assert.equal(structure.formula, formula);
    assert.equal(structure.mass, undefined);
  }
});

test('Ar that is bonded is an aryl, alone it is argon', () => {
  assert.deepEqual(structureOf('[Ar]C').groups, ['Ar']);
  assert.equal(structureOf('[Ar]').formula, 'Ar');
});

test('charged atoms may have the bonds of the element beside them', () => {
  for (
    const smiles of ['C[N+](C)(C)C', '[B-](F)(F)(F)F', 'F[P-](F)(F)(F)(F)F', '[C-]#[O+]', 'CN=[N+]=[N-]', 'C[S+](C)C']
  ) {
    assert.deepEqual(structureOf(smiles).faults, [], smiles);
  }
  for (const smiles of ['C[N+](C)(C)(C)C', 'C[O-]C', '[B-](F)(F)(F)(F)F']) {
    assert.deepEqual(structureOf(smiles).faults.map(({ reason }) => reason), ['valence'], smiles);
  }
});

test('aromatic rings of every kind that has a place for its double bonds pass', () => {
  for (
    const smiles of [
      'O=c1cc[nH]cc1',
      '[O-][n+]1ccccc1',
      'c1ccc2[nH]ccc2c1',
      'c1cc[cH-]c1',
      'c1ccc[cH+]cc1',
      'c1ccccc1-c1ccccc1',
      'c1ccc2c(c1)ccc1ccccc12',
      'c1c[se]cc1',
      'c1nnn[nH]1',
      'Cn1cccc1',
      'c1cc[o+]cc1',
    ]
  ) assert.deepEqual(structureOf(smiles).faults, [], smiles);
});

test('ring numbers are used again, and %01 closes what 1 opened', () => {
  assert.equal(structureOf('C1CC1C1CC1').formula, 'C6H10');
  assert.equal(structureOf('C%01CC1').formula, 'C3H6');
  assert.equal(structureOf('C%(12)CCCCC%12').formula, 'C6H12');
});

test('an answer that was cut says what is open, in the order of the places', () => {
  const smiles = 'CC1([C@@H]([C@@H](C2=C(O1)C=CC(=C2)C(C(F)(F';
  const opened = [3, 10, 17, 36, 41];
  assert.deepEqual(
    structureOf(smiles).faults.map(({ reason, at }) => [reason, at]),
    opened.map(at => ['openBranch', at]),
  );
  assert.ok(opened.every(at => smiles[at] === '('));
});

test('hostile answers are read to an end, with few faults', () => {
  const many = 100_000;
  for (
    const smiles of [
      'C('.repeat(many),
      'C'.concat('('.repeat(many)),
      'C'.concat(')'.repeat(many)),
      '['.repeat(many),
      '[]'.repeat(many),
      `[${'C'.repeat(many)}]`,
      '='.repeat(many),
      Array.from({ length: many }, (_, i) => `C%(${i % 99_999})`).join(''),
      'c'.repeat(many),
      '\u0000\ud800<script>'.repeat(1000),
      '9'.repeat(many),
      '%99'.repeat(many),
    ]
  ) {
    const { faults, formula } = structureOf(smiles);
    assert.ok(faults.length > 0 && faults.length <= MOST_FAULTS, smiles.slice(0, 20));
    assert.equal(formula, undefined);
  }
  assert.equal(structureOf('C'.repeat(many)).formula, `C${many}H${2 * many + 2}`);
});

for (
  const [what, piece] of [
    ['chains', 'C'],
    ['branches', 'C(C)'],
    ['nested branches', 'C('],
    ['rings', 'C1CC1'],
    ['aromatic rings', 'c1ccccc1'],
    ['brackets', '[13CH3+2]'],
    ['groups', '[CO2Et]'],
    ['brackets in brackets', '['],
    ['dots', 'C.'],
  ] as const
) {
  test(`time for ${what} grows with their number only`, () => {
    assert.equal(growthFault(structureOf, size => piece.repeat(size), 8000), undefined);
  });
}
