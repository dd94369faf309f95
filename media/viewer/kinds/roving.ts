/** One stop of the Tab key for many elements, with the arrow keys between them. */

/**
 * @param rows From the top, each from the left; an element may stand in several places, as a cell that spans some does.
 * @param onGo Called with the element that the person goes to, by key or pointer; undefined for Escape.
 */
export function roving(
  root: HTMLElement,
  rows: readonly (readonly (HTMLElement | undefined)[])[],
  onGo: (part: HTMLElement | undefined) => void,
): void {
  const all = new Set(rows.flat().filter(part => part !== undefined));
  let current = [...all][0];
  for (const part of all) part.tabIndex = part === current ? 0 : -1;
  let at = { row: 0, column: 0 };

  const go = (part: HTMLElement) => {
    if (current !== undefined) current.tabIndex = -1;
    current = part;
    part.tabIndex = 0;
    part.focus();
    onGo(part);
  };
  const placeOf = (part: HTMLElement) => {
    const row = rows.findIndex(line => line.includes(part));
    return { row, column: rows[row]?.indexOf(part) ?? 0 };
  };
  root.addEventListener('click', event => {
    const part = partOf(event.target, all);
    if (part === undefined) return;
    at = placeOf(part);
    go(part);
  });
  /** False for a key that means nothing here. */
  const onKey = (key: string, part: HTMLElement): boolean => {
    if (rows[at.row]?.[at.column] !== part) at = placeOf(part);
    const next = stepped(rows, at, key);
    const target = next === undefined ? undefined : rows[next.row]?.[next.column];
    if (next !== undefined && target !== undefined) {
      at = next;
      go(target);
    } else if (key === 'Escape') onGo(undefined);
    else if (key === 'Enter' || key === ' ') onGo(part);
    else return key.startsWith('Arrow');
    return true;
  };
  root.addEventListener('keydown', event => {
    const part = partOf(event.target, all);
    if (part === undefined || event.ctrlKey || event.metaKey || event.altKey || !onKey(event.key, part)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** A place in rows of elements. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * Where a key leads: the next other element in its direction; undefined where there is none, or the key is no arrow. Pure
 * but for the comparison of the parts.
 */
export function stepped(
  rows: readonly (readonly unknown[])[],
  from: Place,
  key: string,
): Place | undefined {
  const part = rows[from.row]?.[from.column];
  const steps: Readonly<Record<string, Place>> = {
    ArrowLeft: { row: 0, column: -1 },
    ArrowRight: { row: 0, column: 1 },
    ArrowUp: { row: -1, column: 0 },
    ArrowDown: { row: 1, column: 0 },
  };
  const length = rows[from.row]?.length ?? 0;
  if (key === 'Home') return { row: from.row, column: 0 };
  if (key === 'End') return { row: from.row, column: Math.max(length - 1, 0) };
  const step = steps[key];
  if (step === undefined) return undefined;
  let { row, column } = from;
  for (;;) {
    row += step.row;
    column += step.column;
    const line = rows[row];
    if (line === undefined || column < 0 || column >= line.length) return undefined;
    if (line[column] !== undefined && line[column] !== part) return { row, column };
  }
}

function partOf(target: EventTarget | null, all: ReadonlySet<HTMLElement>): HTMLElement | undefined {
  for (let node = target instanceof HTMLElement ? target : null; node !== null; node = node.parentElement) {
    if (all.has(node)) return node;
  }
  return undefined;
}
