/** Turns of a conversation that are one question about pictures and one answer. */
import { isRecord } from '../../../paligemma/src/checks';
import type { LineFault, SetText } from './setText';

/** What the field's trainers call who asks and who answers. Source: ms-swift, Custom-dataset.md; LLaMA-Factory, data/README.md. */
const askers = new Set(['user', 'human']);
const answerers = new Set(['assistant', 'gpt']);
/** One for each picture, in front of the text as a rule; the processor writes its own. */
const pictureMarks = /^(?:\s*<image>)+[ \t]*\n?/;

/** @param key Of the list in its line. */
export function readTurns(
  value: unknown,
  key: string,
): { readonly prefix?: SetText; readonly suffix?: SetText; readonly faults: readonly LineFault[] } {
  if (!Array.isArray(value)) return { faults: [{ kind: 'turns', path: [key] }] };
  const texts: { role: unknown; text: SetText }[] = [];
  const faults: LineFault[] = [];
  value.forEach((turn: unknown, index) => {
    const [role, field, text] = turnOf(turn);
    const path = [key, index, ...(field === undefined ? [] : [field])];
    if (text === undefined) faults.push({ kind: 'notText', path });
    else texts.push({ role, text: { value: text, path, skipped: 0 } });
  });
  const [asked, answered, more] = texts;
  if (more !== undefined) faults.push({ kind: 'turns', path: [key, 2] });
  const isOrder = (asked === undefined || isOneOf(askers, asked.role))
    && (answered === undefined || isOneOf(answerers, answered.role));
  if (!isOrder) faults.push({ kind: 'turns', path: [key] });
  if (asked === undefined) faults.push({ kind: 'missing', what: 'prefix', keys: [key] });
  if (answered === undefined) faults.push({ kind: 'missing', what: 'suffix', keys: [key] });
  return {
    ...(asked === undefined ? {} : { prefix: withoutPictureMarks(asked.text) }),
    ...(answered === undefined ? {} : { suffix: answered.text }),
    faults,
  };
}

function turnOf(turn: unknown): readonly [role: unknown, field: string | undefined, text: string | undefined] {
  if (!isRecord(turn)) return [undefined, undefined, undefined];
  const field = 'from' in turn ? 'value' : 'content';
  const text = turn[field];
  return [turn['from'] ?? turn['role'], field, typeof text === 'string' ? text : undefined];
}

function isOneOf(names: ReadonlySet<string>, role: unknown): boolean {
  return typeof role === 'string' && names.has(role);
}

function withoutPictureMarks(text: SetText): SetText {
  const [marks = ''] = pictureMarks.exec(text.value) ?? [];
  return { ...text, value: text.value.slice(marks.length), skipped: marks.length };
}
