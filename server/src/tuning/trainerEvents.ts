/** Reads what the trainer writes: a program of the person's, whose lines are data and are read field by field. */
import { isRecord } from '../../../paligemma/src/checks';
import { parseShallow } from '../../../paligemma/src/shallowJson';
import { tuningMethods, type TrainerEvent } from '../contract/tuning';

/** What stands in a field, or a list of the words that may. */
type Kind = 'number' | 'text' | readonly string[];

const fieldsOf: { readonly [E in TrainerEvent['event']]: Readonly<Record<string, Kind>> } = {
  phase: { phase: ['load'] },
  start: {
    method: tuningMethods,
    lines: 'number',
    validLines: 'number',
    epochs: 'number',
    steps: 'number',
    learningRate: 'number',
    trainable: 'number',
    parameters: 'number',
    precision: 'text',
    device: 'text',
    processes: 'number',
    resumedAt: 'number',
  },
  step: { step: 'number', steps: 'number', loss: 'number', learningRate: 'number', secondsLeft: 'number' },
  epoch: { epoch: 'number', epochs: 'number', step: 'number', loss: 'number' },
  eval: { step: 'number', set: ['valid', 'train'], loss: 'number', exact: 'number', lines: 'number' },
  sample: { step: 'number', image: 'text', prefix: 'text', expected: 'text', answer: 'text' },
  saved: { step: 'number', path: 'text' },
  done: { step: 'number', path: 'text', kind: ['adapter', 'checkpoint'], seconds: 'number' },
  stopped: { path: 'text' },
  error: { reason: 'text', message: 'text' },
};

/** A text has no more characters: the trainer cuts its samples earlier. */
const LONGEST_TEXT = 10_000;

/** The event of a line; undefined for whatever is none. Never throws. */
export function readTrainerEvent(line: string): TrainerEvent | undefined {
  const value = jsonOf(line);
  if (!isRecord(value) || !isEventName(value['event'])) return undefined;
  const fields = fieldsOf[value['event']];
  const isWhole = Object.entries(fields).every(([name, kind]) => isOfKind(value[name], kind));
  if (!isWhole) return undefined;
  const known = Object.fromEntries(Object.keys(fields).map(name => [name, value[name]]));
  return { event: value['event'], ...known, ...(value['past'] === true ? { past: true } : {}) } as TrainerEvent;
}

function jsonOf(line: string): unknown {
  try {
    return parseShallow(line);
  } catch {
    return undefined;
  }
}

function isEventName(value: unknown): value is TrainerEvent['event'] {
  return typeof value === 'string' && Object.hasOwn(fieldsOf, value);
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    case 'text':
      return typeof value === 'string' && value.length <= LONGEST_TEXT;
    default:
      return typeof value === 'string' && kind.includes(value);
  }
}
