/** Semantic tokens, and what changed of them since the client last asked. */
import type { Range, SemanticTokens, SemanticTokensDelta } from 'vscode-languageserver/node';
import type { ClientAbilities } from '../clientAbilities';
import type { LanguageContext } from '../../language/knowledge/context';
import type { PromptDocument } from '../../language/syntax/document';
import { semanticTokens } from '../../language/features/semanticTokens';

export class TokenDeltas {
  private readonly last = new Map<string, { readonly resultId: string; readonly data: number[] }>();
  private counter = 0;

  constructor(private readonly context: LanguageContext, private readonly abilities: () => ClientAbilities) {}

  full(document: PromptDocument): SemanticTokens {
    const data = semanticTokens(document, this.context, undefined, this.abilities().encoding);
    const resultId = String(++this.counter);
    this.last.set(document.uri, { resultId, data });
    return { resultId, data };
  }

  /** One edit of the numbers; everything where `previousResultId` is not the last answer. */
  delta(document: PromptDocument, previousResultId: string): SemanticTokens | SemanticTokensDelta {
    const before = this.last.get(document.uri);
    const after = this.full(document);
    if (before?.resultId !== previousResultId || after.resultId === undefined) return after;
    return { resultId: after.resultId, edits: editsBetween(before.data, after.data) };
  }

  range(document: PromptDocument, range: Range): SemanticTokens {
    return { data: semanticTokens(document, this.context, range, this.abilities().encoding) };
  }

  forget(uri: string): void {
    this.last.delete(uri);
  }
}

export function editsBetween(before: readonly number[], after: readonly number[]): SemanticTokensDelta['edits'] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return [];
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return [{ start, deleteCount: before.length - start - same, data: after.slice(start, after.length - same) }];
}
