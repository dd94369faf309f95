/** The fields of a case, checked as they are read. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { CaseFault } from './caseFault';

export class Fields {
  private constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    /** Where they stand in the case: `images[2].`, or nothing. */
    private readonly place: string,
  ) {}

  /** @throws CaseFault */
  static of(value: unknown, place = ''): Fields {
    if (!isRecord(value)) {
      throw new CaseFault(
        place === ''
          ? l10n.t('This is no object with fields.')
          : l10n.t('“{0}” has to be an object.', place.slice(0, -1)),
      );
    }
    return new Fields(value, place);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name) && this.values[name] !== undefined;
  }

  text(name: string): string {
    const value = this.need(name);
    return typeof value === 'string' ? value : this.refuse(name, l10n.t('a text'));
  }

  /** @param least How many there have to be. */
  texts(name: string, least = 0): readonly string[] {
    const value = this.need(name);
    if (!Array.isArray(value) || value.length < least || !value.every(item => typeof item === 'string')) {
      const what = least === 0
        ? l10n.t('a list of texts')
        : least === 1
        ? l10n.t('a list of at least one text')
        : l10n.t('a list of at least {0} texts', least);
      return this.refuse(name, what);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.has(name) ? this.values[name] : false;
    return typeof value === 'boolean' ? value : this.refuse(name, l10n.t('true or false'));
  }

  number(name: string): number {
    const value = this.need(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(name, l10n.t('a number'));
  }

  whole(name: string, least: number, most: number): number {
    const value = this.number(name);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return this.refuse(name, l10n.t('a whole number from {0} to {1}', least, most));
  }

  /** @param length How many there have to be; any number where it is absent. */
  numbers(name: string, length?: number): readonly number[] {
    const value = this.need(name);
    const isRight = Array.isArray(value) && (length === undefined || value.length === length)
      && value.every(item => typeof item === 'number' && Number.isFinite(item));
    if (isRight) return value as number[];
    return this.refuse(
      name,
      length === undefined ? l10n.t('a list of numbers') : l10n.t('a list of {0} numbers', length),
    );
  }

  /** Rows of `length` numbers each. */
  rows(name: string, length: number): readonly (readonly number[])[] {
    const value = this.need(name);
    if (!Array.isArray(value)) return this.refuse(name, l10n.t('a list'));
    return value.map((_, index) =>
      new Fields({ [index]: value[index] as unknown }, `${this.place}${name}.`).numbers(String(index), length)
    );
  }

  /** @param least How many there have to be. */
  list(name: string, least = 0): readonly Fields[] {
    const value = this.need(name);
    if (!Array.isArray(value)) return this.refuse(name, l10n.t('a list'));
    if (value.length < least) return this.refuse(name, l10n.t('a list that is not empty'));
    return value.map((item, index) => Fields.of(item, `${this.place}${name}[${index}].`));
  }

  private need(name: string): unknown {
    if (this.has(name)) return this.values[name];
    throw new CaseFault(l10n.t('The field “{0}” is missing.', `${this.place}${name}`));
  }

  private refuse(name: string, what: string): never {
    throw new CaseFault(l10n.t('The field “{0}” has to be {1}.', `${this.place}${name}`, what));
  }
}
