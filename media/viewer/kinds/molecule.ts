/** A molecule: its structural formula, which is drawn outside of the page, above what is known of it. */
import { groupCounts } from '../../../paligemma/src/chemistry/groupCounts';
import { element } from '../../dom/dom';
import type { Draw } from './drawing';
import { plate } from './plate';

export const drawMolecule: Draw<'molecule'> = ({ smiles, formula, mass, groups }, into, { words, drawing }) => {
  const { picture } = drawing ?? {};
  if (picture !== undefined) into.append(plate(picture));
  else if (drawing === undefined) into.append(element('p', { class: 'waiting' }, [words.drawing]));
  const list = element('dl', { class: 'facts' });
  const add = (name: string, value: readonly (Node | string)[], kind = '') =>
    list.append(element('dt', {}, [name]), element('dd', { class: kind, dir: 'ltr' }, value));
  if (formula !== undefined) add(words.formula, withGroups(formula, groups));
  if (mass !== undefined) add(words.molarMass, [`${mass.toFixed(2).replace('.', words.decimalMark)} g/mol`]);
  if (smiles !== '') add('SMILES', [smiles], 'code');
  into.append(list);
  return {};
};

function withGroups(formula: string, groups: readonly string[]): (Node | string)[] {
  const names = groupCounts(groups).join(' + ');
  return formula === '' || names === '' ? [...indexed(formula), names] : [...indexed(formula), ` + ${names}`];
}

/** The numbers of a formula as indices, the charge above: C₂H₃O₂⁻. */
function indexed(formula: string): (HTMLElement | string)[] {
  const [, atoms = '', charge = ''] = /^(.*?)([+-]\d*)?$/.exec(formula) ?? [];
  const parts = atoms.split(/(\d+)/).map((part, index) => (index % 2 === 0 ? part : element('sub', {}, [part])));
  const [sign = '', amount = ''] = [charge.slice(0, 1), charge.slice(1)];
  return charge === '' ? parts : [...parts, element('sup', {}, [`${amount}${sign === '-' ? '−' : sign}`])];
}
