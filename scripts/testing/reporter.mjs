// Reporter of node:test for the runner: failures in full, skips with their reason, one JSON line per started and
// finished test into a file. Where several test files share a process, each is a suite at the top: what is said of it
// follows a line that names it.
import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';

const tallyFile = process.env.PALIGEMMA_TEST_TALLY;
const showPasses = process.env.PALIGEMMA_TEST_PASSES === '1';
/** How many of the outermost suites are files: 0 or 1. */
const fileLevels = process.env.PALIGEMMA_TEST_TOGETHER === '1' ? 1 : 0;

/** What node:test itself says at the end of a file. */
const summaryLine = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* report(source) {
  const names = [];
  const childrenAt = [];
  for await (const { type, data } of source) {
    if (type === 'test:dequeue') {
      record({ status: 'start', name: data.name });
    } else if (type === 'test:start') {
      if (data.nesting < fileLevels) yield fileMark(data.name);
      names.length = data.nesting;
      names[data.nesting] = data.name;
      childrenAt[data.nesting + 1] = 0;
    } else if (type === 'test:diagnostic' && showPasses && !summaryLine.test(data.message)) {
      yield `             ${data.message}\n`;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const children = childrenAt[data.nesting + 1] ?? 0;
      childrenAt[data.nesting + 1] = 0;
      childrenAt[data.nesting] = (childrenAt[data.nesting] ?? 0) + 1;
      record({ status: 'end', name: data.name });
      const file = fileLevels === 0 ? undefined : data.nesting < fileLevels ? data.name : names[0];
      const name = [...names.slice(fileLevels, data.nesting), data.name].join(' › ');
      yield* finished(type === 'test:pass', { file, name }, data, children > 0);
      if (data.nesting < fileLevels) record({ status: 'file', file, ms: data.details?.duration_ms ?? 0 });
    }
  }
}

/** A line that the runner parts the output of a process at. */
export function fileMark(file) {
  return `\0file ${file}\n`;
}

/** A test that only holds other tests is neither counted nor shown, unless it failed by itself. */
function* finished(isPass, { file, name }, data, isGroup) {
  const ms = data.details?.duration_ms ?? 0;
  const shownMs = Math.round(ms);
  const reason = skipReason(data);
  if (reason !== undefined) {
    record({ status: 'skipped', file, name });
    yield `    skipped  ${name}: ${reason}\n`;
  } else if (isPass) {
    if (isGroup || data.details?.type === 'suite') return;
    record({ status: 'passed', file, name, ms });
    if (showPasses) yield `    ok       ${name} (${shownMs} ms)\n`;
  } else {
    const error = data.details?.error;
    if (error?.failureType === 'subtestsFailed') return;
    const said = describe(error);
    record({ status: 'failed', file, name, ms, failure: said.split('\n', 1)[0] });
    yield `    FAILED   ${name} (${shownMs} ms)\n${indent(said)}\n`;
  }
}

function skipReason(data) {
  const mark = [data.skip, data.todo].find(value => value !== undefined && value !== false);
  return mark === undefined ? undefined : mark === true || mark === '' ? 'no reason given' : mark;
}

function describe(error) {
  const cause = error?.cause ?? error;
  if (!(cause instanceof Error)) return String(cause);
  // An assertion's message holds the difference already; other errors carry fields that say more.
  const text = cause.name === 'AssertionError' ? cause.stack : inspect(cause, { depth: 5, breakLength: 120 });
  return text.split('\n').filter(line => !/^ +at .*\(?node:internal\//.test(line)).join('\n');
}

function indent(text) {
  return text.split('\n').map(line => `             ${line}`).join('\n');
}

function record(entry) {
  if (tallyFile !== undefined) appendFileSync(tallyFile, `${JSON.stringify(entry)}\n`);
}
