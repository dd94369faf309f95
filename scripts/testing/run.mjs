// Runs parts of the tests: turns them into jobs of one queue and counts what comes of them.
import { secondsSince } from './nodeTests.mjs';
import { parts, preparations } from './parts.mjs';
import { runQueue } from './queue.mjs';
import { keepTimes, readTimes } from './times.mjs';

const oneFailure = { passed: 0, failed: 1, skipped: 0 };
const oneSkip = { passed: 0, failed: 0, skipped: 1 };
const preparing = name => `prepare ${name}`;

/**
 * @param {readonly string[]} names Of parts; those that need a build wait for it where it is among them.
 * @param {{ filters: readonly string[], slots: number, showPasses: boolean, print: (text: string) => void, count: (part:
 *   string, counts: import('./nodeTests.mjs').Counts, seconds: number) => void, ran: (test: { file: string } &
 *   import('./nodeTests.mjs').TestResult) => void }} options `count` is told of each job, `ran` of each test.
 */
export async function runParts(names, options) {
  const { filters, print, count } = options;
  const times = readTimes();
  const taken = {};
  /** Preparation → what it said, or `failure`. */
  const prepared = new Map();
  /** Parts that were reported with the reason why they cannot run. */
  const leftOut = new Set();
  let isBuilt = true;

  const jobs = names.flatMap(part => jobsOf(part));
  await runQueue(
    [...preparationJobs(), ...jobs].map(job => ({ ...job, seconds: times[job.name] ?? job.seconds })),
    options.slots,
  );
  keepTimes(taken);

  function jobsOf(part) {
    const { jobs: make, needsBuild, needs = [], uses = {} } = parts[part];
    const made = make(filters);
    if (made.length === 0) {
      print(`  FAILED: no test found in test/${part}${filters.length > 0 ? ` for ${filters.join(', ')}` : ''}\n`);
      count(part, oneFailure, 0);
    }
    const after = [...(needsBuild === true ? ['build'] : []), ...[...needs, ...Object.keys(uses)].map(preparing)];
    return made.map(job => ({ ...job, after, run: () => runJob(part, job) }));
  }

  async function runJob(part, job) {
    const obstacle = obstacleOf(part);
    if (obstacle !== undefined) {
      if (!leftOut.has(part)) {
        print(`  ${part}: ${obstacle.text}\n`);
        count(part, obstacle.counts, 0);
      }
      leftOut.add(part);
      return;
    }
    const started = Date.now();
    let results;
    try {
      const env = environmentOf(part);
      results = await job.run({ print, env, isLive: jobs.length === 1, showPasses: options.showPasses });
    } catch (error) {
      print(`  ${job.name}: FAILED: ${error.stack ?? error}\n`);
      results = [{ counts: oneFailure, tests: [] }];
    }
    taken[job.name] = secondsSince(started);
    results.forEach(({ counts }, index) => count(part, counts, index === 0 ? taken[job.name] : 0));
    for (const { file, tests } of results) for (const test of tests) options.ran({ file, ...test });
    if (part === 'build') isBuilt = results.every(({ counts }) => counts.failed === 0);
  }

  /** Why a part cannot run on this machine or on this checkout. */
  function obstacleOf(part) {
    const { needsBuild, needs = [], uses = {} } = parts[part];
    if (needsBuild === true && !isBuilt) {
      return { text: 'FAILED: not run, because the build failed', counts: oneFailure };
    }
    const failure = [...needs, ...Object.keys(uses)].map(name => prepared.get(name).failure).find(Boolean);
    if (failure !== undefined) return { text: `FAILED: ${failure}`, counts: oneFailure };
    const reason = needs.map(name => prepared.get(name).reason).find(Boolean);
    return reason === undefined ? undefined : { text: `skipped: ${reason}`, counts: oneSkip };
  }

  function environmentOf(part) {
    const { needs = [], uses = {} } = parts[part];
    const told = Object.entries(uses).map(([name, variable]) => {
      const { env, reason } = prepared.get(name);
      return env ?? { [variable]: reason };
    });
    return Object.assign({}, ...needs.map(name => prepared.get(name).env), ...told);
  }

  function preparationJobs() {
    const wanted = new Set(names.flatMap(part => [...parts[part].needs ?? [], ...Object.keys(parts[part].uses ?? {})]));
    return [...wanted].map(name => ({
      name: preparing(name),
      seconds: preparations[name].seconds,
      after: preparations[name].needsBuild === true ? ['build'] : [],
      run: async () => {
        const started = Date.now();
        const said = preparations[name].run(line => print(`  ${line}\n`));
        prepared.set(name, await said.catch(error => ({ failure: error.stack ?? String(error) })));
        taken[preparing(name)] = secondsSince(started);
      },
    }));
  }
}
