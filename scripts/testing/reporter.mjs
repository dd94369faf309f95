// Reporter of node:test for the runner: failures in full, skips with their reason, one JSON line per finished test into
// a file.
import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';

const tallyFile = process.env.PALIGEMMA_TEST_TALLY;
const showPasses = process.env.PALIGEMMA_TEST_PASSES === '1';

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
      const name = [...names.slice(0, data.nesting), data.name].join(' › ');
      yield* finished(type === 'test:pass', name, data, children > 0);
    }
  }
}

/** A test that only holds other tests is neither counted nor shown, unless it failed by itself. */
function* finished(isPass, name, data, isGroup) {
  const milliseconds = Math.round(data.details?.duration_ms ?? 0);
  const reason = skipReason(data);
  if (reason !== undefined) {
    record({ status: 'skipped', name });
    yield `    skipped  ${name}: ${reason}\n`;
  } else if (isPass) {
    if (isGroup || data.details?.type === 'suite') return;
    record({ status: 'passed', name });
    if (showPasses) yield `    ok       ${name} (${milliseconds} ms)\n`;
  } else {
    const error = data.details?.error;
    if (error?.failureType === 'subtestsFailed') return;
    record({ status: 'failed', name });
    yield `    FAILED   ${name} (${milliseconds} ms)\n${indent(describe(error))}\n`;
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
