/** Distance of two ordered trees whose nodes cost 1 to insert or to delete, and at most 1 to rename. */
import * as l10n from '@vscode/l10n';
import { CaseFault } from '../common/caseFault';

export interface TreeNode {
  readonly children: readonly TreeNode[];
}

/** Nodes of one tree times those of the other: two tables of eight bytes for each pair. */
const MOST_PAIRS = 4e6;
/** Steps of the algorithm: some seconds on a slow core. */
const MOST_STEPS = 4e8;

/**
 * What the cheapest edits cost that make one tree of the other.
 * @param rename 0 where nodes are the same; asked once for a pair.
 * @throws CaseFault for trees that would take minutes.
 * Source: Zhang, Shasha 1989, "Simple fast algorithms for the editing distance between trees and related problems". The
 * value is that of APTED, which the reference uses: both find the least cost.
 */
export function treeDistance<Node extends TreeNode>(
  a: Node,
  b: Node,
  rename: (a: Node, b: Node) => number,
): number {
  const [left, right] = [flatten(a), flatten(b)];
  check(left, right);
  const width = right.nodes.length;
  const costs = new Float64Array(left.nodes.length * width).fill(NaN);
  const costOf = (i: number, j: number) => {
    const known = costs[i * width + j]!;
    if (!Number.isNaN(known)) return known;
    return costs[i * width + j] = rename(left.nodes[i]!, right.nodes[j]!);
  };
  const distances = new Float64Array(left.nodes.length * width);
  const forests = new Float64Array((left.nodes.length + 1) * (width + 1));
  for (const i of left.roots) for (const j of right.roots) subtrees({ left, right, distances, forests, costOf }, i, j);
  return distances[distances.length - 1]!;
}

/** Nodes in post-order. */
interface Flat<Node> {
  readonly nodes: readonly Node[];
  /** Of each node: its leftmost leaf. */
  readonly first: readonly number[];
  /** Nodes that have a sibling at the left, and the root. */
  readonly roots: readonly number[];
}

function flatten<Node extends TreeNode>(root: Node): Flat<Node> {
  const nodes: Node[] = [];
  const first: number[] = [];
  const roots: number[] = [];
  const walk = (node: Node, isRoot: boolean) => {
    const start = nodes.length;
    for (const [index, child] of node.children.entries()) walk(child as Node, index > 0);
    if (isRoot) roots.push(nodes.length);
    first.push(start);
    nodes.push(node);
  };
  walk(root, true);
  return { nodes, first, roots };
}

function check<Node>(left: Flat<Node>, right: Flat<Node>): void {
  const weight = ({ first, roots }: Flat<Node>) => roots.reduce((sum, root) => sum + root - first[root]! + 1, 0);
  if (left.nodes.length * right.nodes.length <= MOST_PAIRS && weight(left) * weight(right) <= MOST_STEPS) return;
  throw new CaseFault(
    l10n.t(
      'Its tables are too large to compare: {0} and {1} rows, cells and parts. Up to some 2,000 each can be compared.',
      left.nodes.length,
      right.nodes.length,
    ),
  );
}

interface Work<Node> {
  readonly left: Flat<Node>;
  readonly right: Flat<Node>;
  /** Of the subtrees that are done, `[left, right]`. */
  readonly distances: Float64Array;
  /** Scratch: of the forests up to a node, with none as row and column 0. */
  readonly forests: Float64Array;
  readonly costOf: (i: number, j: number) => number;
}

/** Fills in the distances of the subtrees that share their leftmost leaves with those of `rootI` and `rootJ`. */
function subtrees<Node>({ left, right, distances, forests, costOf }: Work<Node>, rootI: number, rootJ: number): void {
  const width = right.nodes.length;
  const [startI, startJ] = [left.first[rootI]!, right.first[rootJ]!];
  const row = rootJ - startJ + 2;
  forests[0] = 0;
  for (let j = startJ; j <= rootJ; j++) forests[j - startJ + 1] = j - startJ + 1;
  for (let i = startI; i <= rootI; i++) {
    const at = (i - startI + 1) * row;
    const isTreeI = left.first[i] === startI;
    forests[at] = i - startI + 1;
    for (let j = startJ; j <= rootJ; j++) {
      const here = at + j - startJ + 1;
      const edited = Math.min(forests[here - row]!, forests[here - 1]!) + 1;
      if (isTreeI && right.first[j] === startJ) {
        forests[here] = Math.min(edited, forests[here - row - 1]! + costOf(i, j));
        distances[i * width + j] = forests[here]!;
      } else {
        const before = (left.first[i]! - startI) * row + right.first[j]! - startJ;
        forests[here] = Math.min(edited, forests[before]! + distances[i * width + j]!);
      }
    }
  }
}
