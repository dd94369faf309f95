/** Checks of values that come from outside: messages, files, settings, states that a page kept. */

export type Check<T> = (value: unknown) => value is T;

/** One check for each field of `T`, so that a field without one does not compile. */
export type FieldChecks<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Check<T[K] | undefined> : Check<T[K]>;
};

/** An object that is no list; nothing is known of its fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

export function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Finite, 0 or more. */
export function isAmount(value: unknown): value is number {
  return isFiniteNumber(value) && value >= 0;
}

/** 0…1. */
export function isShare(value: unknown): value is number {
  return isAmount(value) && value <= 1;
}

/** Whole, 0 or more. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export const isStringArray = isListOf(isString);

export function isOneOf<T>(values: readonly T[]): Check<T> {
  return (value): value is T => (values as readonly unknown[]).includes(value);
}

export function isListOf<T>(isItem: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(isItem);
}

export function isAbsentOr<T>(isValue: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || isValue(value);
}

/** An object whose fields pass their checks; others, which a newer version may have written, do not matter. */
export function isShape<T extends object>(fields: FieldChecks<T>): Check<T> {
  const checks = Object.entries(fields) as readonly (readonly [name: string, check: Check<unknown>])[];
  return (value): value is T => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}
