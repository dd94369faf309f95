/** Help texts, made from the tables of verbs and options. */
import { optionTable, type OptionName } from './terminal/options';
import type { Verb } from './terminal/verb';

/** All verbs, one line each. */
export function overview(verbs: readonly Verb[]): string {
  const width = Math.max(...verbs.map(verb => verb.usage.length));
  return [
    'Runs PaliGemma 2 on pictures, on this machine or on a server that you name.',
    '',
    'Usage: paligemma VERB ...',
    '',
    ...verbs.map(verb => `  ${verb.usage.padEnd(width)}  ${verb.summary}`),
    '',
    'paligemma VERB --help tells more. --version shows the version.',
    '',
    'IMAGE is a path, a pattern, a file: URL, - for standard input, or a folder with --recursive.',
    '',
    'Results go to standard output, one line each: the answer, or path, tab and answer for several pictures; control',
    'characters and backslashes in them are written as in JSON (\\n, \\t, \\\\). Progress and notes go to standard error.',
    'Exit code: 0, or 1 if a picture failed, or 2 for a command line that cannot be understood; 130 after Ctrl+C.',
    '',
    'PALIGEMMA_CACHE names the folder for converted models and results. PALIGEMMA_LOG=1 shows the log.',
  ].join('\n');
}

/** One verb with its options. */
export function verbHelp(verb: Verb): string {
  const rows = verb.options.map(name => [optionUsage(name), optionTable[name].help] as const);
  const width = Math.max(...rows.map(([usage]) => usage.length), 0);
  return [
    usageLine(verb),
    '',
    `${verb.summary[0]?.toUpperCase() ?? ''}${verb.summary.slice(1)}.`,
    ...(verb.details ?? []),
    ...(rows.length === 0 ? [] : ['', ...rows.map(([usage, help]) => `  ${usage.padEnd(width)}  ${help}`)]),
  ].join('\n');
}

export function usageLine(verb: Verb): string {
  return `Usage: paligemma ${verb.usage}${verb.options.length > 0 && verb.name !== 'lsp' ? ' [options]' : ''}`;
}

function optionUsage(name: OptionName): string {
  const row = optionTable[name];
  return 'value' in row ? `--${name} ${row.value}` : `--${name}`;
}
