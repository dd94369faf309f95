/** What is found about the pictures of a page: no alt text, no file. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity, type Diagnostic, type Position } from 'vscode-languageserver-types';
import { tameText } from '../../../../paligemma/src/plainText';
import { diagnosticSource } from '../../language/findings/diagnostics';
import type { ImageLink } from '../../imageLinks/imageLink';
import { lacksAltText } from './features';

export const MISSING_ALT_TEXT = 'missing-alt-text';
const MISSING_PICTURE = 'missing-picture';

export interface LookedAt {
  readonly link: ImageLink;
  /** `elsewhere`: its address is none of this machine, or only known when the page is made. */
  readonly file: 'found' | 'missing' | 'elsewhere';
}

export function linkFindings(
  looked: readonly LookedAt[],
  positionAt: (offset: number) => Position,
): Diagnostic[] {
  return looked.flatMap(({ link, file }) => [
    ...(lacksAltText(link) ? [missingAltText(link, file === 'found', positionAt)] : []),
    ...(file === 'missing' ? [missingPicture(link, positionAt)] : []),
  ]);
}

function missingAltText(
  { range }: ImageLink,
  isFound: boolean,
  positionAt: (offset: number) => Position,
): Diagnostic {
  return {
    range: { start: positionAt(range.start), end: positionAt(range.end) },
    severity: DiagnosticSeverity.Information,
    source: diagnosticSource,
    code: MISSING_ALT_TEXT,
    message: isFound
      ? l10n.t('This picture has no alt text. The light bulb writes it.')
      : l10n.t('This picture has no alt text.'),
  };
}

function missingPicture({ target, targetRange }: ImageLink, positionAt: (offset: number) => Position): Diagnostic {
  return {
    range: { start: positionAt(targetRange.start), end: positionAt(targetRange.end) },
    severity: DiagnosticSeverity.Warning,
    source: diagnosticSource,
    code: MISSING_PICTURE,
    message: l10n.t('There is no picture at {0}. Check the path in the document.', tameText(target)),
  };
}
