/**
 * Words that keep the full stop behind them, in any letter case. Single letters and letters with full stops between them
 * do without a list.
 * Source: each word of up to four letters, and some that are longer, was given to the reference.
 */
const anyCase = `
adj adm adv al ala alex apr ariz assn assoc asst atty aug ave bhd bldg blvd brig bros calif capt cf cie cmdr co col
colo comdr conn corp cos cpl ct dak dec dept det dr drs elec ens esq est etc ext feb fla fri ft ga gen gov govs hon
inc ind insp intl invt jan jos jr jul jun kan kans ky lieut lt ltd maj mar md messrs mfg mich minn mlle mme mo mon
mont mr mrs ms msgr mt mtg natl neb nev nov oct okla penn pfc ph plc ppte ppty pres prof profs pte ptes pty ptys pvt
rd rep reps rev rt sen sens sep sept seq sfc sgt spc sq sr st ste supt sys tel tenn thu thurs treas tue tues univ va
vs vt wed wis wisc wm wyo`;

/** Only where they begin with a capital. */
const capital = `
Ark Az Del Ill La Mass Miss Ore Pa Tex Wash`;

const inAnyCase = new Set(anyCase.trim().split(/\s+/));
const withCapital = new Set(capital.trim().split(/\s+/));
const beforeNumbers = new Set(['art', 'fig', 'figs', 'no', 'nos', 'op', 'pp', 'prop']);

/** @param isBeforeNumber Whether a number follows. */
export function isAbbreviation(word: string, isBeforeNumber: boolean): boolean {
  const small = word.toLowerCase();
  if (inAnyCase.has(small) || (isBeforeNumber && beforeNumbers.has(small))) return true;
  return withCapital.has(`${word.slice(0, 1)}${small.slice(1)}`);
}
