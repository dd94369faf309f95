// `npm test`: everything that runs on this machine. Parts and path filters may be named: node scripts/test.mjs unit cli
// tokenizer
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
const { seconds } = await import('./testing/nodeTests.mjs');

const byName = Object.keys(parts).filter(name => parts[name].byDefault === false);
const usage = `node scripts/test.mjs [part…] [filter…] [--no-build] [--verbose]
  parts        ${Object.keys(parts).join(', ')}; without any: all but ${byName.join(' and ')}
  filter       only the test files whose path holds one of these
  --no-build   uses dist/ as it lies there
  --verbose    names the passed tests too`;

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
const options = { filters, showPasses: flags.includes('--verbose'), print: text => process.stdout.write(text) };

const total = { passed: 0, failed: 0, skipped: 0 };
const table = [];
const closingLine = () => `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
endChildrenWithRunner(signal => {
  total.failed++;
  console.log(`\ninterrupted by ${signal}\n${closingLine()}`);
});

await runParts(selectedParts());
for (const { name, counts, time } of table) {
  console.log(
    `${name.padEnd(9)} ${
      time.padStart(8)
    }  ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
}
console.log(closingLine());
process.exitCode = total.failed > 0 ? 1 : 0;

/** Names in the table's order, with the build before what works on it. */
function selectedParts() {
  const all = Object.keys(parts);
  const wanted = named.length > 0
    ? all.filter(name => named.includes(name))
    : all.filter(name => parts[name].byDefault !== false && parts[name].isThere?.() !== false);
  const needsBuild = !flags.includes('--no-build') && wanted.some(name => parts[name].needsBuild === true);
  return all.filter(name => wanted.includes(name) || (name === 'build' && needsBuild));
}

async function runParts(names) {
  let isBuilt = true;
  for (const name of names) {
    const started = Date.now();
    console.log(`${name}`);
    let counts = { passed: 0, failed: 1, skipped: 0 };
    if (parts[name].needsBuild === true && !isBuilt) {
      console.log('  FAILED: not run, because the build failed');
    } else {
      try {
        counts = await parts[name].run(options);
      } catch (error) {
        console.log(`  FAILED: ${error.stack ?? error}`);
      }
    }
    if (name === 'build') isBuilt = counts.failed === 0;
    for (const key of Object.keys(total)) total[key] += counts[key];
    table.push({ name, counts, time: seconds(started) });
  }
}
