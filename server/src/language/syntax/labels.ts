/** Labels that a workspace's prompt files ask for. */
import { shapeOf } from './document';
import type { PromptDocument } from './document';

/** Labels of `detect` and `segment` in some documents, the most frequent first; each once. */
export function labelsOf(documents: Iterable<PromptDocument>): string[] {
  const counts = new Map<string, number>();
  for (const document of documents) {
    for (const prompt of document.prompts) {
      if (prompt.isLiteral) continue;
      for (const { text } of shapeOf(document, prompt).objects) {
        if (text !== '' && text.length <= 100 && !/[,<>]/.test(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([label]) => label);
}
