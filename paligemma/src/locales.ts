/**
 * Names of the files that may hold the texts of a language, the most exact first: of `de-AT` those of `de-at` and `de`.
 * English stands in the sources and needs none.
 * @param locale As the editor names it, for example `de` or `pt-BR`.
 */
export function bundleNames(locale: string): string[] {
  const whole = locale.toLowerCase();
  if (!/^[a-z]{2,3}(?:-[a-z0-9]+)*$/.test(whole)) return [];
  const [language = ''] = whole.split('-');
  return language === 'en' ? [] : [...new Set([whole, language])].map(name => `bundle.l10n.${name}.json`);
}
