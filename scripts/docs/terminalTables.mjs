// What the command line says of itself: verbs, options, codes of failures.
import { errorGroups, errorMeanings } from './errorMeanings.mjs';
import { code, table } from './markdown.mjs';

export function verbTable({ verbs }) {
  return table(
    ['command', 'what it prints or does'],
    verbs.map(({ usage, summary }) => [code(`paligemma ${usage}`), summary]),
  );
}

export function optionTable({ optionTable: options, verbs, runOptionNames }) {
  const shared = new Set(runOptionNames);
  const runners = verbs.filter(verb => runOptionNames.every(name => verb.options.includes(name))).map(verb =>
    verb.name
  );
  const rows = Object.entries(options).filter(([name]) => name !== 'help' && name !== 'version').map(
    ([name, { value, short, help }]) => {
      const takers = verbs.filter(verb => verb.options.includes(name)).map(verb => verb.name);
      const others = shared.has(name) ? takers.filter(taker => !runners.includes(taker)) : takers;
      const spelled = `--${name}${value === undefined ? '' : ` ${value}`}`;
      return [
        short === undefined ? code(spelled) : `${code(spelled)}, ${code(`-${short}`)}`,
        help,
        [...(shared.has(name) ? ['every run'] : []), ...others.map(code)].join(', '),
      ];
    },
  );
  return `"Every run" are ${runners.map(code).join(', ')}.\n\n${table(['option', 'meaning', 'taken by'], rows)}`;
}

/** The part of \`paligemma models --help\` that says what can follow. */
export function modelActions({ verbs }) {
  const lines = verbs.find(verb => verb.name === 'models').details.filter(line => line.startsWith('  '));
  return table(
    ['command', 'what it does'],
    lines.map(line => {
      const [, usage, summary] = /^ {2}(.+?) {2,}(.+)$/.exec(line);
      return [code(`paligemma models ${usage}`), summary];
    }),
  );
}

/** @throws Error where the table of failures and the words for it differ. */
export function errorTable({ failureTable }) {
  const differing = [
    ...Object.keys(failureTable).filter(reason => !Object.hasOwn(errorMeanings, reason)),
    ...Object.keys(errorMeanings).filter(reason => !Object.hasOwn(failureTable, reason)),
  ];
  if (differing.length > 0) {
    throw new Error(
      `scripts/docs/errorMeanings.mjs and paligemma/src/failures.ts differ in ${differing.join(', ')}.`,
    );
  }
  const rows = Object.entries(failureTable).sort(([, a], [, b]) => a.code - b.code)
    .map((
      [reason, { code: number, kind }],
    ) => [String(number), code(reason), errorMeanings[reason], errorGroups[Math.floor(number / 100)] ?? '', kind]);
  return table(['code', 'reason', 'what happened', 'area', 'kind'], rows);
}
