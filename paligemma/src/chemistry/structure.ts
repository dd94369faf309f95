/** What follows from atoms and bonds: hydrogens that are not written, the formula, the mass, and what cannot be. */
import { atomWeight, valencesOf } from './elements';
import { MOST_FAULTS, readSmiles, type Atom, type Bond, type SmilesFault } from './smiles';

export interface Structure {
  readonly atoms: readonly Atom[];
  readonly bonds: readonly Bond[];
  /** Of the text and of the structure, by their places; at most {@link MOST_FAULTS}. */
  readonly faults: readonly SmilesFault[];
  /** R groups and substituents by name, in the order of the text; those without one are `*`. */
  readonly groups: readonly string[];
  /** Hill's order, the charge behind it (`C2H3O2-`); without the groups. Absent where there are faults. */
  readonly formula?: string;
  /** Average, g/mol; absent where there are faults or groups, or where the weight of an atom is not known. */
  readonly mass?: number;
}

/** Reads SMILES and judges it. Time grows with the length only. */
export function structureOf(smiles: string): Structure {
  const { atoms: written, bonds, faults } = readSmiles(smiles);
  const links = linksOf(written, bonds);
  const atoms = written.map((atom, index) => asDrawn(atom, links[index]));
  const found = [...faults, ...valenceFaults(atoms, links), ...aromaticFaults(atoms, bonds, links)];
  const all = found.sort((a, b) => a.at - b.at).slice(0, MOST_FAULTS);
  const groups = atoms.flatMap(({ group }) => group ?? []);
  if (all.length > 0) return { atoms, bonds, faults: all, groups };
  const hydrogens = atoms.map((atom, index) => hydrogensOf(atom, links[index]));
  const mass = groups.length > 0 ? undefined : massOf(atoms, hydrogens);
  return {
    atoms,
    bonds,
    faults: all,
    groups,
    formula: formulaOf(atoms, hydrogens),
    ...(mass === undefined ? {} : { mass }),
  };
}

/** Short names of substituents that are elements too, which are bonded to nothing, or hardly ever. */
const alsoGroups = new Set(['Ar', 'Ac', 'Pr', 'Ra', 'Ts', 'Y']);

/** An atom of such an element that is bonded is what a drawing means by it: `[Ar]C` is an aryl, `[Ar]` is argon. */
function asDrawn(atom: Atom, links: Links | undefined): Atom {
  const isGroup = alsoGroups.has(atom.symbol) && (links?.neighbours ?? 0) > 0 && atom.charge === 0
    && atom.isotope === undefined && atom.hydrogens === 0;
  return isGroup ? { ...atom, symbol: '', group: atom.symbol } : atom;
}

/** What an atom's bonds come to. */
interface Links {
  /** Sum of the orders, aromatic bonds as 1. */
  orders: number;
  neighbours: number;
  aromatic: number;
}

function linksOf(atoms: readonly Atom[], bonds: readonly Bond[]): Links[] {
  const links = atoms.map((): Links => ({ orders: 0, neighbours: 0, aromatic: 0 }));
  for (const { from, to, order, isAromatic } of bonds) {
    for (const end of [links[from], links[to]]) {
      if (end === undefined) continue;
      end.orders += order;
      end.neighbours++;
      if (isAromatic) end.aromatic++;
    }
  }
  return links;
}

/**
 * Hydrogens on an atom.
 * Source: OpenSMILES 1.0, section 3.1.5: up to the next of its valences, one less for an aromatic atom.
 */
function hydrogensOf(atom: Atom, links: Links | undefined): number {
  if (atom.hydrogens !== undefined) return atom.hydrogens;
  const orders = (links?.orders ?? 0) + (atom.isAromatic ? 1 : 0);
  const valences = valencesOf(atom.symbol, 0) ?? [];
  const [lowest = 0] = valences;
  const valence = atom.isAromatic ? lowest : valences.find(each => each >= orders) ?? orders;
  return Math.max(0, valence - orders);
}

function valenceFaults(atoms: readonly Atom[], links: readonly Links[]): SmilesFault[] {
  const faults: SmilesFault[] = [];
  for (const [index, atom] of atoms.entries()) {
    if (!hasTooManyBonds(atom, links[index])) continue;
    faults.push({ reason: 'valence', at: atom.at, text: atom.symbol });
    if (faults.length === MOST_FAULTS) break;
  }
  return faults;
}

function hasTooManyBonds({ symbol, charge, isAromatic, hydrogens = 0 }: Atom, links: Links | undefined): boolean {
  const { orders = 0, neighbours = 0 } = links ?? {};
  // An atom of an aromatic ring has three neighbours at most, the ring's own included.
  if (isAromatic && symbol === 'C' && neighbours + hydrogens > 3) return true;
  const bonds = orders + hydrogens;
  // Five bonds are a way to write a nitro group; with four the charge is missing.
  if (symbol === 'N' && charge === 0 && bonds === 4) return true;
  return bonds > (valencesOf(symbol, charge)?.at(-1) ?? Infinity);
}

/**
 * Aromatic atoms outside of a ring, and rings whose double bonds cannot be placed: where each double bond joins two of
 * the atoms that need one, their number is even.
 */
function aromaticFaults(atoms: readonly Atom[], bonds: readonly Bond[], links: readonly Links[]): SmilesFault[] {
  const outside = atoms.flatMap((atom, index): SmilesFault[] =>
    atom.isAromatic && (links[index]?.aromatic ?? 0) < 2
      ? [{ reason: 'aromatic', at: atom.at, text: atom.symbol.toLowerCase() }]
      : []
  ).slice(0, MOST_FAULTS);
  if (outside.length > 0) return outside;
  const systems = new Systems(atoms.length);
  for (const { from, to, isAromatic } of bonds) if (isAromatic) systems.join(from, to);
  const needing = new Map<number, number>();
  for (const [index, atom] of atoms.entries()) {
    if (!atom.isAromatic) continue;
    const system = systems.of(index);
    needing.set(system, (needing.get(system) ?? 0) + (needsDoubleBond(atom, links[index]) ? 1 : 0));
  }
  return [...needing].flatMap(([system, amount]): SmilesFault[] => {
    const atom = atoms[system];
    return amount % 2 === 0 || atom === undefined
      ? []
      : [{ reason: 'kekule', at: atom.at, text: atom.symbol.toLowerCase() }];
  });
}

/** Whether one of its valences is left for a double bond in the ring. */
function needsDoubleBond(atom: Atom, links: Links | undefined): boolean {
  const [valence = 0] = valencesOf(atom.symbol, atom.charge) ?? [];
  return valence - (links?.orders ?? 0) - (atom.hydrogens ?? 0) >= 1;
}

/** Sets of atoms that aromatic bonds join, each named by its first atom. */
class Systems {
  private readonly parents: number[];

  constructor(size: number) {
    this.parents = Array.from({ length: size }, (_, index) => index);
  }

  of(index: number): number {
    let top = index;
    while (this.parents[top] !== top) {
      const parent = this.parents[top] ?? top;
      // Halves the way for who comes next, so that long chains stay short.
      this.parents[top] = this.parents[parent] ?? parent;
      top = this.parents[top] ?? top;
    }
    return top;
  }

  join(a: number, b: number): void {
    const [first, second] = [this.of(a), this.of(b)];
    this.parents[Math.max(first, second)] = Math.min(first, second);
  }
}

function formulaOf(atoms: readonly Atom[], hydrogens: readonly number[]): string {
  const counts = new Map<string, number>();
  const add = (symbol: string, amount: number) => {
    if (amount > 0) counts.set(symbol, (counts.get(symbol) ?? 0) + amount);
  };
  for (const [index, { symbol }] of atoms.entries()) {
    add(symbol, symbol === '' ? 0 : 1);
    add('H', hydrogens[index] ?? 0);
  }
  const first = counts.has('C') ? ['C', 'H'] : [];
  const others = [...counts.keys()].filter(symbol => !first.includes(symbol)).sort();
  const written = [...first, ...others].map(symbol => {
    const amount = counts.get(symbol) ?? 0;
    return amount === 0 ? '' : `${symbol}${amount === 1 ? '' : amount}`;
  });
  return `${written.join('')}${chargeText(atoms.reduce((sum, { charge }) => sum + charge, 0))}`;
}

function chargeText(charge: number): string {
  if (charge === 0) return '';
  return `${charge > 0 ? '+' : '-'}${Math.abs(charge) === 1 ? '' : Math.abs(charge)}`;
}

/** Rounded to thousandths, more than the weights are known to. */
function massOf(atoms: readonly Atom[], hydrogens: readonly number[]): number | undefined {
  const hydrogen = atomWeight('H') ?? 0;
  let sum = 0;
  for (const [index, { symbol, isotope }] of atoms.entries()) {
    const weight = atomWeight(symbol, isotope);
    if (weight === undefined) return undefined;
    sum += weight + (hydrogens[index] ?? 0) * hydrogen;
  }
  return Math.round(sum * 1000) / 1000;
}
