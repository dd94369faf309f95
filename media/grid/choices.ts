/** The choices of a list in a page. */
import { element } from '../dom/dom';

/** What is there already stays: a list that is open must not be built anew. */
export function showChoices(
  field: HTMLSelectElement,
  named: readonly (readonly [value: string, name: string])[],
  chosen: string,
): void {
  const isSame = field.options.length === named.length
    && named.every(([value, name], at) => field.options[at]?.value === value && field.options[at]?.text === name);
  if (!isSame) {
    field.replaceChildren(...named.map(([value, name]) => element('option', { value }, [name])));
  }
  field.value = named.some(([value]) => value === chosen) ? chosen : named[0]?.[0] ?? '';
}
