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
};

export function onShortcut(shortcuts: Shortcuts): void {
  window.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    const action = byKey[event.key];
    if (action === undefined) return;
    event.preventDefault();
    shortcuts[action]();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && (target.type === 'text' || target.type === 'search');
}
