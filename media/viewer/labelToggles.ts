/** One check box for each label, which switches all its regions. */
import type { Region } from '../../paligemma/src/facts';
import type { PageWords } from '../../client/src/contract/viewer';
import { element, filled } from '../dom/dom';
import type { LabelStyle } from '../../paligemma/src/labelStyles';
import { styleClasses } from './overlay';
import { groupsByLabel } from './shownRegions';

export class LabelToggles {
  readonly element = element('div', { class: 'label-toggles', role: 'group' });
  private boxes: { readonly input: HTMLInputElement; readonly indices: readonly number[] }[] = [];

  constructor(private readonly onSwitch: (indices: readonly number[], areShown: boolean) => void) {}

  show(regions: readonly Region[], styles: ReadonlyMap<string, LabelStyle>, words: PageWords): void {
    const groups = groupsByLabel(regions);
    this.element.setAttribute('aria-label', words.labelGroups);
    // With one label, or one region each, the list itself says it all.
    this.element.hidden = groups.length < 2 || groups.length === regions.length;
    this.boxes = [];
    this.element.replaceChildren(...groups.map(({ label, indices }) => {
      const input = element('input', { type: 'checkbox' });
      input.addEventListener('change', () => this.onSwitch(indices, input.checked));
      this.boxes.push({ input, indices });
      return element('label', { class: styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' }) }, [
        input,
        element('span', { class: 'swatch', 'aria-hidden': 'true' }),
        element('span', { dir: 'auto' }, [filled(words.labelCount, label || words.emptyLabel, indices.length)]),
      ]);
    }));
  }

  update(hidden: ReadonlySet<number>): void {
    for (const { input, indices } of this.boxes) {
      const shown = indices.filter(index => !hidden.has(index)).length;
      input.checked = shown > 0;
      input.indeterminate = shown > 0 && shown < indices.length;
    }
  }
}
