/** The outline: models, under them pictures, under them prompts. */
import { SymbolKind } from 'vscode-languageserver-types';
import type { DocumentSymbol, Range } from 'vscode-languageserver-types';
import { lastLineOf, linesRange, shapeOf, spanRange } from './document';
import type { PromptDocument } from './document';
import { clip, count } from './markdown';
import type { DirectiveNode, PromptNode } from './parser';
import { promptRange } from './runFindings';

interface Section { readonly symbol: DocumentSymbol & { children: DocumentSymbol[] }; readonly kind: 'model' | 'image' }

export function documentSymbols(document: PromptDocument): DocumentSymbol[] {
  const roots: DocumentSymbol[] = [];
  let model: Section | undefined;
  let image: Section | undefined;
  const close = (section: Section | undefined, line: number) => {
    if (section !== undefined) section.symbol.range = linesRange(document, section.symbol.range.start.line, Math.max(section.symbol.range.start.line, line));
  };
  let lastLine = 0;
  for (const node of inOrder(document)) {
    if (node.kind === 'prompt') {
      (image ?? model)?.symbol.children.push(promptSymbol(document, node));
      if (image === undefined && model === undefined) roots.push(promptSymbol(document, node));
      lastLine = lastLineOf(node);
      continue;
    }
    if (node.kind === 'model') {
      close(image, lastLine); close(model, lastLine);
      image = undefined;
      model = { kind: 'model', symbol: section(document, node, clip(node.model, 80) || '@model', 'model', SymbolKind.Module) };
      roots.push(model.symbol);
    } else if (node.kind === 'image') {
      close(image, lastLine);
      const [first] = node.items;
      const more = node.items.length > 1 ? ` and ${count(node.items.length - 1, 'more')}`.replace(/s$/, '') : '';
      image = { kind: 'image', symbol: section(document, node, `${clip(first?.text ?? '', 60) || '@image'}${more}`, 'images', SymbolKind.File) };
      (model?.symbol.children ?? roots).push(image.symbol);
    }
    lastLine = node.line;
  }
  close(image, lastLine);
  close(model, lastLine);
  return roots;
}

function* inOrder(document: PromptDocument): Generator<PromptNode | DirectiveNode> {
  let next = 0;
  for (const directive of document.directives) {
    for (let prompt = document.prompts[next]; prompt !== undefined && prompt.line < directive.line; prompt = document.prompts[++next]) yield prompt;
    yield directive;
  }
  yield* document.prompts.slice(next);
}

function section(document: PromptDocument, node: DirectiveNode, name: string, detail: string, kind: SymbolKind): DocumentSymbol & { children: DocumentSymbol[] } {
  const range: Range = linesRange(document, node.line, node.line);
  return { name, detail, kind, range, selectionRange: spanRange(node.value), children: [] };
}

function promptSymbol(document: PromptDocument, prompt: PromptNode): DocumentSymbol {
  const shape = shapeOf(document, prompt);
  return {
    name: clip(prompt.text, 100) || '""', detail: shape.task?.title ?? (prompt.text.trim() === '' ? 'Empty prompt' : 'Free prompt'), kind: SymbolKind.Function,
    range: linesRange(document, prompt.line, lastLineOf(prompt)), selectionRange: promptRange(prompt),
  };
}
