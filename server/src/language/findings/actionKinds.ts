/** Kinds of what mends findings: a kind is asked for by its own name or by one that it lies below. Source: LSP, CodeActionKind. */
import { CodeActionKind } from 'vscode-languageserver-types';

/** Everything that is certain, through the file: asked for by name, as on save. */
export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.paligemma`;

/** @param only Kinds that are asked for; undefined: all. The empty one is above all others. */
export function wantsKind(only: readonly string[] | undefined, kind: string): boolean {
  return only === undefined || only.some(asked => asked === '' || kind === asked || kind.startsWith(`${asked}.`));
}
