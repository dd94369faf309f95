/** The lines of an evaluation that a report shows: the worst ones, in bounded memory. */
import type { EvaluatedLine } from '../../contract/evaluation';

export class WorstLines {
  private held: EvaluatedLine[] = [];
  /** Lines that were added. */
  total = 0;

  constructor(private readonly most: number) {}

  add(line: EvaluatedLine): void {
    this.total++;
    this.held.push(line);
    if (this.held.length > 2 * this.most) this.held = this.worst();
  }

  /** The worst first; of equal ones the earlier. */
  worst(): EvaluatedLine[] {
    return this.held.toSorted((a, b) => a.rightness - b.rightness || a.line - b.line).slice(0, this.most);
  }
}
