/** What every verb of the command line is. */
import type { Terminal } from './terminal';
import type { Interrupt } from './interrupt';
import type { CommandLine, OptionName, OptionValues } from './options';

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
  /** Places in `positionals` of the words behind options that may take one. */
  readonly wordsBehind: CommandLine['wordsBehind'];
}

export interface Verb {
  readonly name: string;
  /** Without the program's name. */
  readonly usage: string;
  readonly summary: string;
  /** More lines for the verb's own help. */
  readonly details?: readonly string[];
  readonly options: readonly OptionName[];
  /** @throws UsageError; Failure; CancelledError. */
  run(context: VerbContext): Promise<ExitCode>;
}

/** Options that say which pictures there are, and how their answers are listed. */
export const pictureOptionNames = [
  'recursive',
  'files-from',
  'with-path',
  'raw',
] as const satisfies readonly OptionName[];

/** Options that say into which files the answers go. */
export const fileOptionNames = ['output', 'existing'] as const satisfies readonly OptionName[];

/** Options of every verb that runs a prompt. */
export const runOptionNames = [
  'model',
  'device',
  'gpu-layers',
  'weights',
  'adapter',
  'attention',
  'max-new-tokens',
  'show',
  'tiles',
  'json',
  'overlay',
  'no-text-layer',
  'no-cache',
] as const satisfies readonly OptionName[];
