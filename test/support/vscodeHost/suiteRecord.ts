/**
 * What a suite inside the extension host tells the process that started it: JSON lines in a file, the same in every
 * kind of VS Code.
 */

/** Environment variable that names the file. */
export const RECORD_FILE = 'PALIGEMMA_SUITE_RECORD';

export interface SuiteTest {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Stack of a failed test. */
  readonly error?: string;
}

/** The last line. Without it the extension host ended before the suite did. */
export interface SuiteEnd {
  readonly tests: number;
}

export interface SuiteRecord {
  readonly tests: readonly SuiteTest[];
  readonly end?: SuiteEnd;
}

/** Reads what was written until now; a line cut short by a crash is left out. */
export function parseRecord(text: string): SuiteRecord {
  const entries = text.split('\n').slice(0, -1).map(line => JSON.parse(line) as SuiteTest | SuiteEnd);
  const end = entries.find((entry): entry is SuiteEnd => !('title' in entry));
  return {
    tests: entries.filter((entry): entry is SuiteTest => 'title' in entry),
    ...(end === undefined ? {} : { end }),
  };
}
