/**
 * The shape of `vscode.l10n.t`, and of that of `@vscode/l10n`, handed to the parts that speak in both processes. `{0}`, `{1}` … are replaced by the
 * arguments.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** The English texts as they are, for what is told to nobody. */
export const untranslated: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (written, index: string) => String(args[Number(index)] ?? written));
