/**
 * The shape of `vscode.l10n.t`, and of that of `@vscode/l10n`, handed to the parts that speak in both processes. `{0}`, `{1}` … are replaced by the
 * arguments.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;
