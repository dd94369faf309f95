/** What every verb of the command line is, and the ones that run a prompt on pictures. */
import { isUsableInput, taskPrompt } from '../../../paligemma/src/prompts';
import type { Terminal } from './terminal';
import type { Interrupt } from './interrupt';
import { UsageError, type OptionName, type OptionValues } from './options';

/** 0: everything was done; 1: something failed. Usage errors and signals are answered by `main`. */
export type ExitCode = 0 | 1;

export interface VerbContext {
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
  /** Folder of the running bundle. */
  readonly distPath: string;
  /** What follows the verb. */
  readonly positionals: readonly string[];
  readonly values: OptionValues;
}

export interface Verb {
  readonly name: string;
  /** Without the program's name. */
  readonly usage: string;
  readonly summary: string;
  /** More lines for the verb's own help. */
  readonly details?: readonly string[];
  readonly options: readonly OptionName[];
  /** @throws UsageError; HostError; CancelledError. */
  run(context: VerbContext): Promise<ExitCode>;
}

/** Options of every verb that runs a prompt. */
export const runOptionNames = [
  'model',
  'device',
  'gpu-layers',
  'weights',
  'adapter',
  'attention',
  'max-new-tokens',
  'json',
  'overlay',
  'no-cache',
] as const satisfies readonly OptionName[];

export interface PromptAndImages {
  readonly prompt: string;
  /** Paths as they were given. */
  readonly images: readonly string[];
}

export interface PromptVerb extends Pick<Verb, 'name' | 'usage' | 'summary' | 'details'> {
  readonly takesLanguage: boolean;
  /** @throws UsageError */
  readonly read: (
    positionals: readonly string[],
    values: OptionValues,
    note: (line: string) => void,
  ) => PromptAndImages;
}

/** A verb that makes a prompt of its arguments and runs it on each picture. */
export function promptVerb(verb: PromptVerb): Verb & PromptVerb {
  return {
    ...verb,
    options: verb.takesLanguage ? ['lang', ...runOptionNames] : runOptionNames,
    async run(context) {
      const { prompt, images } = verb.read(context.positionals, context.values, line => context.terminal.note(line));
      if (images.length === 0) throw new UsageError('No picture was named.');
      // Loaded here, so that help and mistakes are answered without it.
      const { runImages } = await import('./runImages');
      return runImages(context, prompt, images);
    },
  };
}

/** First argument and the rest. @throws UsageError where it is missing. */
export function firstAndRest(positionals: readonly string[], what: string): readonly [string, readonly string[]] {
  const [first, ...rest] = positionals;
  if (first === undefined) throw new UsageError(`No ${what} was given.`);
  return [first, rest];
}

/** @throws UsageError where `list` names no object. */
export function objectPrompt(task: 'detect' | 'segment', list: string): string {
  if (!isUsableInput(task, list)) throw new UsageError('No object was named.');
  return taskPrompt({ task, language: '', input: list });
}
