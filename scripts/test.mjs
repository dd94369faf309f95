// `npm test`: everything that runs on this machine. Parts and path filters may be named: node scripts/test.mjs unit cli
// tokenizer
import { availableParallelism } from 'node:os';
import { ensureInstalled } from './install.mjs';

try {
  ensureInstalled();
} catch (error) {
  console.error(`npm test: ${error.message}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

// Only now: these modules import packages.
const { parts } = await import('./testing/parts.mjs');
const { endChildrenWithRunner } = await import('./testing/children.mjs');
const { runParts } = await import('./testing/run.mjs');

const byName = Object.keys(parts).filter(name => parts[name].byDefault === false);
const usage = `node scripts/test.mjs [part…] [filter…] [--no-build] [--verbose]
  parts        ${Object.keys(parts).join(', ')}; without any: all but ${byName.join(' and ')}
  filter       only the test files whose path holds one of these
  --no-build   uses dist/ as it lies there
  --verbose    names the passed tests too`;
/** As many jobs at once as there are cores; two also where there is one, since many of them wait for others. */
const slots = Math.max(2, availableParallelism());
const slowestShown = 20;

const words = process.argv.slice(2);
const flags = words.filter(word => word.startsWith('-'));
const unknown = flags.filter(flag => !['--no-build', '--verbose'].includes(flag));
if (unknown.length > 0) {
  const isHelp = flags.includes('--help');
  console.error(isHelp ? usage : `npm test: unknown option ${unknown.join(' ')}\n${usage}`);
  process.exit(isHelp ? 0 : 2);
}
const named = words.filter(word => Object.hasOwn(parts, word));
const filters = words.filter(word => !word.startsWith('-') && !Object.hasOwn(parts, word));

const started = Date.now();
/** Part → its counts, and the seconds that its jobs took together. */
const table = new Map(selectedParts().map(name => [name, { passed: 0, failed: 0, skipped: 0, seconds: 0 }]));
const tests = [];
endChildrenWithRunner(signal => {
  console.log(`\ninterrupted by ${signal}\n${closingLine(1)}`);
});

await runParts([...table.keys()], {
  filters,
  slots,
  showPasses: flags.includes('--verbose'),
  print: text => process.stdout.write(text),
  count: (part, { passed, failed, skipped }, seconds) => {
    const row = table.get(part);
    row.passed += passed;
    row.failed += failed;
    row.skipped += skipped;
    row.seconds += seconds;
  },
  ran: test => tests.push(test),
});

if (tests.length > slowestShown) {
  console.log(`the ${slowestShown} slowest tests`);
  for (const { file, name, ms } of tests.sort((a, b) => b.ms - a.ms).slice(0, slowestShown)) {
    console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  ${file.replace(/^test\//, '')}: ${name}`);
  }
}
// Once more, since a log is read from its end.
for (const { file, name, failure } of tests) {
  if (failure !== undefined) console.log(`FAILED  ${file.replace(/^test\//, '')}: ${name}: ${failure}`);
}
console.log('the parts, and the time of all that they did');
for (const [name, { passed, failed, skipped, seconds }] of table) {
  console.log(
    `${name.padEnd(12)} ${
      `${seconds.toFixed(1)} s`.padStart(8)
    }  ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}
console.log(`all in ${((Date.now() - started) / 1000).toFixed(1)} s, ${slots} at a time`);
console.log(closingLine());
process.exitCode = sum('failed') > 0 ? 1 : 0;

function closingLine(more = 0) {
  return `${sum('passed')} passed, ${sum('failed') + more} failed, ${sum('skipped')} skipped`;
}

function sum(key) {
  return [...table.values()].reduce((total, row) => total + row[key], 0);
}

/** Names in the table's order, with the build where something works on it. */
function selectedParts() {
  const all = Object.keys(parts);
  const wanted = named.length > 0
    ? all.filter(name => named.includes(name))
    : all.filter(name => parts[name].byDefault !== false && parts[name].isThere?.() !== false);
  const needsBuild = !flags.includes('--no-build') && wanted.some(name => parts[name].needsBuild === true);
  return all.filter(name => wanted.includes(name) || (name === 'build' && needsBuild))
    .filter(name => name !== 'build' || named.includes('build') || needsBuild);
}
