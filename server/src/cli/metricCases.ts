/** Files with the cases of a metric. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { Failure } from '../../../paligemma/src/failures';

export interface MetricCase {
  /** As it is written, or the place in the list from 1. */
  readonly id: string | number;
  readonly fields: unknown;
}

/**
 * Reads a list of cases, an object with the list as `cases`, or one with several metrics as `metrics`.
 * @param metric Which of several.
 * @param file Its name, for sentences.
 * @throws Failure where there is no list, or nothing in it.
 */
export function readMetricCases(text: string, metric: string, file: string): readonly MetricCase[] {
  const cases = casesIn(parse(text, file), metric);
  if (cases === undefined) {
    throw new Failure(
      'badArgument',
      l10n.t('{0} holds no cases of {1}. Write a list, or an object with a list named “cases”.', file, metric),
    );
  }
  if (cases.length === 0) throw new Failure('nothingToDo', l10n.t('{0} holds no case.', file));
  return cases.map((fields: unknown, index) => ({ id: idOf(fields) ?? index + 1, fields }));
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      'badArgument',
      l10n.t('{0} is not JSON: {1}. Correct it there.', file, reason.replace(/\.$/, '')),
      {
        cause: error,
      },
    );
  }
}

function casesIn(content: unknown, metric: string): readonly unknown[] | undefined {
  if (Array.isArray(content)) return content as readonly unknown[];
  if (!isRecord(content)) return undefined;
  if (isRecord(content['metrics'])) return casesIn(content['metrics'][metric], metric);
  return Array.isArray(content['cases']) ? content['cases'] as readonly unknown[] : undefined;
}

function idOf(fields: unknown): string | number | undefined {
  if (!isRecord(fields)) return undefined;
  const { id } = fields;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
