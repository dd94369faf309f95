/** What is found about the pictures of a page: no alt text, no file. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity, type Diagnostic, type Position } from 'vscode-languageserver-types';
import { tameText } from '../../../../paligemma/src/plainText';
import { diagnosticSource } from '../../language/findings/diagnostics';
import type { ImageLink, Span } from '../../imageLinks/imageLink';
import { lacksAltText } from './features';

export const MISSING_ALT_TEXT = 'missing-alt-text';
const MISSING_PICTURE = 'missing-picture';

/** What is found in pages. Codes are stable: anchors of the documentation. */
export const linkCodes = {
  [MISSING_ALT_TEXT]: { severity: DiagnosticSeverity.Information },
  [MISSING_PICTURE]: { severity: DiagnosticSeverity.Warning },
};

export interface LookedAt {
  readonly link: ImageLink;
  /** `elsewhere`: its address is none of this machine, or only known when the page is made. */
  readonly file: 'found' | 'missing' | 'elsewhere';
}

/** @param documentationUri Of the page that says what each code means. */
export function linkFindings(
  looked: readonly LookedAt[],
  positionAt: (offset: number) => Position,
  documentationUri: string,
): Diagnostic[] {
  const finding = (code: keyof typeof linkCodes, { start, end }: Span, message: string): Diagnostic => ({
    range: { start: positionAt(start), end: positionAt(end) },
    ...linkCodes[code],
    source: diagnosticSource,
    code,
    codeDescription: { href: `${documentationUri}#${code}` },
    message,
  });
  return looked.flatMap(({ link, file }) => [
    ...(lacksAltText(link) ? [finding(MISSING_ALT_TEXT, link.range, altTextMessage(file === 'found'))] : []),
    ...(file === 'missing' ? [finding(MISSING_PICTURE, link.targetRange, missingMessage(link))] : []),
  ]);
}

function altTextMessage(isFound: boolean): string {
  return isFound
    ? l10n.t('This picture has no alt text. The light bulb writes it.')
    : l10n.t('This picture has no alt text.');
}

function missingMessage({ target }: ImageLink): string {
  return l10n.t('There is no picture at {0}. Check the path in the document.', tameText(target));
}
