import assert from 'node:assert/strict';
import test from 'node:test';
import { kindOf, readAnswer } from '../../../../paligemma/src/kinds/kinds';
import { molecule } from '../../../../paligemma/src/kinds/molecule';
import { rowOf } from '../../../../paligemma/src/results/resultRow';
import { growthFault } from '../../../support/hostile/growth';
import { runResult } from '../../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const read = (suffix: string, isTruncated = false) => molecule.read(suffix, { isTruncated, t });
const asked = (suffix: string, prompt = 'x', model = 'm') => kindOf({ suffix, prompt, model });
/** The example of the paper on PaliGemma 2. */
const paper = 'CC1([C@@H]([C@@H](C2=C(O1)C=CC(=C2)C(C(F)(F)F)(F)F)N3CCCCC3=O)O)C';

test('the molecule of the paper is known as one, and read with its formula and mass', () => {
  assert.equal(asked(paper), 'molecule');
  assert.deepEqual(read(paper), {
    data: { smiles: paper, atoms: 27, groups: [], formula: 'C18H20F5NO3', mass: 393.354 },
    faults: [],
  });
  assert.equal(molecule.text(read(paper).data, t), `${paper}\nC18H20F5NO3, 393.35 g/mol`);
});

test('its mass has the decimal mark of the reader, wherever it is shown', () => {
  const german = (message: string, ...args: (string | number)[]) =>
    t(message === '{0}.{1}' ? '{0},{1}' : message, ...args);
  const result = { ...runResult(), suffix: 'CCO', prompt: 'smiles' };
  const outcome = { imageUri: 'file:///a.png', result };
  assert.equal(readAnswer(result, undefined, german).text(), 'CCO\nC2H6O, 46,07 g/mol');
  assert.equal(readAnswer(result, undefined, german).line(), 'CCO C2H6O, 46,07 g/mol');
  assert.equal(rowOf('a.png', outcome, undefined, german).text, 'CCO\nC2H6O, 46,07 g/mol');
  assert.equal(rowOf('a.png', outcome).text, 'CCO\nC2H6O, 46.07 g/mol');
});

test('words, sentences, numbers and tokens are no molecules', () => {
  for (
    const suffix of [
      'COOPS',
      'SPOON',
      'CONCISION',
      'no',
      'NO',
      'yes',
      'I',
      'a cat',
      'C',
      'CO2',
      'H2O',
      '42',
      '12 %',
      'BOSCO',
      'CCCP',
      '<loc0001><loc0002><loc0003><loc0004> cat',
      'C=C',
      'P=NP',
      '',
      ' ',
      'ISBN 0-306-40615-2',
      'http://CCC.OCCC=CC',
      'ICON(S)',
      'F#',
    ]
  ) assert.notEqual(asked(suffix), 'molecule', suffix);
});

test('where molecules are asked for, or the model is for them, small and faulty ones are known too', () => {
  for (const suffix of ['CCO', 'O', 'C1CC', 'CC(C', 'c1ccnc1']) {
    assert.notEqual(asked(suffix), 'molecule', suffix);
    assert.equal(asked(suffix, 'smiles'), 'molecule', suffix);
    assert.equal(asked(suffix, '', 'paligemma2-3b-molecule-448'), 'molecule', suffix);
  }
  assert.equal(asked('it is a molecule', 'smiles'), 'text');
});

test('each fault is a sentence with its place in the answer, blanks before it included', () => {
  const { faults, data } = read('  C(C)(C)(C)(C)C1');
  assert.deepEqual(faults, [
    { message: 'The C at character 1 has more bonds than it can have.', start: 2, end: 3 },
    { message: 'Ring 1, opened at character 15, is not closed.', start: 16, end: 17 },
  ]);
  assert.deepEqual([data.formula, data.mass], [undefined, undefined]);
  assert.equal(molecule.text(data, t), 'C(C)(C)(C)(C)C1');
});

test('what a cut answer leaves open is told once, and what is known of the half is not told', () => {
  const cut = 'CC(=O)Oc1ccccc1C(=O';
  assert.deepEqual(read(cut, true).faults.map(({ message }) => message), ['The answer ends before the molecule does.']);
  assert.equal(read(cut).faults.length, 1);
  assert.equal(read('CCCC', true).data.formula, undefined);
  assert.deepEqual(read('CC(C)(C)(C)(C', true).faults.map(({ message }) => message), [
    'The C at character 2 has more bonds than it can have.',
    'The answer ends before the molecule does.',
  ]);
});

test('JSON tells formula, mass, groups and faults', () => {
  const json = (suffix: string) => readAnswer({ ...runResult(), suffix, prompt: 'smiles' }, undefined, t).json();
  assert.deepEqual(json('CCO'), { kind: 'molecule', smiles: 'CCO', formula: 'C2H6O', mass: 46.069, atoms: 3 });
  assert.deepEqual(json('[R1]c1ccccc1[Ph]'), {
    kind: 'molecule',
    smiles: '[R1]c1ccccc1[Ph]',
    formula: 'C6H4',
    atoms: 8,
    groups: ['R1', 'Ph'],
  });
  assert.deepEqual(json('C1C')['faults'], [
    { message: 'Ring 1, opened at character 2, is not closed.', start: 1, end: 2 },
  ]);
});

test('groups stand in the text beside the formula of the rest, each counted', () => {
  assert.equal(molecule.text(read('[R1]CC[R1]').data, t), '[R1]CC[R1]\nC2H4 + 2 R1');
  assert.equal(molecule.text(read('*').data, t), '*\n*');
});

test('a file of SMILES holds the answer and nothing else', () => {
  assert.equal(molecule.exports?.['smiles']?.write(read(` ${paper}\n`).data), `${paper}\n`);
});

test('hostile answers are read to an end, on one line, with few faults', () => {
  for (
    const suffix of [
      'C('.repeat(100_000),
      '\u001b[2J\u202eCC\nO',
      'C'.repeat(10_000),
      '%99'.repeat(3000),
      '[\n]',
      '</script>',
      'C1'.repeat(9999),
    ]
  ) {
    const { data, faults } = read(suffix);
    assert.ok(faults.length <= 51);
    assert.doesNotMatch(data.smiles, /[\n\u001b\u202e]/);
    for (const { start, end } of faults) assert.ok(start >= 0 && start <= end && end <= suffix.length);
  }
});

test('time to tell and to read a molecule grows with its length only', () => {
  assert.equal(
    growthFault((text: string) => [asked(text), read(text)], size => 'CC(=O)'.repeat(size), 4000),
    undefined,
  );
});
