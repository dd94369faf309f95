/**
 * What the keys of a checkpoint's JSON files mean for a run. Each file has one table, so that a key which changes the
 * mathematics is either applied or refused by name, and never passed over.
 */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { type JsonObject } from '../../../paligemma/src/folderContents';
import { shown } from '../../../paligemma/src/shown';

/** Read where the table is used. */
export const applied = { kind: 'applied' } as const;
/** Of training, of saving, or told better by something else: answers do not depend on it. */
export const harmless = { kind: 'harmless' } as const;

export interface Limit {
  readonly kind: 'limit';
  readonly allows: (value: unknown) => boolean;
  /** What any other value asks for: "it asks for …". In the language of the moment. */
  readonly asksFor: () => string;
  /** What the person can do, as a sentence. */
  readonly cure?: () => string;
}

export type KeyRule = typeof applied | typeof harmless | Limit;
export type KeyTable = Readonly<Record<string, KeyRule>>;

/** Only these values mean what is computed here. `null` always stands for the default. */
export function only(values: readonly unknown[], asksFor: () => string): Limit {
  return onlyIf(value => values.includes(value), asksFor);
}

/** Only what `allows` takes; for values that are lists, objects or measured. */
export function onlyIf(allows: (value: unknown) => boolean, asksFor: () => string, cure?: () => string): Limit {
  return { kind: 'limit', allows, asksFor, ...(cure === undefined ? {} : { cure }) };
}

/** Nothing but the ways in which JSON says "off": `false`, 0, an empty text, list or object. */
export function off(asksFor: () => string, cure?: () => string): Limit {
  return onlyIf(isOff, asksFor, cure);
}

export function all(keys: readonly string[], rule: KeyRule): KeyTable {
  return Object.fromEntries(keys.map(key => [key, rule]));
}

/**
 * The first key that cannot be honoured, as sentences: the key, its value, and what to do. A key that the table lacks
 * is one, unless it is {@link isOff}.
 * @param place What stands before the keys in a sentence, such as `text_config.`.
 */
export function keyFault(
  json: JsonObject,
  table: KeyTable,
  place: string,
): string | undefined {
  for (const [key, value] of Object.entries(json)) {
    if (value === null || value === undefined) continue;
    const name = `${place}${key.slice(0, 100)}`;
    const rule = Object.hasOwn(table, key) ? table[key] : undefined;
    if (rule?.kind === 'limit' && !rule.allows(value)) {
      const fault = l10n.t(
        '{0} is {1}, which asks for {2}; that is not supported here.',
        name,
        shown(value),
        rule.asksFor(),
      );
      return rule.cure === undefined ? fault : `${fault} ${rule.cure()}`;
    }
    // Keys with an underscore are private to whoever wrote them, in Python as here.
    if (rule === undefined && !key.startsWith('_') && !isOff(value)) {
      return l10n.t(
        '{0} is {1}, and this program does not know that key. If it does not change what the model computes, remove it from the file.',
        name,
        shown(value),
      );
    }
  }
  return undefined;
}

function isOff(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === false || value === 0 || value === '' || value === null || value === undefined;
}
