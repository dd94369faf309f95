import type { ProblemFact } from '../../../server/src/contract/protocol';
import { tameText } from '../../../paligemma/src/plainText';
import type { Translate } from '../../../paligemma/src/translate';

/** A Markdown page with room for the person's own words above a table of facts. */
export function problemReport(facts: readonly ProblemFact[], t: Translate): string {
  const cell = (text: string) => tameText(text.replace(/[\r\n]+/g, ' ')).replaceAll('|', '\\|');
  return [
    `# ${t('A problem with PaliGemma 2')}`,
    '',
    `## ${t('What I did, what I expected, what happened')}`,
    '',
    '',
    `## ${t('Facts')}`,
    '',
    t('Gathered by the extension, without paths, secrets or anything from your pictures; nothing was sent. The log (“PaliGemma 2: Show Log”) may contain the names of your files: read it before you quote from it.'),
    '',
    `| ${t('What')} | ${t('Value')} |`,
    '|---|---|',
    ...facts.map(({ name, value }) => `| ${cell(name)} | ${cell(value)} |`),
    '',
  ].join('\n');
}
