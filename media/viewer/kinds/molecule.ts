/** A molecule: its structural formula, which is drawn outside of the page, above what is known of it. */
import { element } from '../../dom/dom';
import type { Draw } from './drawing';

export const drawMolecule: Draw<'molecule'> = ({ smiles, formula, mass, groups }, into, { words, drawing }) => {
  const { picture } = drawing ?? {};
  if (picture !== undefined) {
    // On a plate of its own: black lines are nothing on a dark ground.
    const image = element('img', { class: 'drawn-picture', src: picture.src, alt: picture.alt });
    into.append(element('div', { class: 'plate', tabindex: '0', role: 'group', 'aria-label': picture.alt }, [image]));
  } else if (drawing === undefined) into.append(element('p', { class: 'waiting' }, [words.drawing]));
  const facts: readonly (readonly [name: string, value: string])[] = [
    [words.formula, formula ?? ''],
    [words.molarMass, mass === undefined ? '' : `${mass.toFixed(2)} g/mol`],
    [words.groups, groups.join(', ')],
    ['SMILES', smiles],
  ];
  into.append(element(
    'dl',
    { class: 'facts' },
    facts.filter(([, value]) => value !== '').flatMap(([name, value]) => [
      element('dt', {}, [name]),
      element(
        'dd',
        { class: name === 'SMILES' ? 'code' : '', dir: 'ltr' },
        name === words.formula ? indexed(value) : [value],
      ),
    ]),
  ));
  return {};
};

/** The numbers of a formula as indices, the charge above: C₂H₃O₂⁻. */
function indexed(formula: string): (HTMLElement | string)[] {
  const [, atoms = '', charge = ''] = /^(.*?)([+-]\d*)?$/.exec(formula) ?? [];
  const parts = atoms.split(/(\d+)/).map((part, index) => (index % 2 === 0 ? part : element('sub', {}, [part])));
  const [sign = '', amount = ''] = [charge.slice(0, 1), charge.slice(1)];
  return charge === '' ? parts : [...parts, element('sup', {}, [`${amount}${sign === '-' ? '−' : sign}`])];
}
