import * as l10n from '@vscode/l10n';
import { EditDistances } from '../../paligemma/src/editDistance';
import { checkPairs } from './common/editDistance';
import { parseIntAsPython } from './common/python';
import { means, type Metric, type MetricValues } from './common/metric';
import { pageTree, type MarkupElement } from './tables/tree';
import { treeDistance, type TreeNode } from './tables/treeDistance';

/** Why the reference has no value, in its words. */
export type TedsError = 'ZeroDivisionError' | 'ValueError' | 'ParserError';

/**
 * Similarity of two tables by their edit distance as trees, 0…1.
 * @param prediction,target Whole pages: {@link tablePage} makes one of a table.
 * @param isStructureOnly TEDS-S: what cells say does not count.
 * @returns 0 where a side has no table in its body; an error where the reference raises one: two tables without
 *   anything in them, a span that is no number, a page without content. Papers count those as 0.
 * @throws CaseFault for tables that would take minutes.
 * Source: ibm-aur-nlp/PubTabNet 8ffde90, `src/metric.py`.
 */
export function teds(prediction: string, target: string, isStructureOnly: boolean): number | TedsError {
  if (prediction === '' || target === '') return 0;
  const pages = [prediction, target].map(readPage);
  if (pages.includes('ParserError')) return 'ParserError';
  const [found, wanted] = pages.map(page => (typeof page === 'object' ? firstTable(page) : undefined));
  if (found === undefined || wanted === undefined) return 0;
  const ids = new Map<string, number>();
  const [a, b] = [found, wanted].map(table => cellTree(table, isStructureOnly, ids));
  if (a === undefined || b === undefined) return 'ValueError';
  const distance = a.id === b.id ? 0 : distanceOf(a, b);
  const nodes = Math.max(descendants(found), descendants(wanted));
  return nodes === 0 ? 'ZeroDivisionError' : 1 - distance / nodes;
}

/** A table as models write it, perhaps without its beginning, as the page that TEDS asks for. */
export function tablePage(table: string): string {
  if (/<html[\s>]/i.test(table)) return table;
  return `<html><body>${/<table[\s>]/i.test(table) ? table : `<table>${table}`}</body></html>`;
}

/** What lxml takes for a part of a page has no body. */
function readPage(html: string): MarkupElement | 'ParserError' | undefined {
  const root = pageTree(html);
  if (root === undefined) return 'ParserError';
  const isPage = /^\s*<(?:html|!doctype)/i.test(html) || elementsIn(root).some(({ tag }) => tag === 'head');
  return isPage ? root : undefined;
}

function elementsIn({ children }: MarkupElement): readonly MarkupElement[] {
  return children.filter(child => typeof child !== 'string');
}

function firstTable(page: MarkupElement): MarkupElement | undefined {
  const bodies = elementsIn(page).filter(({ tag }) => tag === 'body');
  return bodies.flatMap(elementsIn).find(({ tag }) => tag === 'table');
}

/** Elements in cells are counted, though they are no nodes of the tree that is compared. */
function descendants(element: MarkupElement): number {
  return elementsIn(element).reduce((count, child) => count + 1 + descendants(child), 0);
}

interface CellNode extends TreeNode {
  readonly tag: string;
  readonly colspan: number | undefined;
  readonly rowspan: number | undefined;
  /** Of a cell: characters, and tags as one token each. */
  readonly content: readonly string[];
  readonly children: readonly CellNode[];
  /** The same for nodes that are the same with all below. */
  readonly id: number;
}

/** @param ids Of nodes met so far, by what they hold. @returns Undefined where a span is no number. */
function cellTree(
  element: MarkupElement,
  isStructureOnly: boolean,
  ids: Map<string, number>,
): CellNode | undefined {
  const { tag, attributes } = element;
  const isCell = tag === 'td';
  const span = (name: string) => (isCell ? parseIntAsPython(attributes.get(name) ?? '1') : undefined);
  const [colspan, rowspan] = [span('colspan'), span('rowspan')];
  if (isCell && (colspan === undefined || rowspan === undefined)) return undefined;
  const children: CellNode[] = [];
  for (const child of isCell ? [] : elementsIn(element)) {
    const node = cellTree(child, isStructureOnly, ids);
    if (node === undefined) return undefined;
    children.push(node);
  }
  const content = isCell && !isStructureOnly ? contentOf(element) : [];
  const key = JSON.stringify([tag, colspan, rowspan, content, children.map(child => child.id)]);
  const id = ids.get(key) ?? ids.size;
  ids.set(key, id);
  return { tag, colspan, rowspan, content, children, id };
}

/** @param tokens What comes before. */
function contentOf({ children }: MarkupElement, tokens: string[] = []): readonly string[] {
  let isBehindCell = false;
  for (const child of children) {
    if (typeof child !== 'string') {
      tokens.push(`<${child.tag}>`);
      contentOf(child, tokens);
      // The original closes no `unk`, and leaves out what follows a cell of a table within the cell.
      if (child.tag !== 'unk') tokens.push(`</${child.tag}>`);
      isBehindCell = child.tag === 'td';
    } else if (!isBehindCell) { for (const character of child) tokens.push(character); }
  }
  return tokens;
}

function distanceOf(a: CellNode, b: CellNode): number {
  const [lengthA, lengthB] = [a, b].map(contentLength);
  checkPairs(lengthA ?? 0, lengthB ?? 0);
  const contents = new EditDistances(checkPairs);
  const symbols = new Map<CellNode, Int32Array>();
  const symbolsOf = (node: CellNode) => {
    const known = symbols.get(node) ?? contents.idsOf(node.content);
    symbols.set(node, known);
    return known;
  };
  return treeDistance(a, b, (one, other) => {
    if (one.tag !== other.tag || one.colspan !== other.colspan || one.rowspan !== other.rowspan) return 1;
    const longest = Math.max(one.content.length, other.content.length);
    return longest === 0 ? 0 : contents.distance(symbolsOf(one), symbolsOf(other)) / longest;
  });
}

function contentLength({ content, children }: CellNode): number {
  return children.reduce((length, child) => length + contentLength(child), content.length);
}

export const tedsMetric: Metric = {
  name: 'teds',
  about: () => l10n.t('tables in HTML: similarity of their trees with what cells say (TEDS) and without (TEDS-S)'),
  fields: 'prediction, target',
  score: fields => {
    const [prediction, target] = [fields.text('prediction'), fields.text('target')];
    return {
      expected: {
        ...named('teds', teds(prediction, target, false)),
        ...named('teds_s', teds(prediction, target, true)),
      },
    };
  },
  summary: scores => means(scores, ['teds', 'teds_s']),
};

function named(name: string, value: number | TedsError): MetricValues {
  return typeof value === 'number' ? { [name]: value } : { [name]: null, [`${name}_error`]: value };
}
