/** SMILES → atoms and bonds, with what is wrong and where. Pure; never throws; time grows with the length only. */
import { atomicNumber } from './elements';
import { isGroup } from './groups';

/** Offsets are UTF-16 units of the text. */
export interface Atom {
  readonly at: number;
  readonly end: number;
  /** Of the element, with a capital; empty for a group, and for what cannot be read. */
  readonly symbol: string;
  /** Name of an R group or substituent, `*` where it has none; absent for an atom. */
  readonly group?: string;
  readonly isAromatic: boolean;
  readonly charge: number;
  readonly isotope?: number;
  /** Written in the brackets; absent outside of them, where they follow from the bonds. */
  readonly hydrogens?: number;
}

export interface Bond {
  /** Indices of atoms. */
  readonly from: number;
  readonly to: number;
  /** 1…4; an aromatic bond is 1. */
  readonly order: number;
  readonly isAromatic: boolean;
}

export type SmilesFaultReason =
  | 'empty'
  | 'character'
  | 'unknownAtom'
  | 'bracket'
  | 'openBracket'
  | 'openBranch'
  | 'strayBranch'
  | 'emptyBranch'
  | 'openRing'
  | 'strayRing'
  | 'ringBond'
  | 'bond'
  | 'valence'
  | 'aromatic'
  | 'kekule';

export interface SmilesFault {
  readonly reason: SmilesFaultReason;
  readonly at: number;
  /** What is meant: the characters, the number of the ring, the atom. */
  readonly text: string;
}

export interface Smiles {
  readonly atoms: readonly Atom[];
  readonly bonds: readonly Bond[];
  /** In the order of their places, at most {@link MOST_FAULTS}: reading ends with the last. */
  readonly faults: readonly SmilesFault[];
}

export const MOST_FAULTS = 50;

const bondOrders: Readonly<Record<string, number>> = { '-': 1, '/': 1, '\\': 1, '=': 2, '#': 3, $: 4, ':': 1 };
const organic = /Cl|Br|[BCNOPSFI]|[bcnops]|\*/y;
const ringNumber = /%\((\d{1,5})\)|%(\d\d)|(\d)/y;
const bracketAtom =
  /^(\d{1,3})?(\*|[A-Z][a-z]?|[a-z]{1,2})(?:@(?:@|TH[12]|AL[12]|SP[123]|TB\d{1,2}|OH\d{1,2})?)?(?:H(\d?)(?![a-z]))?(\+{1,7}|-{1,7}|[+-]\d{1,2})?(?::(\d{1,9}))?$/;
/** Source: OpenSMILES 1.0, section 3.1.5; silicon as programs write it. */
const aromaticSymbols = new Set(['b', 'c', 'n', 'o', 'p', 's', 'se', 'as', 'te', 'si']);

/**
 * Reads what the text says, faults included: behind one it goes on as well as it can.
 * Source: OpenSMILES 1.0; R groups and substituents in brackets as the data sets of MolScribe write them.
 */
export function readSmiles(text: string): Smiles {
  return new SmilesReader(text).read();
}

interface PendingBond {
  readonly at: number;
  readonly sign: string;
}

interface OpenRing {
  readonly at: number;
  readonly atom: number;
  readonly sign: string | undefined;
}

class SmilesReader {
  private readonly atoms: Atom[] = [];
  private readonly bonds: Bond[] = [];
  private readonly faults: SmilesFault[] = [];
  private readonly branches: { readonly at: number; readonly atom: number; readonly atomsBefore: number }[] = [];
  private readonly rings = new Map<string, OpenRing>();
  /** The atom that each was bonded to when it was read, and the pairs that rings have bonded. */
  private readonly parents: (number | undefined)[] = [];
  private readonly ringPairs = new Set<string>();
  /** The atom that the next one is bonded to. */
  private last: number | undefined;
  private pending: PendingBond | undefined;
  private at = 0;

  constructor(private readonly text: string) {}

  read(): Smiles {
    while (this.at < this.text.length && this.faults.length < MOST_FAULTS) this.step(this.text[this.at] ?? '');
    this.end();
    const faults = this.faults.sort((a, b) => a.at - b.at).slice(0, MOST_FAULTS);
    return { atoms: this.atoms, bonds: this.bonds, faults };
  }

  private step(sign: string): void {
    if (sign === '[') this.bracket();
    else if (sign === '(') this.openBranch();
    else if (sign === ')') this.closeBranch();
    else if (sign === '.') this.dot();
    else if (bondOrders[sign] !== undefined) this.bond(sign);
    else if (!this.ring() && !this.plainAtom()) this.unread();
  }

  private plainAtom(): boolean {
    organic.lastIndex = this.at;
    const [found] = organic.exec(this.text) ?? [];
    if (found === undefined) return false;
    const place = { at: this.at, end: this.at + found.length, charge: 0 };
    this.addAtom(
      found === '*'
        ? { ...place, symbol: '', group: '*', isAromatic: false }
        : { ...place, symbol: capitalised(found), isAromatic: found === found.toLowerCase() },
    );
    this.at = place.end;
    return true;
  }

  private bracket(): void {
    const close = this.text.indexOf(']', this.at);
    if (close < 0) {
      this.fault('openBracket', this.at, this.text.slice(this.at, this.at + 20));
      // What an atom would be is not known, so it is wrong of nobody that nothing follows.
      this.pending = undefined;
      this.at = this.text.length;
      return;
    }
    const place = { at: this.at, end: close + 1 };
    const content = this.text.slice(this.at + 1, close);
    const atom = atomOf(content);
    if (atom === undefined) {
      const [symbol = ''] = /^[A-Za-z][a-z]*/.exec(content.replace(/^\d+/, '')) ?? [];
      const isElement = [symbol, symbol.slice(0, 1)].some(each => atomicNumber(capitalised(each)) !== undefined);
      this.fault(
        isElement ? 'bracket' : 'unknownAtom',
        place.at,
        this.text.slice(place.at, Math.min(place.end, place.at + 30)),
      );
    }
    // An atom that cannot be read keeps its place, so that its neighbours are judged as they are meant.
    this.addAtom({ ...(atom ?? { symbol: '', isAromatic: false, charge: 0 }), ...place });
    this.at = place.end;
  }

  private addAtom(atom: Atom): void {
    const index = this.atoms.push(atom) - 1;
    this.parents.push(this.last);
    if (this.last !== undefined) this.addBond(this.last, index, this.pending?.sign);
    this.pending = undefined;
    this.last = index;
  }

  private addBond(from: number, to: number, sign: string | undefined): void {
    const isBetweenAromatic = this.atoms[from]?.isAromatic === true && this.atoms[to]?.isAromatic === true;
    this.bonds.push({
      from,
      to,
      order: bondOrders[sign ?? '-'] ?? 1,
      isAromatic: sign === ':' || (sign === undefined && isBetweenAromatic),
    });
  }

  private areBonded(a: number, b: number): boolean {
    return this.parents[a] === b || this.parents[b] === a || this.ringPairs.has(pairKey(a, b));
  }

  private bond(sign: string): void {
    if (this.last === undefined || this.pending !== undefined) this.fault('bond', this.at, sign);
    else this.pending = { at: this.at, sign };
    this.at++;
  }

  private openBranch(): void {
    this.dropPending();
    // A branch begins with an atom, not with another branch.
    if (this.last === undefined || this.text[this.at - 1] === '(') this.fault('strayBranch', this.at, '(');
    else this.branches.push({ at: this.at, atom: this.last, atomsBefore: this.atoms.length });
    this.at++;
  }

  private closeBranch(): void {
    this.dropPending();
    const branch = this.branches.pop();
    if (branch === undefined) this.fault('strayBranch', this.at, ')');
    else {
      if (branch.atomsBefore === this.atoms.length) this.fault('emptyBranch', branch.at, '()');
      this.last = branch.atom;
    }
    this.at++;
  }

  private dot(): void {
    this.dropPending();
    if (this.last === undefined) this.fault('bond', this.at, '.');
    this.last = undefined;
    this.at++;
  }

  private ring(): boolean {
    ringNumber.lastIndex = this.at;
    const [found, wide, two, one] = ringNumber.exec(this.text) ?? [];
    if (found === undefined) return false;
    // `%01` is the ring that `1` opened.
    const name = String(Number(wide ?? two ?? one));
    const here = { at: this.at, atom: this.last, sign: this.pending?.sign };
    this.pending = undefined;
    this.at += found.length;
    const { atom } = here;
    if (atom === undefined) this.fault('strayRing', here.at, found);
    else this.ringAt(name, { ...here, atom });
    return true;
  }

  private ringAt(name: string, here: OpenRing): void {
    const open = this.rings.get(name);
    if (open === undefined) {
      this.rings.set(name, here);
      return;
    }
    this.rings.delete(name);
    const isSame = open.sign === undefined || here.sign === undefined
      || bondOrders[open.sign] === bondOrders[here.sign];
    if (open.atom === here.atom || this.areBonded(open.atom, here.atom)) {
      this.fault('strayRing', here.at, name);
    } else {
      if (!isSame) this.fault('ringBond', here.at, name);
      this.addBond(open.atom, here.atom, open.sign ?? here.sign);
      this.ringPairs.add(pairKey(open.atom, here.atom));
    }
  }

  private unread(): void {
    const character = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    const isLetter = /^[A-Za-z]$/.test(character);
    this.fault(isLetter ? 'unknownAtom' : 'character', this.at, character);
    this.at += character.length;
  }

  private dropPending(): void {
    if (this.pending !== undefined) this.fault('bond', this.pending.at, this.pending.sign);
    this.pending = undefined;
  }

  private end(): void {
    this.dropPending();
    if (this.atoms.length === 0 && this.faults.length === 0) this.fault('empty', 0, '');
    for (const { at } of this.branches.slice(0, MOST_FAULTS)) this.fault('openBranch', at, '(');
    for (const [name, { at }] of [...this.rings].slice(0, MOST_FAULTS)) this.fault('openRing', at, name);
  }

  private fault(reason: SmilesFaultReason, at: number, text: string): void {
    this.faults.push({ reason, at, text });
  }
}

function atomOf(content: string): Omit<Atom, 'at' | 'end'> | undefined {
  const [found, isotope, written = '', hydrogens, charge = '', mapped] = bracketAtom.exec(content) ?? [];
  if (written === '*') return groupNamed(isotope ?? mapped, 'R');
  const isAromatic = written === written.toLowerCase();
  const symbol = capitalised(written);
  const isKnown = isAromatic ? aromaticSymbols.has(written) : atomicNumber(symbol) !== undefined;
  if (found === undefined || !isKnown) return isGroup(content) ? groupNamed(content) : undefined;
  return {
    symbol,
    isAromatic,
    charge: chargeOf(charge),
    hydrogens: hydrogens === undefined ? 0 : Number(hydrogens || 1),
    ...(isotope === undefined ? {} : { isotope: Number(isotope) }),
  };
}

/** A star with a number is the R group of that number: `[1*]`, `[*:1]`. */
function groupNamed(name: string | undefined, before = ''): Omit<Atom, 'at' | 'end'> {
  return { symbol: '', group: name === undefined ? '*' : `${before}${name}`, isAromatic: false, charge: 0 };
}

/** `+`, `--`, `+2`. */
function chargeOf(text: string): number {
  if (text === '') return 0;
  const amount = /\d/.test(text) ? Number(text.slice(1)) : text.length;
  return text.startsWith('-') ? -amount : amount;
}

function capitalised(symbol: string): string {
  return symbol.slice(0, 1).toUpperCase() + symbol.slice(1);
}

function pairKey(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
