/** What the installed languages say of comments: read from their own configuration files. */
import { extensions, workspace, Uri } from 'vscode';
import type { CommentMarks } from './continuation';
import { parseCommentMarks } from './languageConfiguration';

const NONE: CommentMarks = { line: [] };

interface LanguageContribution {
  readonly id?: unknown;
  readonly configuration?: unknown;
}

/** Empty where the language says nothing, or its extension runs elsewhere. Never rejects. */
export async function commentMarksOf(languageId: string): Promise<CommentMarks> {
  for (const { extensionUri, packageJSON } of extensions.all) {
    const { contributes } = packageJSON as { readonly contributes?: { readonly languages?: unknown } };
    const languages = Array.isArray(contributes?.languages) ? contributes.languages as LanguageContribution[] : [];
    const found = languages.find(({ id, configuration }) => id === languageId && typeof configuration === 'string');
    if (typeof found?.configuration !== 'string') continue;
    try {
      return parseCommentMarks(
        Buffer.from(await workspace.fs.readFile(Uri.joinPath(extensionUri, found.configuration))).toString('utf8'),
      );
    } catch {
      return NONE;
    }
  }
  return NONE;
}
