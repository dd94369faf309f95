/** What the editor is given to show, as lines that control nothing. Free of the editor. */
import { tameLines, tameRecord, tameText } from '../../../paligemma/src/plainText';

/** Fields of the editor's types that a person reads. What a person writes (`value`), ids and data are none of them. */
const shownFields: ReadonlySet<string> = new Set([
  'label',
  'description',
  'detail',
  'title',
  'tooltip',
  'text',
  'message',
  'name',
  'prompt',
  'placeHolder',
  'placeholder',
  'validationMessage',
]);

/** Of a pick list. */
const itemFields: ReadonlySet<PropertyKey> = new Set(['items', 'activeItems', 'selectedItems']);

/**
 * A text, a list of items or a plain object of options with every text in it that is shown made tame; the rest, and
 * objects of classes such as icons, stay the very same.
 */
export function tameShown<T>(value: T): T {
  if (typeof value === 'string') return tameText(value) as T & string;
  if (Array.isArray(value)) return value.map(each => tameShown<unknown>(each)) as T & unknown[];
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map((
    [name, field],
  ) => [name, shownFields.has(name) ? tameShown(field) : field]);
  return Object.fromEntries(entries) as T & object;
}

/** The same of a message's options, whose detail has lines of its own. */
export function tameOptions<T extends { readonly detail?: string }>(options: T): T {
  return options.detail === undefined ? options : { ...options, detail: tameLines(options.detail) };
}

/**
 * Paragraphs or lines of one text, none of which a name in it can break.
 * @param between `\n` or more.
 */
export function tameJoined(parts: readonly string[], between: string): string {
  return parts.map(tameText).join(between);
}

/** The same error with a stack of lines that are its own. */
export function tameError(error: Error): Error {
  const tame = new Error(tameText(error.message), { cause: error });
  tame.stack = tameRecord(error.stack ?? error.message);
  return tame;
}

/**
 * An object of the editor such as a pick list or an item of the status bar: whatever is set on it and shown is made
 * tame; all else goes to it as it is.
 * @param own Methods in the place of its own.
 */
export function tameOwner<T extends object>(owner: T, own: Partial<T> = {}): T {
  // The items as they are shown, by those that were given: the editor knows what is active by the very object.
  const items = new WeakMap<object, object>();
  const given = new WeakMap<object, unknown>();
  const ownItem = (item: object) => {
    const known = items.get(item);
    if (known !== undefined) return known;
    const shown = tameShown(item);
    items.set(item, shown);
    given.set(shown, item);
    return shown;
  };
  const tame = (name: PropertyKey, value: unknown): unknown => {
    if (itemFields.has(name) && Array.isArray(value)) return (value as object[]).map(ownItem);
    return shownFields.has(String(name)) ? tameShown(value) : value;
  };
  // Not around `owner` itself: what the editor froze could not be answered in another way.
  return new Proxy({} as T, {
    get(_, name) {
      const value: unknown = name in own ? own[name as keyof T] : Reflect.get(owner, name);
      // Whoever asks which item it is knows it as it was given.
      if (itemFields.has(name) && Array.isArray(value)) return (value as object[]).map(item => given.get(item) ?? item);
      return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, owner, args) : value;
    },
    set: (_, name, value: unknown) => Reflect.set(owner, name, tame(name, value)),
    has: (_, name) => Reflect.has(owner, name),
  });
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
