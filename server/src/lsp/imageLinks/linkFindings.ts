/** What is found about the pictures of a page: no alt text, no file. Pure: everything known comes in. */
import * as l10n from '@vscode/l10n';
import { DiagnosticSeverity, type Diagnostic, type Position } from 'vscode-languageserver-types';
import type { ImageLink } from '../../imageLinks/imageLink';
import { lacksAltText } from './features';

export const MISSING_ALT_TEXT = 'missing-alt-text';
export const MISSING_PICTURE = 'missing-picture';

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
    ...(lacksAltText(link) ? [missingAltText(link, positionAt)] : []),
    ...(file === 'missing' ? [missingPicture(link, positionAt)] : []),
  ]);
}

function missingAltText({ range }: ImageLink, positionAt: (offset: number) => Position): Diagnostic {
  return {
    range: { start: positionAt(range.start), end: positionAt(range.end) },
    severity: DiagnosticSeverity.Information,
    source: 'paligemma',
    code: MISSING_ALT_TEXT,
    message: l10n.t('This picture has no alt text. The light bulb writes it.'),
  };
}

function missingPicture({ target, targetRange }: ImageLink, positionAt: (offset: number) => Position): Diagnostic {
  return {
    range: { start: positionAt(targetRange.start), end: positionAt(targetRange.end) },
    severity: DiagnosticSeverity.Warning,
    source: 'paligemma',
    code: MISSING_PICTURE,
    message: l10n.t('There is no picture at {0}. Check the path in the document.', target),
  };
}
