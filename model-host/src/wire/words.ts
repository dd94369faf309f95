/** The language of what the host says: that of the process that started it. */
import * as l10n from '@vscode/l10n';

/** Set by the language server; see `server/src/util/words.ts`. */
const bundle = process.env['PALIGEMMA_TEXTS'];

/** English where the parent named no file, or one that cannot be read: texts are no reason to fail. */
export function speakAsParent(): void {
  if (bundle === undefined) return;
  try {
    l10n.config({ fsPath: bundle });
  } catch {
    // The program's own files were exchanged while it runs.
  }
}
