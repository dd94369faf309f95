/** A verb that does one of several things, by its first word. */
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { UsageError, type OptionName } from './options';
import { jsonFailure, textFailure } from './output';
import type { ExitCode, VerbContext } from './verb';

export interface SubVerb {
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  /** How many words it takes, at least and at most. */
  readonly takes: readonly [least: number, most: number];
  /** @throws UsageError; Failure; CancelledError. */
  readonly run: (context: VerbContext, words: readonly string[]) => Promise<ExitCode>;
}

export type SubVerbs = Readonly<Record<string, SubVerb>>;

/** The options of all of them, each once. */
export function subVerbOptions(subVerbs: SubVerbs): readonly OptionName[] {
  return [...new Set(Object.values(subVerbs).flatMap(({ options }) => options))];
}

/** Lines for the help of the verb. */
export function subVerbHelp(subVerbs: SubVerbs, width: number): readonly string[] {
  return Object.entries(subVerbs).map(([name, { usage, summary }]) =>
    `  ${`${name} ${usage}`.padEnd(width)}  ${summary}`
  );
}

/**
 * Does what the first word says. A failure is one line: on standard output with --json, else on standard error.
 * @throws UsageError; CancelledError.
 */
export async function runSubVerb(
  verb: string,
  subVerbs: SubVerbs,
  name: string,
  words: readonly string[],
  context: VerbContext,
): Promise<ExitCode> {
  const subVerb = Object.hasOwn(subVerbs, name) ? subVerbs[name] : undefined;
  if (subVerb === undefined) throw new UsageError(`${verb} knows ${Object.keys(subVerbs).join(', ')}, not "${name}".`);
  const foreign = (Object.keys(context.values) as OptionName[]).find(option => !subVerb.options.includes(option));
  if (foreign !== undefined) throw new UsageError(`${verb} ${name} takes no --${foreign}.`);
  const [least, most] = subVerb.takes;
  if (words.length < least || words.length > most || words.includes('')) {
    const taken = most === 0 ? 'nothing more' : most === 1 ? `one ${subVerb.usage}` : subVerb.usage;
    throw new UsageError(`${verb} ${name} takes ${taken}.`);
  }
  const { terminal, values, interrupt } = context;
  try {
    return await subVerb.run(context, words);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof CancelledError || interrupt.token.isCancellationRequested) throw new CancelledError();
    const failure = toFailure(error);
    if (values.json === true) await terminal.print(jsonFailure(undefined, failure));
    else terminal.note(textFailure(undefined, failure));
    return 1;
  }
}
