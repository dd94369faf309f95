/** The command line's entry: which verb, what it returns, how the process ends. */
import path from 'node:path';
import { endForCertain } from '../../../system/src/processEnd';
import { CancelledError } from '../util/cancellation';
import { toFailure } from '../util/failure';
import { errorCode } from '../util/files';
import { packageVersion } from '../util/packageVersion';
import { systemTimers } from '../util/timers';
import { overview, usageLine, verbHelp } from './help';
import { Interrupt } from './terminal/interrupt';
import { parseCommandLine, UsageError, type CommandLine, type OptionName } from './terminal/options';
import { textFailure } from './terminal/output';
import { Terminal } from './terminal/terminal';
import { verbs } from './verbs';
import type { Verb } from './terminal/verb';

const USAGE = 2;

async function main(argv: readonly string[], distPath: string): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, systemTimers);
  const interrupt = new Interrupt(systemTimers);
  process.stdout.on('error', (error: Error) => {
    // `paligemma … | head`: the reader went away, and nobody wants the rest.
    if (errorCode(error) === 'EPIPE') return interrupt.cancel(0);
    terminal.note(`paligemma: the results cannot be written: ${error.message}`);
    interrupt.cancel(1);
  });
  process.stderr.on('error', () => undefined);
  let verb: Verb | undefined;
  try {
    // Editors add options of their own to the language server.
    const line = argv[0] === 'lsp' && !argv.includes('--help') ? languageServerLine(argv) : parseCommandLine(argv);
    if (line.values.version === true) return await answer(terminal, await packageVersion(path.dirname(distPath)));
    const [name, ...positionals] = line.positionals;
    const wantsHelp = name === 'help' || line.values.help === true;
    verb = verbs.find(candidate => candidate.name === (name === 'help' ? positionals[0] : name));
    if (wantsHelp) return await answer(terminal, verb === undefined ? overview(verbs) : verbHelp(verb));
    if (verb === undefined) {
      throw new UsageError(name === undefined ? 'No verb was given.' : `There is no verb "${name}".`);
    }
    checkOptions(verb, line);
    if (verb.name !== 'lsp') interrupt.listen(exitCode => process.exit(exitCode));
    const { values } = line;
    return await verb.run({ terminal, interrupt, distPath, positionals, values, wordsBehind: behindVerb(line) });
  } catch (error) {
    return explain(error, { terminal, interrupt, verb });
  }
}

/** Tells a failure of the whole command and returns its exit code. */
function explain(
  error: unknown,
  { terminal, interrupt, verb }: {
    readonly terminal: Terminal;
    readonly interrupt: Interrupt;
    readonly verb: Verb | undefined;
  },
): number {
  if (error instanceof UsageError) {
    terminal.note(`paligemma: ${error.message}`);
    terminal.note(
      verb === undefined ? 'Usage: paligemma VERB ...   (paligemma --help lists the verbs)' : usageLine(verb),
    );
    return USAGE;
  }
  if (error instanceof CancelledError) {
    if ((interrupt.exitCode ?? 0) > 128) terminal.note('Cancelled.');
    return interrupt.exitCode ?? 1;
  }
  terminal.note(textFailure(undefined, toFailure(error)));
  return 1;
}

function languageServerLine(argv: readonly string[]): CommandLine {
  return { positionals: ['lsp'], values: { stdio: argv.includes('--stdio') }, wordsBehind: {} };
}

/** The same, counted from the word behind the verb. */
function behindVerb({ wordsBehind }: CommandLine): CommandLine['wordsBehind'] {
  return Object.fromEntries(
    Object.entries(wordsBehind).filter(([, index]) => index > 0).map(([name, index]) => [name, index - 1]),
  );
}

/** @throws UsageError for an option of another verb. */
function checkOptions(verb: Verb, { values }: CommandLine): void {
  const foreign = (Object.keys(values) as OptionName[]).find(name => !verb.options.includes(name));
  if (foreign !== undefined) throw new UsageError(`${verb.name} takes no --${foreign}.`);
}

async function answer(terminal: Terminal, text: string): Promise<number> {
  for (const line of text.split('\n')) await terminal.print(line);
  return 0;
}

endForCertain();
void main(process.argv.slice(2), __dirname).then(exitCode => process.exit(exitCode));
