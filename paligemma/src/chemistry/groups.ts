/** What stands in brackets in the place of an atom: R groups and the short names of substituents, as drawings have them. */
import { atomicNumber } from './elements';

/** Longer names are no names. */
const MOST_CHARACTERS = 20;

/** Source: MolScribe 7296a30, `molscribe/constants.py`, `RGROUP_SYMBOLS`; primes as drawings have them. */
const residue = /^(?:R(?:\d{1,2}|[a-d])?|[XYZQAE]\d?|Ar\d?)['′]{0,3}$/;

/** Words of `ABBREVIATIONS` there that are no elements, and a few of the same kind. */
const words = new Set(
  ('Me Et Pr Bu Pn Hex Ph Ac Bz Bn Boc Cbm Cbz Cy Fmoc Mes Ms Py Suc Tf Ts Tos Tr Trt Alk Hal Nu Piv Vin '
    + 'PMB SEM TBS TBZ TFA TMS TIPS TBDMS TBDPS MOM THP D').split(' '),
);
const piece = /PMB|SEM|TBDMS|TBDPS|TB[SZ]|TFA|TMS|TIPS|MOM|THP|[nits]-?(?=[BP])|[A-Z][a-z]*|\d+|[()-]/y;

/** Whether the text is an R group (`R1`), a substituent (`Ph`, `OMe`) or a condensed formula (`CO2Et`, `SO2NH2`). */
export function isGroup(text: string): boolean {
  return text.length <= MOST_CHARACTERS && (residue.test(text) || isCondensed(text));
}

function isCondensed(text: string): boolean {
  let at = 0;
  let hasName = false;
  while (at < text.length) {
    piece.lastIndex = at;
    const [found] = piece.exec(text) ?? [];
    if (found === undefined) return false;
    if (/^[A-Z]/.test(found)) {
      if (!words.has(found) && atomicNumber(found) === undefined) return false;
      hasName = true;
    }
    at += found.length;
  }
  return hasName;
}
