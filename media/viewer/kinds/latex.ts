/** A formula as MathML, which the browser draws by itself; until it is there, or where it cannot be, its source. */
import type { MarkupNode } from '../../../client/src/contract/viewer';
import { element } from '../../dom/dom';
import type { Draw } from './drawing';

const NAMESPACE = 'http://www.w3.org/1998/Math/MathML';

export const drawLatex: Draw<'latex'> = ({ source }, into, { drawing }) => {
  const { markup } = drawing ?? {};
  into.append(
    markup === undefined
      ? element('pre', { class: 'formula-source', tabindex: '0' }, [source])
      : element('div', { class: 'formula', tabindex: '0' }, [mathElement(markup)]),
  );
  return {};
};

function mathElement({ tag, attributes, children }: MarkupNode): Element {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.map(child => typeof child === 'string' ? child : mathElement(child)));
  return node;
}
