/** The keys of the page, listed in it. */
import type { PageWords } from '../../client/src/contract/viewer';
import { element, named } from '../dom/dom';

export class KeyList {
  /** Opens the list. */
  readonly button = element('button', { type: 'button', id: 'show-keys', 'aria-haspopup': 'dialog' }, ['?']);
  private readonly heading = element('h2', { id: 'keys-heading' });
  private readonly list = element('dl', { class: 'key-list' });
  private readonly close = element('button', { type: 'button', id: 'close-keys' });
  readonly element = element('dialog', { id: 'keys', 'aria-labelledby': 'keys-heading' }, [
    this.heading,
    this.list,
    this.close,
  ]);

  constructor() {
    this.button.addEventListener('click', () => this.open());
    this.close.addEventListener('click', () => this.element.close());
    // A click beside the list, on what lies behind it.
    this.element.addEventListener('click', event => {
      if (event.target === this.element) this.element.close();
    });
  }

  show({ keys, keyList, close }: PageWords): void {
    named(this.button, `${keys} (?)`);
    this.heading.textContent = keys;
    this.close.textContent = close;
    this.list.replaceChildren(...keyList.flatMap(row => [
      element('dt', {}, row.keys.flatMap((key, index) => [...(index === 0 ? [] : [' ']), element('kbd', {}, [key])])),
      element('dd', {}, [row.does]),
    ]));
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  open(): void {
    if (!this.element.open) this.element.showModal();
  }
}
