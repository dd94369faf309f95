/** All questions of a data set, in the order of its lines. */
import type { Question } from '../../../datasets/src/evaluation/question';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { isExample, readExamples, type Example, type ReadLine } from './readExamples';

export interface AskedLine extends Example, Question {
  /** Another line before asks the same of the same picture: both are judged alike, and count once. */
  readonly isRepeated: boolean;
}

export interface Questions {
  /** Those of lines that cannot be evaluated stand at their place. */
  readonly lines: readonly (AskedLine | Exclude<ReadLine, Example>)[];
  readonly asked: number;
}

/**
 * Lines of the same picture and prompt are several right answers, as the five captions of a picture are.
 * @throws as `readExamples`.
 */
export async function readQuestions(file: string, limit: number, token: CancellationToken): Promise<Questions> {
  const read: ReadLine[] = [];
  const answers = new Map<string, string[]>();
  for await (const line of readExamples(file, limit, token)) {
    read.push(line);
    if (!isExample(line)) continue;
    const known = answers.get(keyOf(line));
    if (known === undefined) answers.set(keyOf(line), [...line.references]);
    else known.push(...line.references);
  }
  const seen = new Set<string>();
  const lines = read.map(line => {
    if (!isExample(line)) return line;
    const key = keyOf(line);
    const isRepeated = seen.has(key);
    seen.add(key);
    return { ...line, references: answers.get(key) ?? line.references, isRepeated };
  });
  return { lines, asked: lines.filter(line => !('failure' in line)).length };
}

function keyOf({ imagePath, prefix }: Example): string {
  return `${imagePath}\n${prefix}`;
}
