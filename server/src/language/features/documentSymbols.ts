/** The outline: models, under them pictures, under them prompts. */
import * as l10n from '@vscode/l10n';
import { SymbolKind } from 'vscode-languageserver-types';
import type { DocumentSymbol, Range } from 'vscode-languageserver-types';
import { lastLineOf, linesRange, shapeOf, spanRange } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { clip } from '../text/markdown';
import type { DirectiveNode, ImageDirective, PromptNode } from '../syntax/parser';
import { promptRange } from '../findings/runFindings';

type Section = DocumentSymbol & { children: DocumentSymbol[] };

export function documentSymbols(document: PromptDocument): DocumentSymbol[] {
  const roots: DocumentSymbol[] = [];
  let model: Section | undefined;
  let image: Section | undefined;
  let lastLine = 0;
  const close = (...sections: (Section | undefined)[]) => {
    for (const open of sections) {
      if (open !== undefined) {
        open.range = linesRange(document, open.range.start.line, Math.max(open.range.start.line, lastLine));
      }
    }
  };
  for (const node of inOrder(document)) {
    switch (node.kind) {
      case 'prompt':
        ((image ?? model)?.children ?? roots).push(promptSymbol(document, node));
        break;
      case 'model':
        close(image, model);
        image = undefined;
        roots.push(
          model = section(document, node, clip(node.model, 80) || '@model', l10n.t('model'), SymbolKind.Module),
        );
        break;
      case 'image':
        close(image);
        (model?.children ?? roots).push(
          image = section(document, node, imageNames(node), l10n.t('images'), SymbolKind.File),
        );
        break;
      case 'set':
      case 'unknown':
        break;
    }
    lastLine = node.kind === 'prompt' ? lastLineOf(node) : node.line;
  }
  close(image, model);
  return roots;
}

function imageNames(directive: ImageDirective): string {
  const [first, ...others] = directive.items;
  const name = clip(first?.text ?? '', 60) || '@image';
  return others.length === 0 ? name : l10n.t('{0} and {1} more', name, others.length);
}

function* inOrder(document: PromptDocument): Generator<PromptNode | DirectiveNode> {
  let next = 0;
  for (const directive of document.directives) {
    for (
      let prompt = document.prompts[next];
      prompt !== undefined && prompt.line < directive.line;
      prompt = document.prompts[++next]
    ) yield prompt;
    yield directive;
  }
  yield* document.prompts.slice(next);
}

function section(
  document: PromptDocument,
  node: DirectiveNode,
  name: string,
  detail: string,
  kind: SymbolKind,
): Section {
  const range: Range = linesRange(document, node.line, node.line);
  return { name, detail, kind, range, selectionRange: spanRange(node.value), children: [] };
}

function promptSymbol(document: PromptDocument, prompt: PromptNode): DocumentSymbol {
  const shape = shapeOf(document, prompt);
  return {
    name: clip(prompt.text, 100) || '""',
    detail: shape.task?.title() ?? (prompt.text.trim() === '' ? l10n.t('Empty prompt') : l10n.t('Free prompt')),
    kind: SymbolKind.Function,
    range: linesRange(document, prompt.line, lastLineOf(prompt)),
    selectionRange: promptRange(prompt),
  };
}
