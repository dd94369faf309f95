/** Keys that work everywhere in the page, except while something is typed. */

export interface Shortcuts {
  next(): void;
  previous(): void;
  deselect(): void;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  actualSize(): void;
  toggleLabels(): void;
  prompt(): void;
  nextPicture(): void;
  previousPicture(): void;
  keys(): void;
}

const byKey: Readonly<Record<string, keyof Shortcuts>> = {
  n: 'next',
  p: 'previous',
  Escape: 'deselect',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  '0': 'fit',
  '1': 'actualSize',
  l: 'toggleLabels',
  '/': 'prompt',
  '.': 'nextPicture',
  ',': 'previousPicture',
  PageDown: 'nextPicture',
  PageUp: 'previousPicture',
  '?': 'keys',
};
/** What scrolls has these keys for itself. */
const scrolling = new Set(['PageDown', 'PageUp']);

export function onShortcut(shortcuts: Shortcuts): void {
  window.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const action = Object.hasOwn(byKey, event.key) ? byKey[event.key] : undefined;
    // While the list of keys is up, its own keys are all there is.
    if (action === undefined || document.querySelector('dialog[open]') !== null) return;
    if (scrolling.has(event.key) && isInPanel(event.target)) return;
    event.preventDefault();
    shortcuts[action]();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && (target.type === 'text' || target.type === 'search'));
}

function isInPanel(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('#panel') !== null;
}
