/**
 * The shape of `vscode.l10n.t`, handed to the parts that are free of the editor. `{0}`, `{1}` … are replaced by the
 * arguments.
 */
export type Translate = (message: string, ...args: (string | number)[]) => string;
