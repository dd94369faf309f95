/** A report: each heading with its paragraphs. */
import { element } from '../../dom/dom';
import type { Draw } from './drawing';

export const drawReport: Draw<'report'> = ({ sections }, into) => {
  into.append(...sections.map(({ heading, paragraphs }) =>
    element('section', { class: 'report-section' }, [
      ...(heading === '' ? [] : [element('h3', { dir: 'auto' }, [heading])]),
      ...paragraphs.map(paragraph => element('p', { dir: 'auto' }, [paragraph])),
    ])
  ));
  return {};
};
