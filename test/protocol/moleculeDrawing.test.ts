// The built program that draws molecules, in its thread.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { moleculeDrawing } from '../../client/src/viewer/moleculeDrawing';
import { drawMolecule, MOST_DRAWN_ATOMS } from '../../drawings/src/molecules/drawMolecule';
import { molecule } from '../../paligemma/src/kinds/molecule';

const programPath = path.resolve('dist/molecule-drawing.js');
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const drawn = (smiles: string, limitMs?: number) =>
  moleculeDrawing(
    molecule.read(smiles, { isTruncated: false, t }).data,
    t,
    text => drawMolecule(text, { programPath, ...(limitMs === undefined ? {} : { limitMs }) }),
  );

test('a molecule comes as a picture for the page, with its Molfile and its drawing as files', async () => {
  const { picture, forms = [], notes } = await drawn('CC(=O)Oc1ccccc1C(=O)O');
  assert.equal(notes, undefined);
  assert.equal(picture?.alt, 'Structural formula of C9H8O4');
  const [, base64 = ''] = picture?.src.split('base64,') ?? [];
  const svg = Buffer.from(base64, 'base64').toString();
  assert.match(svg, /^<svg [\s\S]*<\/svg>\s*$/);
  assert.deepEqual(forms.map(({ ending }) => ending), ['.mol', '.svg']);
  const texts = forms.map(form => ('write' in form ? form.write() : ''));
  assert.match(texts[0] ?? '', /V2000/);
  assert.equal(texts[1], `${svg}\n`);
});

test('chains, rings and cages of as many atoms as are drawn are drawn', async () => {
  const most = MOST_DRAWN_ATOMS;
  for (
    const smiles of [
      'C'.repeat(most),
      'C1CCCCC1'.repeat(most / 6),
      '[C@@H](O)'.repeat(most / 2),
      'C12C3C4C1C5C2C3C45'.concat('C'.repeat(100)),
    ]
  ) {
    const { picture, notes } = await drawn(smiles);
    assert.ok(picture !== undefined, `${smiles.slice(0, 20)}: ${notes?.join(' ')}`);
  }
});

test('a molecule with more atoms is not drawn, and a sentence says how many are', async () => {
  assert.deepEqual(await drawn('C'.repeat(MOST_DRAWN_ATOMS + 1)), {
    notes: ['The molecule has 301 atoms; at most 300 are drawn.'],
  });
});

test('what cannot be read is not drawn: its faults say why', async () => {
  assert.deepEqual(await drawn('CC(C'), {});
  assert.deepEqual(await drawn(''), {});
});

test('a drawing that takes too long is given up with its thread, and a sentence says so', async () => {
  assert.deepEqual(await drawn('C'.repeat(200), 1), {
    notes: ['The molecule was not drawn: it takes too much work.'],
  });
});

test('what the library refuses is told in its words', async () => {
  const { notes = [] } = await drawn('[Og]C');
  assert.match(notes[0] ?? '', /^The molecule cannot be drawn: Og/);
});
