/** What one line of a data set says, in whichever of the known forms it is written. Pure; never throws. */
import { isRecord } from '../../../paligemma/src/checks';
import { parseShallow } from '../../../paligemma/src/shallowJson';
import type { JsonPath, LineFault, SetText } from './setText';
import { readTurns } from './turns';

/**
 * `bigVision`: `image` (or `image_left` and `image_right`), `prefix`, `suffix`; Roboflow's export and maestro's layout
 * are such files. `imagefolder`: `file_name` or `file_names` beside `prefix` and `suffix`. `messages`: turns, as ms-swift
 * and LLaMA-Factory read them. `pairs`: `prompt` and `completion`, or `query` and `response`.
 */
export type LineForm = 'bigVision' | 'imagefolder' | 'messages' | 'pairs';

export interface SetLine {
  readonly form: LineForm;
  /** As written: a path relative to the file's folder, or an address. */
  readonly images: readonly SetText[];
  readonly prefix?: SetText;
  readonly suffix?: SetText;
  /** The whole object: keys that no form knows are kept. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly faults: readonly LineFault[];
}

/** @returns Only faults where the text is no object. What could be read of an object is there, whatever it lacks. */
export function readSetLine(text: string): SetLine | { readonly faults: readonly LineFault[] } {
  let value: unknown;
  try {
    value = parseShallow(text);
  } catch {
    return { faults: [{ kind: 'notJson' }] };
  }
  return isRecord(value) ? readFields(value) : { faults: [{ kind: 'notObject' }] };
}

/** The same for an object that did not come from a line of JSON: a row of a table. */
export function readFields(fields: Readonly<Record<string, unknown>>): SetLine {
  const reader = new Reader(fields);
  const form = formOf(fields);
  const images = reader.images();
  const { prefix, suffix } = form === 'messages' ? reader.turns() : reader.pair(form);
  return {
    form,
    images,
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    fields,
    faults: reader.faults,
  };
}

/** What a value has to be called in each form: the first key is the one that is asked for where all are missing. */
const pairKeys: Readonly<
  Record<Exclude<LineForm, 'messages'>, readonly (readonly [prefix: string, suffix: string])[]>
> = {
  bigVision: [['prefix', 'suffix']],
  imagefolder: [['prefix', 'suffix']],
  pairs: [['prompt', 'completion'], ['query', 'response']],
};
const turnKeys = ['messages', 'conversations'];
/** One picture each, or a list of them. */
const imageKeys = ['image', 'images', 'file_name', 'file_names', 'image_left', 'image_right'];

function formOf(fields: Readonly<Record<string, unknown>>): LineForm {
  if (turnKeys.some(key => key in fields)) return 'messages';
  if (!('prefix' in fields) && !('suffix' in fields) && pairKeys.pairs.some(([key]) => key in fields)) return 'pairs';
  return 'file_name' in fields || 'file_names' in fields ? 'imagefolder' : 'bigVision';
}

class Reader {
  readonly faults: LineFault[] = [];
  constructor(private readonly fields: Readonly<Record<string, unknown>>) {}

  images(): readonly SetText[] {
    const keys = imageKeys.filter(key => key in this.fields);
    if (keys.length === 0) this.faults.push({ kind: 'missing', what: 'image', keys: imageKeys });
    return keys.flatMap(key => {
      const value = this.fields[key];
      const parts = Array.isArray(value)
        ? value.map((part, index) => [part, [key, index]] as const)
        : [[value, [key]] as const];
      return parts.flatMap(([part, path]) =>
        this.text(isRecord(part) && 'path' in part ? part['path'] : part, path) ?? []
      );
    });
  }

  pair(form: Exclude<LineForm, 'messages'>): Pick<SetLine, 'prefix' | 'suffix'> {
    const [usual] = pairKeys[form];
    const keys = pairKeys[form].find(([prefix, suffix]) => prefix in this.fields || suffix in this.fields) ?? usual;
    if (keys === undefined) return {};
    const [prefix, suffix] = [this.named('prefix', keys[0]), this.named('suffix', keys[1])];
    return { ...(prefix === undefined ? {} : { prefix }), ...(suffix === undefined ? {} : { suffix }) };
  }

  turns(): Pick<SetLine, 'prefix' | 'suffix'> {
    const key = turnKeys.find(each => each in this.fields) ?? 'messages';
    const { faults, ...pair } = readTurns(this.fields[key], key);
    this.faults.push(...faults);
    return pair;
  }

  private named(what: 'prefix' | 'suffix', key: string): SetText | undefined {
    if (key in this.fields) return this.text(this.fields[key], [key]);
    this.faults.push({ kind: 'missing', what, keys: [key] });
    return undefined;
  }

  private text(value: unknown, path: JsonPath): SetText | undefined {
    if (typeof value === 'string') return { value, path, skipped: 0 };
    this.faults.push({ kind: 'notText', path });
    return undefined;
  }
}
