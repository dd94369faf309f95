/** Links: pictures of `@image`, and the pages of published checkpoints. */
import * as l10n from '@vscode/l10n';
import type { DocumentLink } from 'vscode-languageserver-types';
import type { LanguageContext } from '../knowledge/context';
import { spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { isGlob } from '../syntax/imageList';
import { knownCheckpoint } from '../knowledge/models';
import { resolvePath } from '../text/paths';

export function documentLinks(document: PromptDocument, context: LanguageContext): DocumentLink[] {
  const links: DocumentLink[] = [];
  for (const directive of document.directives) {
    if (directive.kind === 'model') {
      const known = knownCheckpoint(directive.model);
      if (known !== undefined && known.kind !== 'demo') {
        links.push({
          range: spanRange(directive.value),
          target: `https://huggingface.co/${known.id}`,
          tooltip: l10n.t('Open the page of this model'),
        });
      }
    } else if (directive.kind === 'image') {
      for (const item of directive.items) {
        const match = item.text === '' ? undefined : context.images(document.uri, item.text);
        if (match?.isGlob === true || (match === undefined && isGlob(item.text))) continue;
        const target = match === undefined ? resolvePath(document.uri, item.text) : match.uris[0];
        if (target !== undefined) links.push({ range: spanRange(item), target, tooltip: l10n.t('Open the picture') });
      }
    }
  }
  return links;
}
