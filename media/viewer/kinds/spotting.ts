/** Texts with places: the lines as they are read, each word linked with its box in the picture. */
import { element } from '../../dom/dom';
import { linkedParts, pointing, regionOf, type Draw } from './drawing';
import { roving } from './roving';

export const drawSpotting: Draw<'spotting'> = ({ lines }, into, page) => {
  const parts = new Map<number, HTMLElement[]>();
  const rows = lines.map(line => {
    const words = line.map(({ text, region }) => {
      if (region === undefined) return element('span', { dir: 'auto' }, [text]);
      const word = element('span', { class: 'placed', 'data-region': String(region), role: 'button', dir: 'auto' }, [
        text,
      ]);
      parts.set(region, [word]);
      return word;
    });
    return element(
      'p',
      { class: 'spotted-line', dir: 'auto' },
      words.flatMap((word, index) => index === 0 ? [word] : [' ', word]),
    );
  });
  into.append(...rows);
  pointing(into, page);
  roving(into, [[...parts.values()].flat()], part => page.select(regionOf(part ?? null)));
  return linkedParts(parts);
};
