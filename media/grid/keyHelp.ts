/** The list of the page's keys, over the page. */
import { element } from '../dom/dom';

/** Of the page. */
export interface KeyHelpWords {
  /** Heading of the list. */
  readonly help: string;
  readonly close: string;
  /** The keys with what they do. */
  readonly keys: readonly (readonly [key: string, does: string])[];
}

export class KeyHelp {
  readonly element = element('dialog', { id: 'keys', 'aria-labelledby': 'keys-heading' });

  show({ help, keys, close }: KeyHelpWords): void {
    const button = element('button', { type: 'button', autofocus: '' }, [close]);
    button.addEventListener('click', () => this.element.close());
    this.element.replaceChildren(
      element('h2', { id: 'keys-heading' }, [help]),
      element('dl', {}, keys.flatMap(([key, does]) => [element('dt', {}, [key]), element('dd', {}, [does])])),
      button,
    );
    if (!this.element.open) this.element.showModal();
  }
}
