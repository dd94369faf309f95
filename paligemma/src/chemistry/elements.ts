/** The chemical elements, what an atom of each weighs, and how many bonds it can have. */

/** In the order of their numbers, from hydrogen on. */
const symbols =
  ('H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo '
    + 'Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg '
    + 'Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og')
    .split(' ');

const numbers = new Map(symbols.map((symbol, index) => [symbol, index + 1]));

/** 1…118; undefined for what is no symbol of an element. */
export function atomicNumber(symbol: string): number | undefined {
  return numbers.get(symbol);
}

/**
 * g/mol. Elements without a stable isotope have no standard weight.
 * Source: IUPAC CIAAW, standard atomic weights 2021, abridged; the elements of one isotope and those of its conventional
 * values with the digits that matter in molecules of a thousand g/mol.
 */
const standardWeights: Readonly<Record<string, number>> = {
  H: 1.008,
  He: 4.0026,
  Li: 6.94,
  Be: 9.0122,
  B: 10.81,
  C: 12.011,
  N: 14.007,
  O: 15.999,
  F: 18.9984,
  Ne: 20.18,
  Na: 22.9898,
  Mg: 24.305,
  Al: 26.9815,
  Si: 28.085,
  P: 30.9738,
  S: 32.06,
  Cl: 35.45,
  Ar: 39.95,
  K: 39.098,
  Ca: 40.078,
  Sc: 44.956,
  Ti: 47.867,
  V: 50.942,
  Cr: 51.996,
  Mn: 54.938,
  Fe: 55.845,
  Co: 58.933,
  Ni: 58.693,
  Cu: 63.546,
  Zn: 65.38,
  Ga: 69.723,
  Ge: 72.63,
  As: 74.9216,
  Se: 78.971,
  Br: 79.904,
  Kr: 83.798,
  Rb: 85.468,
  Sr: 87.62,
  Y: 88.906,
  Zr: 91.224,
  Nb: 92.906,
  Mo: 95.95,
  Ru: 101.07,
  Rh: 102.91,
  Pd: 106.42,
  Ag: 107.87,
  Cd: 112.41,
  In: 114.82,
  Sn: 118.71,
  Sb: 121.76,
  Te: 127.6,
  I: 126.9045,
  Xe: 131.29,
  Cs: 132.91,
  Ba: 137.33,
  La: 138.91,
  Ce: 140.12,
  Pr: 140.91,
  Nd: 144.24,
  Sm: 150.36,
  Eu: 151.96,
  Gd: 157.25,
  Tb: 158.93,
  Dy: 162.5,
  Ho: 164.93,
  Er: 167.26,
  Tm: 168.93,
  Yb: 173.05,
  Lu: 174.97,
  Hf: 178.49,
  Ta: 180.95,
  W: 183.84,
  Re: 186.21,
  Os: 190.23,
  Ir: 192.22,
  Pt: 195.08,
  Au: 196.97,
  Hg: 200.59,
  Tl: 204.38,
  Pb: 207.2,
  Bi: 208.98,
  Th: 232.04,
  Pa: 231.04,
  U: 238.03,
};

/** g/mol, of those that stand in drawings of labelled compounds. Source: Atomic Mass Evaluation 2020. */
const isotopeWeights: Readonly<Record<string, number>> = {
  '1H': 1.0078,
  '2H': 2.0141,
  '3H': 3.016,
  '11C': 11.0114,
  '12C': 12,
  '13C': 13.0034,
  '14C': 14.0032,
  '13N': 13.0057,
  '14N': 14.0031,
  '15N': 15.0001,
  '15O': 15.0031,
  '16O': 15.9949,
  '17O': 16.9991,
  '18O': 17.9992,
  '18F': 18.0009,
  '19F': 18.9984,
  '32P': 31.9739,
  '35S': 34.969,
  '123I': 122.9056,
  '125I': 124.9046,
  '131I': 130.9061,
};

/** g/mol of an atom as it is found in nature, or of one isotope; undefined where it is not known. */
export function atomWeight(symbol: string, isotope?: number): number | undefined {
  return isotope === undefined ? standardWeights[symbol] : isotopeWeights[`${isotope}${symbol}`];
}

/**
 * How many bonds a neutral atom can have, by its number, fewest first. Others, the metals above all, are not judged.
 * Source: OpenSMILES 1.0, section 3.1.5, for the organic subset; the heavier halogens as in their oxyacids.
 */
const valences: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  2: [0],
  5: [3],
  6: [4],
  7: [3],
  8: [2],
  9: [1],
  10: [0],
  14: [4],
  15: [3, 5],
  16: [2, 4, 6],
  17: [1, 3, 5, 7],
  18: [0],
  33: [3, 5],
  34: [2, 4, 6],
  35: [1, 3, 5, 7],
  52: [2, 4, 6],
  53: [1, 3, 5, 7],
};
const NITROGEN = 7;
const LAST_OF_SECOND_PERIOD = 10;

/**
 * The numbers of bonds that an atom can have, fewest first, bonds to hydrogen included and a double bond counted twice;
 * undefined where it is not judged. A charged atom bonds as the neutral one with as many electrons: N⁺ as C, B⁻ as C.
 */
export function valencesOf(symbol: string, charge: number): readonly number[] | undefined {
  const number = atomicNumber(symbol);
  if (number === undefined || valences[number] === undefined) return undefined;
  // Nitro groups are often written with five bonds.
  if (number === NITROGEN && charge === 0) return [3, 5];
  const alike = number - charge;
  // Beyond the end of a period nothing is alike: Na⁺ is no halogen.
  return number <= LAST_OF_SECOND_PERIOD === alike <= LAST_OF_SECOND_PERIOD ? valences[alike] : undefined;
}
