/** What a prefix asks to be found. */
import * as l10n from '@vscode/l10n';
import type { TextFault } from './lineReport';
import { labelSpaces, SEPARATOR } from './labels';

/** An object between semicolons, without the white space around it. */
export interface AskedObject {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export interface Asked {
  readonly task: 'detect' | 'segment';
  /** Empty ones stand where a semicolon has nothing on one side. None: everything is asked for. */
  readonly objects: readonly AskedObject[];
}

const start = /^\s{0,10}(detect|segment)(?=\s|$)/i;

/** Undefined for prefixes that ask for something else than places. */
export function askedObjects(prefix: string): Asked | undefined {
  const match = start.exec(prefix);
  if (match === null) return undefined;
  const objects: AskedObject[] = [];
  for (let from = match[0].length; from <= prefix.length;) {
    const semicolon = prefix.indexOf(';', from);
    const end = semicolon < 0 ? prefix.length : semicolon;
    const written = prefix.slice(from, end);
    const text = written.trim();
    const at = from + written.length - written.trimStart().length;
    objects.push({ text, from: at, to: at + text.length });
    from = end + 1;
  }
  const isBare = objects.length === 1 && objects[0]?.text === '';
  return { task: match[1]?.toLowerCase() === 'segment' ? 'segment' : 'detect', objects: isBare ? [] : objects };
}

export function* askedFaults(prefix: string, { objects }: Asked): Iterable<TextFault> {
  for (const [index, object] of objects.entries()) {
    yield* labelSpaces(object.text, object.from);
    const next = objects[index + 1];
    if (next === undefined) continue;
    const [from, to] = [object.to, next.from];
    if (object.text === '' || next.text === '') {
      const isLast = next.text === '';
      const rest = isLast ? next.to : object.from;
      yield {
        code: 'dangling-separator',
        from: prefix.indexOf(';', from),
        to: prefix.indexOf(';', from) + 1,
        fix: {
          title: l10n.t('Remove the semicolon'),
          edits: [{ from: isLast ? from : rest, to: isLast ? rest : to, text: '' }],
        },
      };
    } else if (prefix.slice(from, to) !== SEPARATOR) {
      yield {
        code: 'separator',
        from,
        to,
        fix: { title: l10n.t('Write “{0}”', SEPARATOR), edits: [{ from, to, text: SEPARATOR }] },
      };
    }
  }
}
